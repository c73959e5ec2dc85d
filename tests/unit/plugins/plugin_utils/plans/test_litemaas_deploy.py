# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import apply
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base, litemaas_deploy
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import PlanError, Readers, RunInput
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.verbs import VERBS

VERB = litemaas_deploy.VERB
SECRETS = {"litemaas/litellm-secret": "a" * 16, "litemaas/postgres-secret": "b" * 16}
ROUTE = {
    "namespace": "litemaas",
    "namespace_state": "absent",
    "openshift": True,
    "routes": True,
    "oauth_issuer": "https://oauth.apps.example.com",
    "storage_classes": [{"name": "standard", "default": True, "created": "1"}],
    "ingress_classes": [],
    "secrets": {},
    "revisions": {},
    "salt": {"stored": None, "now": None},
    "database": {"claim_state": "absent"},
    "jobs": [],
    "url": None,
    "app_url": None,
}


def refuse(given):
    raise AssertionError(given)


class Run:
    """A run over what a cluster shows, whose modules return what they are told to."""

    def __init__(self, seen=None, environment=None, phases=(), check_mode=False, settings=None, **area):
        self.request = RunInput(
            [], settings or {}, [], environment or {}, area=area, phases=phases, check_mode=check_mode
        )
        self.asked = {}

        def look(given):
            self.asked = given
            return ROUTE if seen is None else seen

        self.plan, self.warnings = VERB.plan(self.request, Readers(refuse, refuse, look))

    def arguments(self, step):
        return VERB.steps[step].arguments(self.plan, base.held(self.request, VERB.table))

    def does(self, step, **returned):
        found = self.arguments(step)
        self.plan.done[step] = returned
        return found


def kinds(arguments):
    return [f"{obj['kind']}/{obj['metadata']['name']}" for obj in arguments["objects"]]


def first(run, **returned):
    return run.does("namespace", **{"objects": [], "to_apply": [], "leftovers": {}, **returned})


def env(arguments, deployment):
    obj = next(
        each for each in arguments["objects"] if (each["kind"], each["metadata"]["name"]) == ("Deployment", deployment)
    )
    return {each["name"]: each.get("value") for each in obj["spec"]["template"]["spec"]["containers"][0]["env"]}


def everything(run):
    """The names of all that is to come, as the first apply returns them."""
    to_come = [obj for objects in run.plan.objects.values() for obj in objects]
    return [
        {"kind": o["kind"], "name": o["metadata"]["name"], "namespace": o["metadata"].get("namespace")} for o in to_come
    ]


MADE = {
    "secrets": {
        "litemaas/litellm-secret": {"action": "created", "made": ["X"], "fingerprints": {"LITELLM_SALT_KEY": "f" * 32}},
        "litemaas/postgres-secret": {"action": "created", "made": ["X"], "fingerprints": {}},
    },
    "revisions": SECRETS,
}


def test_the_verb_is_known():
    assert VERBS["litemaas_deploy"] is VERB


def test_the_cluster_is_asked_for_what_the_input_names():
    assert Run().asked == {
        "namespace": "litemaas",
        "set": "default",
        "secrets": ["litellm-secret", "postgres-secret"],
        "salt_secret": "litellm-secret",
    }


def test_everything_wrong_is_refused_before_the_first_write():
    with pytest.raises(PlanError) as refused:
        Run({**ROUTE, "storage_classes": []}, image="l:v1.82.7", replicas=0)
    for path in ("litemaas_image", "litemaas_replicas", "litemaas_database.storage_class"):
        assert path in str(refused.value)


def test_another_salt_is_refused():
    with pytest.raises(PlanError, match="no other salt can read"):
        Run({**ROUTE, "salt": {"stored": "a", "now": "b"}})


def test_the_first_apply_refuses_for_all():
    run = Run()
    arguments = first(run)
    assert kinds(arguments) == ["Namespace/litemaas"]
    to_come = {f"{obj['kind']}/{obj['metadata']['name']}" for obj in arguments["objects_to_come"]}
    assert {"StatefulSet/postgres", "Deployment/litellm", "Route/litellm"} <= to_come
    assert apply.input_problems(arguments["objects"], {}) == []
    assert arguments["leftovers_of"]["set"] == "litemaas.default"
    assert arguments["leftovers_of"]["instances"] == ["shared", "database", "gateway"]


def test_it_does_so_where_the_namespace_is_that_of_others_too():
    arguments = first(Run({**ROUTE, "namespace_state": "unmanaged"}))
    assert arguments["objects"] == [] and arguments["objects_to_come"]


def test_secrets_are_made_between_the_namespace_and_what_reads_them():
    run = Run()
    first(run, to_apply=everything(run))
    assert [each["name"] for each in run.does("secrets", **MADE)["secrets"]] == ["litellm-secret", "postgres-secret"]
    database = run.does("database")
    salt = next(obj for obj in database["objects"] if obj["metadata"]["name"] == "litellm-salt")
    assert salt["data"] == {"fingerprint": "f" * 32} and salt["immutable"] is True
    assert env(run.arguments("gateway"), "litellm")["LLAMASTACK_MAAS_REVISION"]


def test_what_was_made_is_what_a_second_run_reads():
    """So that no pod is rolled by it."""
    run = Run()
    first(run, to_apply=everything(run))
    run.does("secrets", **MADE)
    revisions = {name.partition("/")[2]: digits for name, digits in SECRETS.items()}
    again = Run({**ROUTE, "revisions": revisions, "salt": {"stored": "f" * 32, "now": "f" * 32}})
    for step, phase in (("database", "database"), ("gateway", "gateway")):
        assert run.arguments(step)["objects"] == again.plan.objects[phase]


def test_where_all_is_there_no_module_is_started():
    run = Run({**ROUTE, "salt": {"stored": "f", "now": "f"}})
    first(run)
    run.does("secrets", secrets={}, revisions={})
    assert [run.arguments(step) for step in ("database", "migration", "migrated", "gateway", "pages", "app")] == [
        None
    ] * 6
    assert run.arguments("prune") is None


def test_the_backend_gets_the_hosts_that_were_given():
    run = Run(app={"admin_users": "jo"})
    first(run, to_apply=everything(run))
    run.does("secrets", **MADE)
    assert kinds(run.does("pages")) == ["Route/litemaas"]
    waited = [f"{obj['kind']}/{obj['metadata']['name']}" for obj in run.arguments("ready")["objects"]]
    assert waited == ["StatefulSet/postgres", "Deployment/litellm", "Route/litellm", "Route/litemaas"]
    run.does("ready", url="https://llm.example.com", app_url="https://app.example.com", objects=[])
    found = env(run.arguments("app"), "litemaas-backend")
    assert found["OAUTH_CALLBACK_URL"] == "https://app.example.com/api/auth/callback"
    assert found["LITELLM_API_URL"] == "https://llm.example.com"


OIDC = {"oidc": {"issuer": "https://i.example.com", "client_id": "c", "client_secret_env": "OIDC_SECRET"}}


def test_the_secret_of_an_openid_client_comes_from_the_environment_and_stays_out_of_the_plan():
    run = Run(environment={"OIDC_SECRET": "client-secret-0123"}, app=OIDC)
    first(run, to_apply=everything(run))
    arguments = run.arguments("app")
    assert arguments["secret_data"] == {"litemaas/backend-oidc-secret": {"OAUTH_CLIENT_SECRET": "client-secret-0123"}}
    assert apply.input_problems(arguments["objects"], arguments["secret_data"]) == []
    assert "client-secret-0123" not in str(run.plan)
    with pytest.raises(PlanError, match="OIDC_SECRET is not set"):
        Run(app=OIDC)


def test_several_replicas_are_migrated_by_a_job_and_the_one_of_the_image_before_goes():
    run = Run({**ROUTE, "jobs": ["litellm-migration-0123456789", "litellm-backup-1"]}, replicas=2)
    first(run, to_apply=everything(run))
    run.does("secrets", **MADE)
    job = next(name for name in kinds(run.does("migration")) if name.startswith("Job/"))
    assert job in [f"{obj['kind']}/{obj['metadata']['name']}" for obj in run.arguments("migrated")["objects"]]
    assert [each["metadata"]["name"] for each in run.arguments("prune")["objects"]] == ["litellm-migration-0123456789"]
    assert any("up to 60 s" in each["message"] for each in run.warnings)


def test_a_part_that_is_no_longer_asked_for_goes_only_where_that_is_asked_for():
    left = {"app": [{"apiVersion": "v1", "kind": "Service", "metadata": {"name": "litemaas-frontend"}}]}
    run = Run()
    first(run, leftovers=left)
    assert run.arguments("prune") is None
    assert any("no longer asked for: app (Service litemaas-frontend)" in line for line in VERB.outcome(run.plan).lines)
    pruning = Run(settings={"prune": True})
    first(pruning, leftovers=left)
    assert pruning.arguments("prune")["objects"] == left["app"]


def test_what_another_role_returned_is_no_variable():
    request = RunInput([], {}, ["litemaas_database_result"], {}, area={}, phases=("migration", "gateway"))
    assert VERB.plan(request, Readers(refuse, refuse, lambda given: ROUTE))


@pytest.mark.parametrize(
    "phases, steps",
    [
        (("namespace", "secrets", "database"), {"namespace", "secrets", "database", "ready"}),
        (("migration", "gateway"), {"gateway", "ready"}),
        (("app",), {"pages", "ready", "app", "app_ready"}),
    ],
)
def test_a_role_alone_does_its_phases(phases, steps):
    run = Run(phases=phases, app={})
    assert {step for step in VERB.steps if run.arguments(step) is not None} == steps


def test_the_end_says_where_it_is_and_who_gets_in_by_what():
    run = Run(app={})
    first(run, objects=[{"kind": "Namespace", "changed": True, "action": "created", "instance": None}])
    run.does("secrets", **MADE)
    ready = {"kind": "Deployment", "name": "litellm", "ready": True, "state": "ready"}
    run.does("ready", url="https://llm.example.com", app_url="https://app.example.com", objects=[ready])
    outcome = VERB.outcome(run.plan)
    text = "\n".join(outcome.lines)
    assert "callers     https://llm.example.com/v1" in text and "admin page  https://llm.example.com/ui/" in text
    assert "user      admin" in text and "Secret litemaas/litellm-secret, key UI_PASSWORD" in text
    assert "LiteMaaS    https://app.example.com" in text
    assert outcome.published["parts"]["gateway"] == {"state": "ready", "changed": ["created Secret"]}
    assert outcome.published["parts"]["shared"] == {"state": "applied", "changed": ["created Namespace"]}
    assert outcome.problem == ""


def test_in_check_mode_nothing_is_known_to_be_ready():
    run = Run(check_mode=True)
    assert set(litemaas_deploy._states(run.plan).values()) == {"planned"}


def test_what_programs_say_is_shown_without_the_password_of_the_proxy():
    run = Run(settings={"egress": {"proxy": "http://jo:p%40ssw0rd-of-proxy@proxy.example.com:3128"}})
    assert {"p@ssw0rd-of-proxy", "p%40ssw0rd-of-proxy"} <= {*run.arguments("ready")["masking"]["values"]}
