# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
import re

import pytest
import yaml
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import apply, generated
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import LABEL_SET, owner_of
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import names
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import installation as given
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import litemaas_check
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas import gateway, installation, parts

SEEN = {
    "namespace": "litemaas",
    "namespace_state": "absent",
    "openshift": False,
    "routes": False,
    "oauth_issuer": None,
    "ingress_classes": None,
    "storage_classes": [{"name": "standard", "default": True, "created": "1"}],
    "secrets": {},
    "salt": {"stored": None, "now": None},
    "database": {},
}
OPENSHIFT = {**SEEN, "openshift": True, "routes": True, "oauth_issuer": "https://oauth-openshift.apps.example.com"}
APP = {"app": {}, "app_host": "litemaas.apps.example.com"}
OIDC = {"oidc": {"issuer": "https://sso.example.com", "client_id": "litemaas", "client_secret_env": "OIDC_SECRET"}}


def made(seen=None, **area):
    seen = SEEN if seen is None else seen
    area = {"host": "llm.example.com", **area}
    values, problems = litemaas_check.run_values({}, area)
    completed = given.complete(values, seen, {"OIDC_SECRET": "s"})
    assert problems == [] and completed.findings.errors == []
    return completed.installation


def objects(seen=None, revisions=None, url=None, app_url=None, **area):
    plan = parts.Blueprint(made(seen, **area), revisions or {}, url, app_url)
    found = [obj for phase in installation.PHASES for obj in installation.objects(phase, plan)]
    by_name = {}
    for obj in found:
        key = f"{obj['kind']}/{obj['metadata']['name']}"
        assert by_name.setdefault(key, obj) == obj
    return by_name


def pod(obj):
    return obj["spec"]["template"]["spec"]


def container(obj, name=None):
    return next(each for each in pod(obj)["containers"] if name in (None, each["name"]))


def env(obj):
    return {each["name"]: each for each in container(obj)["env"]}


def value(obj, name):
    return env(obj)[name]["value"]


EVERYTHING = [
    {},
    {"replicas": 3, "redis": {"host": "redis.example.com", "secret": {"name": "redis", "key": "password"}}},
    {**APP, "app": OIDC},
]


@pytest.mark.parametrize("area", EVERYTHING)
def test_every_object_is_ours_and_can_be_applied(area):
    found = list(objects(**area).values())
    data = {f"litemaas/{each['metadata']['name']}": {"a": "b"} for each in found if each["kind"] == "Secret"}
    assert apply.input_problems(found, data) == []
    assert {owner_of(each).set for each in found} == {"litemaas.default"}
    assert all(each["metadata"].get("namespace") == "litemaas" for each in found if each["kind"] != "Namespace")
    json.dumps(found)


def test_names_are_those_that_peoples_commands_use():
    found = objects(OPENSHIFT, host=None, app={})
    assert {
        *("StatefulSet/postgres", "Service/postgres", "Deployment/litellm", "Service/litellm", "Route/litellm"),
        *("Route/litemaas", "Deployment/litemaas-backend", "Deployment/litemaas-frontend", "Namespace/litemaas"),
    } <= set(found)
    secrets = installation.generated(made(OPENSHIFT, app={}))
    assert [each["name"] for each in secrets] == ["litellm-secret", "postgres-secret", "backend-secret"]
    assert list(secrets[0]["fields"]) == ["LITELLM_MASTER_KEY", "LITELLM_SALT_KEY", "UI_USERNAME", "UI_PASSWORD"]


@pytest.mark.parametrize("area", EVERYTHING)
def test_no_secret_stands_in_an_object(area):
    """Whatever holds one refers to a field of a Secret."""
    for obj in objects(**area).values():
        if obj["kind"] in ("Deployment", "StatefulSet", "Job"):
            for each in pod(obj)["containers"]:
                for variable in each["env"]:
                    if re.search("PASSWORD|SECRET|_KEY", variable["name"]):
                        assert "secretKeyRef" in variable["valueFrom"], variable


def test_every_field_that_a_pod_wants_is_made():
    area = {**APP, "app": OIDC}
    fields = {each["name"]: set(each["fields"]) for each in installation.generated(made(**area))}
    fields[names.OIDC_SECRET] = {names.OAUTH_CLIENT_SECRET}
    for obj in objects(**area).values():
        if obj["kind"] not in ("Deployment", "StatefulSet"):
            continue
        for each in [*pod(obj)["containers"], *pod(obj).get("initContainers", [])]:
            for variable in each.get("env", []):
                reference = (variable.get("valueFrom") or {}).get("secretKeyRef")
                assert reference is None or reference["key"] in fields[reference["name"]]


def test_each_program_has_a_database_and_a_role_of_its_own():
    found = objects(**APP | {"app": OIDC})
    litellm, backend = env(found["Deployment/litellm"]), env(found["Deployment/litemaas-backend"])
    assert (litellm["PGDATABASE"]["value"], litellm["PGUSER"]["value"]) == ("litellm_db", "litellm")
    assert (backend["PGDATABASE"]["value"], backend["PGUSER"]["value"]) == ("litemaas_db", "litemaas")
    assert litellm["PGPASSWORD"]["valueFrom"]["secretKeyRef"] == {"name": "postgres-secret", "key": "LITELLM_PASSWORD"}
    assert backend["PGPASSWORD"]["valueFrom"]["secretKeyRef"] == {"name": "postgres-secret", "key": "LITEMAAS_PASSWORD"}
    sql = found["ConfigMap/postgres-databases"]["data"]["databases.sql"]
    for name in ("litellm_db", "litemaas_db"):
        assert re.search(rf"CREATE DATABASE {name} OWNER \w+'\s+WHERE NOT EXISTS", sql)


def test_the_url_of_a_server_without_tls_says_so():
    """Otherwise the backend serves invented data, and calls itself healthy."""
    backend = objects(**APP | {"app": OIDC})["Deployment/litemaas-backend"]
    assert value(backend, "DATABASE_URL").endswith("/$(PGDATABASE)?sslmode=disable")
    assert value(backend, "LITELLM_DATABASE_URL").endswith("/litellm_db?sslmode=disable")
    assert value(backend, "NODE_ENV") == "production"


def test_variables_that_others_are_made_of_come_first():
    for obj in objects(**APP | {"app": OIDC}).values():
        if obj["kind"] in ("Deployment", "StatefulSet"):
            for each in [*pod(obj)["containers"], *pod(obj).get("initContainers", [])]:
                known = set()
                for variable in each.get("env", []):
                    assert set(re.findall(r"(?<!\$)\$\((\w+)\)", variable.get("value", ""))) <= known
                    assert variable["name"] not in known
                    known.add(variable["name"])


def test_litellm_starts_as_the_facts_demand():
    found = objects()
    litellm = found["Deployment/litellm"]
    settings = {name: each.get("value") for name, each in env(litellm).items()}
    assert settings["STORE_MODEL_IN_DB"] == "True" and settings["LITELLM_MODE"] == "PRODUCTION"
    assert settings["HF_HUB_OFFLINE"] == "1" and settings["LITELLM_LOCAL_MODEL_COST_MAP"] == "True"
    assert settings["DISABLE_SCHEMA_UPDATE"] == "false"
    for name in ("LITELLM_MASTER_KEY", "LITELLM_SALT_KEY"):
        assert env(litellm)[name]["valueFrom"]["secretKeyRef"] == {"name": "litellm-secret", "key": name}
    assert litellm["spec"]["minReadySeconds"] > 0
    assert container(litellm)["resources"]["limits"]["memory"] == "2Gi"
    probes = {kind: container(litellm)[f"{kind}Probe"] for kind in ("startup", "readiness", "liveness")}
    assert probes["startup"]["periodSeconds"] * probes["startup"]["failureThreshold"] >= 150
    assert all(each["timeoutSeconds"] == 10 and each["failureThreshold"] >= 6 for each in probes.values())
    assert probes["readiness"]["httpGet"]["path"] == "/health/readiness"
    assert probes["liveness"]["httpGet"]["path"] == "/health/liveliness"
    assert [each["name"] for each in pod(litellm)["initContainers"]] == ["wait-for-database"]
    assert "--config" in container(litellm)["args"]


@pytest.mark.parametrize("seen, chosen", [(SEEN, True), (OPENSHIFT, False)])
def test_pods_run_with_any_user_id(seen, chosen):
    area = {"host": "llm.example.com"}
    for obj in objects(seen, **area).values():
        if obj["kind"] in ("Deployment", "StatefulSet"):
            security = pod(obj)["securityContext"]
            assert security["runAsNonRoot"] is True and ("runAsUser" in security) is chosen
            for each in [*pod(obj)["containers"], *pod(obj).get("initContainers", [])]:
                assert each["securityContext"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def test_a_job_migrates_before_several_replicas_start():
    assert not [name for name in objects() if name.startswith("Job/")]
    several = {"replicas": 2, "redis": {"host": "redis"}}
    found = objects(**several)
    job = next(obj for name, obj in found.items() if name.startswith("Job/"))
    assert value(found["Deployment/litellm"], "DISABLE_SCHEMA_UPDATE") == "true"
    assert value(job, "DISABLE_SCHEMA_UPDATE") == "false"
    assert container(job)["args"][-1] == "--skip_server_startup" and pod(job)["restartPolicy"] == "Never"
    again = objects(**several, image="ghcr.io/berriai/litellm-non_root:v1.109.0")
    assert job["metadata"]["name"] not in [obj["metadata"]["name"] for obj in again.values()]
    assert gateway.migration_name(made(**several)) == gateway.migration_name(made(**{**several, "replicas": 3}))


def test_redis_stands_in_the_mounted_file():
    """Environment variables alone do nothing."""
    redis = {"host": "redis.example.com", "port": 6380, "ssl": True, "secret": {"name": "redis", "key": "pw"}}
    found = objects(replicas=2, redis=redis)
    text = found["ConfigMap/litellm-config"]["data"]["config.yaml"]
    assert yaml.safe_load(text)["general_settings"]["coordination_redis"] == {
        "host": "redis.example.com",
        "port": 6380,
        "password": "os.environ/REDIS_PASSWORD",
        "ssl": True,
    }
    litellm = found["Deployment/litellm"]
    assert env(litellm)["REDIS_PASSWORD"]["valueFrom"]["secretKeyRef"] == {"name": "redis", "key": "pw"}
    mounts = {each["name"]: each["mountPath"] for each in container(litellm)["volumeMounts"]}
    assert mounts["litellm-config"] == "/etc/litellm"
    assert yaml.safe_load(objects()["ConfigMap/litellm-config"]["data"]["config.yaml"])["general_settings"]


def revision(obj):
    return value(obj, parts.REVISION)


def test_what_a_pod_reads_rolls_it():
    def of(**more):
        found = objects(**{**APP, "app": OIDC, **more})
        return [
            revision(found[name])
            for name in ("Deployment/litellm", "Deployment/litemaas-backend", "StatefulSet/postgres")
        ]

    assert of() == of()
    changed = of(revisions={"litellm-secret": "b"})
    assert [one == other for one, other in zip(of(), changed)] == [False, False, True]
    changed = of(revisions={"postgres-secret": "b"})
    assert [one == other for one, other in zip(of(), changed)] == [False, False, False]
    changed = of(redis={"host": "redis"})
    assert [one == other for one, other in zip(of(), changed)] == [False, True, True]


@pytest.mark.parametrize(
    "image, variables, mount",
    [
        (
            "quay.io/sclorg/postgresql-16-c9s:1",
            {"POSTGRESQL_ADMIN_PASSWORD", "POSTGRESQL_MAX_CONNECTIONS"},
            "/var/lib/pgsql/data",
        ),
        ("docker.io/library/postgres:16-alpine", {"POSTGRES_PASSWORD", "PGDATA"}, "/var/lib/postgresql/data"),
        ("postgres:18", {"POSTGRES_PASSWORD"}, "/var/lib/postgresql"),
    ],
)
def test_the_names_of_variables_are_those_of_the_image(image, variables, mount):
    server = objects(database={"image": image, "max_connections": 150})["StatefulSet/postgres"]
    family = {"POSTGRES_PASSWORD", "PGDATA", "POSTGRESQL_ADMIN_PASSWORD", "POSTGRESQL_MAX_CONNECTIONS"}
    assert set(env(server)) & family == variables
    mounts = {each["name"]: each["mountPath"] for each in container(server)["volumeMounts"]}
    assert mounts["postgres-storage"] == mount
    assert "150" in json.dumps(container(server))


def test_an_external_database_is_logged_in_to_as_its_secret_says():
    fields = ["dbname", "host", "password", "port", "uri", "username"]
    cnpg = {"exists": True, "managed": False, "fields": fields, "empty_fields": [], "unfit_for_url": []}
    seen = {**SEEN, "secrets": {"pg-app": cnpg}}
    external = {"secret": {"name": "pg-app"}, "ca": {"name": "pg-ca", "key": "ca.crt"}}
    found = objects(seen, database={"external": external})
    assert not [name for name in found if name.split("/")[1].startswith("postgres")]
    litellm = found["Deployment/litellm"]
    url = "$(DATABASE_URI)?sslmode=require&sslaccept=strict&sslcert=/etc/litemaas/database-ca/ca.crt"
    assert value(litellm, "DATABASE_URL") == url
    wait = {each["name"]: each.get("value") for each in pod(litellm)["initContainers"][0]["env"]}
    assert wait["PGSSLMODE"] == "verify-full" and wait["PGSSLROOTCERT"] == "/etc/litemaas/database-ca/ca.crt"
    assert [each["name"] for each in installation.generated(made(seen, database={"external": external}))] == [
        "litellm-secret"
    ]


def test_a_route_lets_models_take_their_time():
    route = objects(OPENSHIFT, host=None)["Route/litellm"]
    assert route["metadata"]["annotations"]["haproxy.router.openshift.io/timeout"] == "600s"
    assert "host" not in route["spec"] and route["spec"]["tls"]["insecureEdgeTerminationPolicy"] == "Redirect"


def test_elsewhere_an_ingress_does():
    found = objects(tls_secret="llm-tls")
    ingress = found["Ingress/litellm"]
    assert ingress["spec"]["rules"][0]["host"] == "llm.example.com"
    assert ingress["spec"]["tls"] == [{"hosts": ["llm.example.com"], "secretName": "llm-tls"}]
    assert "Route/litellm" not in found
    assert not [name for name in objects(expose="none") if name.startswith(("Ingress", "Route"))]


def test_users_log_in_by_the_service_account_of_the_backend():
    found = objects(OPENSHIFT, app={"admin_users": ["jo", "ann"]}, url="https://llm", app_url="https://app")
    backend = found["Deployment/litemaas-backend"]
    annotations = found["ServiceAccount/litemaas-backend"]["metadata"]["annotations"]
    reference = json.loads(annotations["serviceaccounts.openshift.io/oauth-redirectreference.litemaas"])
    assert reference["reference"] == {"kind": "Route", "name": "litemaas"}
    assert value(backend, "OAUTH_CLIENT_ID") == "system:serviceaccount:litemaas:litemaas-backend"
    assert value(backend, "OAUTH_ISSUER") == OPENSHIFT["oauth_issuer"]
    assert value(backend, "OAUTH_CALLBACK_URL") == "https://app/api/auth/callback"
    assert value(backend, "LITELLM_API_URL") == "https://llm" and value(backend, "INITIAL_ADMIN_USERS") == "jo,ann"
    secret = env(backend)["OAUTH_CLIENT_SECRET"]["valueFrom"]["secretKeyRef"]
    assert secret == {"name": "litemaas-backend-token", "key": "token"}
    assert found["Secret/litemaas-backend-token"]["type"] == "kubernetes.io/service-account-token"


@pytest.mark.parametrize("area", EVERYTHING)
def test_the_secrets_are_asked_for_as_the_module_takes_them(area):
    secrets = installation.generated(made(**area))
    assert generated.input_problems(secrets) == []


def test_the_admin_key_has_the_prefix_that_the_backend_demands():
    backend = installation.generated(made(**{**APP, "app": OIDC}))[-1]
    assert backend["fields"]["ADMIN_API_KEY"]["prefix"] == "ltm_admin_"


def policies(**area):
    return {
        name.split("/")[1]: obj["spec"] for name, obj in objects(**area).items() if name.startswith("NetworkPolicy/")
    }


def selects(spec):
    return spec["podSelector"]["matchLabels"]


def test_nobody_calls_anybody_but_for_what_is_said():
    found = policies(**{**APP, "app": OIDC})
    deny = found["litemaas-default-deny"]
    assert deny["policyTypes"] == ["Ingress", "Egress"] and "ingress" not in deny and "egress" not in deny
    for obj in objects(**{**APP, "app": OIDC}).values():
        if obj["kind"] in ("Deployment", "StatefulSet"):
            labels = obj["spec"]["template"]["metadata"]["labels"]
            assert selects(deny).items() <= labels.items()
    assert found["postgres"]["ingress"] == [
        {
            "from": [{"podSelector": {"matchLabels": {**selects(deny), names.LABEL_DATABASE_CLIENT: "true"}}}],
            "ports": [{"protocol": "TCP", "port": 5432}],
        }
    ]
    caller = found["litemaas-backend"]["ingress"][0]["from"]
    assert caller == [{"podSelector": {"matchLabels": names.pod_selector("litemaas-frontend", "default")}}]
    # An empty selector would let everybody in.
    assert all(selects(spec) for spec in found.values())


def test_only_those_with_a_login_reach_the_database():
    found = objects(**{**APP, "app": OIDC})
    clients = {
        name: obj["spec"]["template"]["metadata"]["labels"].get(names.LABEL_DATABASE_CLIENT)
        for name, obj in found.items()
        if obj["kind"] in ("Deployment", "StatefulSet")
    }
    assert clients == {
        "Deployment/litellm": "true",
        "Deployment/litemaas-backend": "true",
        "Deployment/litemaas-frontend": None,
        "StatefulSet/postgres": None,
    }


def test_a_node_can_be_drained():
    budgets = [obj for name, obj in objects(**{**APP, "app": OIDC}).items() if name.startswith("PodDisruptionBudget/")]
    assert len(budgets) == 4 and all(each["spec"]["maxUnavailable"] == 1 for each in budgets)


def test_selectors_are_of_one_set():
    for obj in objects(**{**APP, "app": OIDC}).values():
        if obj["kind"] == "Service":
            assert obj["spec"]["selector"][LABEL_SET] == "litemaas.default"
        if obj["kind"] in ("Deployment", "StatefulSet"):
            labels = obj["spec"]["template"]["metadata"]["labels"]
            assert obj["spec"]["selector"]["matchLabels"].items() <= labels.items()


def test_a_namespace_of_others_is_left_alone():
    assert "Namespace/litemaas" not in objects({**SEEN, "namespace_state": "unmanaged"})
    assert "Namespace/litemaas" not in objects({**SEEN, "namespace_state": "unknown"})


def test_a_removal_by_names_finds_whatever_there_may_be():
    known = {
        (obj["kind"], obj["metadata"]["name"], owner_of(obj))
        for part in (names.APP, names.GATEWAY, names.DATABASE, names.SHARED)
        for obj in installation.everything(part, "litemaas", "default", made()["secrets"])
    }
    for seen, area in ((SEEN, {}), (SEEN, {**APP, "app": OIDC}), (OPENSHIFT, {"host": None, "app": {}})):
        found = {(obj["kind"], obj["metadata"]["name"], owner_of(obj)) for obj in objects(seen, **area).values()}
        assert {each for each in found if each[0] != "Namespace"} <= known
        for secret in installation.generated(made(seen, **area)):
            assert ("Secret", secret["name"], owner_of({"metadata": secret})) in known
