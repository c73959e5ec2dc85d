# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.cluster_view import ClusterView, Listing
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import seconds
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import labels
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import Listed
from ansible_collections.llamastack.maas.plugins.module_utils.maas.status import Sources, of_all, unread, unseen

MAAS = "maas.opendatahub.io/v1alpha1"
SERVING = "serving.kserve.io/v1alpha2"
READY_AT = "2026-11-21T15:10:00Z"
PUBLISHED_AT = "2026-11-21T15:20:00Z"
NOW = "2026-11-21T16:00:00Z"

GROUPS = {
    "LLMInferenceService": (SERVING, "LLMInferenceService", "llm"),
    "Deployment": ("apps/v1", "Deployment", "llm"),
    "Pod": ("v1", "Pod", "llm"),
    "ConfigMap": ("v1", "ConfigMap", "llm"),
    "Secret": ("v1", "Secret", "llm"),
    "MaaSModelRef": (MAAS, "MaaSModelRef", "llm"),
    "MaaSAuthPolicy": (MAAS, "MaaSAuthPolicy", "models-as-a-service"),
    "MaaSSubscription": (MAAS, "MaaSSubscription", "models-as-a-service"),
}


class FakeCluster:
    server_time = seconds(NOW)

    def __init__(self, *objects, closed=()):
        self.objects, self.closed = objects, closed

    def list(self, api_version, kind, namespace, labels=None, metadata_only=False):
        if kind in self.closed:
            raise ApiError("GET", f"/{kind}", 403, "no")
        return [obj for obj in self.objects if obj["kind"] == kind]


def made(kind, name, *, spec=None, state=None, set_name="default", instance="gem", **metadata):
    api_version, _kind, namespace = GROUPS[kind]
    described = {"name": name, "namespace": namespace, "generation": 1, "labels": labels(instance, "llm", set_name)}
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {**described, **metadata},
        "spec": spec or {},
        "status": state or {},
    }


def ready(since):
    return [{"type": "Ready", "status": "True", "lastTransitionTime": since}]


def service(name="gem", image="a:1"):
    container = {
        "name": "main",
        "image": image,
        "env": [{"name": "LLAMASTACK_MAAS_CONFIG_REVISION", "value": "abc"}],
    }
    spec = {"template": {"containers": [container]}}
    state = {"conditions": ready(READY_AT), "observedGeneration": 1, "url": f"https://maas/llm/{name}"}
    return made("LLMInferenceService", name, spec=spec, state=state, instance=name)


def deployment(name="gem"):
    state = {"observedGeneration": 1, "replicas": 1, "updatedReplicas": 1, "availableReplicas": 1, "readyReplicas": 1}
    return made("Deployment", f"{name}-kserve", spec={"replicas": 1}, state=state)


def pod(restarts=2):
    state = {"conditions": ready(READY_AT), "containerStatuses": [{"name": "main", "restartCount": restarts}]}
    return made(
        "Pod", "gem-kserve-1-a", state=state, creationTimestamp=READY_AT, labels={"app.kubernetes.io/name": "gem"}
    )


def registration():
    refs = [{"name": "gem", "namespace": "llm", "tokenRateLimits": [{"limit": 5, "window": "1m"}]}]
    whom = {"groups": [{"name": "data-science"}], "users": []}
    active = {"phase": "Active", "conditions": ready(PUBLISHED_AT)}
    return [
        made("MaaSModelRef", "gem", spec={"modelRef": {"name": "gem"}}, state={**active, "phase": "Ready"}),
        made("MaaSAuthPolicy", "llm-gem", spec={"modelRefs": refs, "subjects": whom}, state=active),
        made("MaaSSubscription", "llm-gem", spec={"modelRefs": refs, "owner": whom}, state=active),
    ]


def secret():
    entry = {"manager": "llamastack.maas", "operation": "Apply", "time": READY_AT, "fieldsV1": {}}
    return made("Secret", "gem-credentials", managedFields=[entry])


INSTANCE = {
    "name": "gem",
    "namespace": "llm",
    "credentials": {"origin": "environment variable KEY", "secret": {"name": "gem-credentials", "managed": True}},
}


@pytest.fixture
def look(b2):
    """Looks at a cluster that holds some objects."""

    def call(*objects, instances=(INSTANCE,), wanted=(), closed=(), **more):
        view = ClusterView(FakeCluster(*objects, closed=closed), [Listing(group) for group in GROUPS.values()])
        registering = ["MaaSModelRef", "MaaSAuthPolicy", "MaaSSubscription"]
        by_name = {**dict.fromkeys(unseen(view, "llm", instances, wanted)), **more.pop("by_name", {})}
        generation = more.pop("generation", b2)
        sources = Sources("llm", "default", generation, instances, view, wanted, registering, by_name=by_name, **more)
        return of_all(sources), unread(view)

    return call


def test_a_ready_instance_since_its_last_part_was_ready(look):
    found, closed = look(service(), deployment(), pod(), secret(), *registration(), wanted=registration())
    gem = found["gem"]
    assert (gem["state"], gem["reason"], gem["since"]) == ("ready", "", PUBLISHED_AT)
    assert (gem["replicas"], gem["restarts"], gem["url"]) == ({"ready": 1, "wanted": 1}, 2, "https://maas/llm/gem")
    assert (gem["image"], gem["config_revision"]) == ("a:1", "abc")
    assert closed == []


def test_the_age_of_our_own_secret_counts_from_when_it_was_written(look):
    credential = look(service(), secret())[0]["gem"]["credential"]
    assert credential["written"] == READY_AT and credential["age"] == 3000.0
    assert credential["source"] == "environment variable KEY"


@pytest.mark.parametrize(
    ("credentials", "closed", "note"),
    [
        (
            {"origin": "Secret corp", "secret": {"name": "corp", "managed": False}},
            (),
            "others keep this Secret, and it does not exist",
        ),
        ({"origin": "", "secret": None}, (), "it has none"),
        (INSTANCE["credentials"], (), "there is no managed one; one that others make is known by credentials_secret"),
    ],
)
def test_an_age_that_is_not_known_is_unknown(look, credentials, closed, note):
    found, _closed = look(service(), instances=[{**INSTANCE, "credentials": credentials}], closed=closed)
    assert found["gem"]["credential"]["age"] is None and found["gem"]["credential"]["note"] == note


@pytest.mark.parametrize("of_service", [None, 0, 3])
def test_what_is_scaled_to_0_is_not_ready(look, of_service):
    served, rollout = service(), deployment()
    rollout["spec"]["replicas"] = 0
    if of_service is not None:
        served["spec"]["replicas"] = of_service
    gem = look(served, rollout, secret(), *registration(), wanted=registration())[0]["gem"]
    assert (gem["state"], gem["replicas"]["wanted"]) == ("scaled to 0", 0)
    assert gem["reason"].startswith("Deployment: ScaledToZero: it has 0 replicas")
    assert ("asks for 3" in gem["reason"]) is (of_service == 3)


def theirs(kind, name):
    return made(kind, name, labels={})


SECRET_REF = Ref("v1", "Secret", "llm", "gem-credentials")


@pytest.mark.parametrize(
    "other", [theirs("Secret", "gem-credentials"), made("Secret", "gem-credentials", set_name="other")]
)
def test_a_secret_of_others_is_not_missing(look, other):
    wanted = [made("Secret", "gem-credentials")]
    gem = look(service(), wanted=wanted, by_name={SECRET_REF: other})[0]["gem"]
    assert gem["drift"]["missing"] == [] and gem["credential"]["age"] is None
    assert gem["drift"]["changed"][0].startswith("Secret llm/gem-credentials: ")
    note = gem["credential"]["note"]
    assert "is not managed by this collection" in note and "credentials_secret" in note or "belongs to" in note


REFUSED = ApiError("GET", "/x", 403, 'User "jo" cannot get resource "secrets" in API group ""')


@pytest.mark.parametrize(
    ("answer", "note", "missing"),
    [
        (REFUSED, "the Secret may not be read", []),
        (ApiError("GET", "/x", 500, "etcd"), "the Secret cannot be read: 500 Internal Server Error: etcd", []),
        (None, "there is no managed one; one that others make is known by credentials_secret", [str(SECRET_REF)]),
        (secret(), "", []),
        (theirs("Secret", "gem-credentials"), "the Secret is not managed by this collection", []),
    ],
)
def test_who_may_not_list_secrets_but_get_them_has_the_same_opinion(look, answer, note, missing):
    wanted = [made("Secret", "gem-credentials")]
    by_name = {SECRET_REF: answer}
    gem = look(service(), wanted=wanted, by_name=by_name, closed=("Secret",))[0]["gem"]
    assert gem["credential"]["note"].startswith(note) and gem["drift"]["missing"] == missing
    assert bool(gem["credential"]["written"]) is (note == "")


def test_of_what_only_the_cluster_has_the_secret_may_be_there(look):
    gem = look(service(), instances=[], closed=("Secret",))[0]["gem"]
    assert gem["credential"]["note"] == "the Secrets may not be listed"


@pytest.mark.parametrize("wanted", [[], [made("Secret", "gem-credentials")]])
def test_the_secret_of_an_instance_is_looked_for_whatever_is_to_be_deployed(wanted):
    view = ClusterView(FakeCluster(closed=("Secret",)), [Listing(GROUPS["Secret"])])
    assert unseen(view, "llm", [INSTANCE], wanted) == [SECRET_REF]


def test_what_may_not_be_listed_is_looked_for_by_its_name():
    view = ClusterView(FakeCluster(closed=("Secret", "ConfigMap")), [Listing(GROUPS["Secret"])])
    wanted = [made("Secret", "gem-credentials"), made("ConfigMap", "gem-config"), *registration()]
    found = unseen(view, "llm", [INSTANCE], wanted)
    assert [str(ref) for ref in found] == ["Secret llm/gem-credentials", "ConfigMap llm/gem-config"]


def test_a_secret_of_another_set_that_is_listed_is_not_ours(look):
    gem = look(service(), made("Secret", "gem-credentials", set_name="other"))[0]["gem"]
    assert "belongs to instance gem of instance set other of namespace llm" in gem["credential"]["note"]


def test_a_secret_that_the_list_names_and_that_is_not_there(look):
    credentials = {"origin": "Secret corp", "secret": {"name": "corp", "managed": False}}
    instances = [{**INSTANCE, "credentials": credentials}]
    corp = Ref("v1", "Secret", "llm", "corp")
    found = look(service(), instances=instances, by_name={corp: None})[0]["gem"]["credential"]["note"]
    assert found == "others keep this Secret, and it does not exist"
    assert (
        look(service(), instances=instances, by_name={corp: {}})[0]["gem"]["credential"]["note"]
        == "others keep this Secret"
    )


def test_a_service_of_another_set_is_none_of_this_list(look):
    other = service()
    other["metadata"]["labels"]["llamastack.maas/set"] = "other"
    gem = look(other, deployment(), pod(), wanted=[service()])[0]["gem"]
    assert gem["state"] == "absent" and "belongs to instance gem of instance set other" in gem["reason"]


def test_only_what_the_lists_do_not_show_is_looked_for(look, b2):
    view = ClusterView(FakeCluster(secret()), [Listing(GROUPS["Secret"]), Listing(GROUPS["ConfigMap"])])
    wanted = [made("Secret", "gem-credentials"), made("ConfigMap", "gem-config"), *registration()]
    credentials = {"secret": {"name": "corp", "managed": False}}
    found = unseen(view, "llm", [INSTANCE, {**INSTANCE, "credentials": credentials}], wanted)
    assert [str(ref) for ref in found] == ["ConfigMap llm/gem-config", "Secret llm/corp"]


def test_what_registers_it_is_told_whoever_made_it(look):
    theirs = made("MaaSSubscription", "gold", spec=registration()[2]["spec"], state={"phase": "Failed"}, labels={})
    told = look(service(), *registration(), theirs)[0]["gem"]["registered"]
    assert [(each["what"], each["phase"], each["admits"]) for each in told] == [
        ("MaaSModelRef llm/gem", "Ready", ""),
        ("MaaSAuthPolicy models-as-a-service/llm-gem", "Active", "group data-science"),
        ("MaaSSubscription models-as-a-service/llm-gem", "Active", "group data-science"),
        ("MaaSSubscription models-as-a-service/gold", "Failed", "group data-science"),
    ]
    assert told[-1]["limits"] == [{"limit": 5, "window": "1m"}]


def test_tiers_register_an_instance_where_there_are_tiers(look, a):
    tiered = service()
    tiered["metadata"]["annotations"] = {"alpha.maas.opendatahub.io/tiers": '["free","premium"]'}
    assert look(tiered, generation=a)[0]["gem"]["registered"][0]["what"] == "tiers free, premium"
    assert look(service(), generation=a)[0]["gem"]["registered"] == []


def test_an_instance_that_is_not_there_is_absent(look):
    wanted = [service(), *registration()]
    gem = look(wanted=wanted)[0]["gem"]
    assert gem["state"] == "absent" and gem["replicas"] is None
    assert gem["drift"]["missing"] == [
        "LLMInferenceService llm/gem",
        "MaaSModelRef llm/gem",
        "MaaSAuthPolicy models-as-a-service/llm-gem",
        "MaaSSubscription models-as-a-service/llm-gem",
    ]


def test_what_deploying_would_change_is_named(look):
    changed = look(service(image="a:2"), wanted=[service()])[0]["gem"]["drift"]["changed"]
    assert changed == ["LLMInferenceService llm/gem: spec.template.containers[0].image"]


def test_an_instance_that_left_the_list_is_told_and_those_of_other_sets_are_not(look):
    found, _closed = look(service("gone"), service("gem"), made("ConfigMap", "x", set_name="other", instance="theirs"))
    assert list(found) == ["gem", "gone"]
    assert found["gone"]["in_list"] is False and found["gone"]["state"] == "waiting"
    assert found["gone"]["drift"]["extra"] == ["LLMInferenceService llm/gone"]


def test_what_may_not_be_read_is_named_and_never_missing(look):
    found, closed = look(service(), deployment(), wanted=registration(), closed=("MaaSAuthPolicy", "MaaSSubscription"))
    assert found["gem"]["drift"]["missing"] == ["MaaSModelRef llm/gem"]
    assert closed == [
        "MaaSAuthPolicy in models-as-a-service: GET /MaaSAuthPolicy: 403 Forbidden: no. Ask for this permission (a "
        "Role or ClusterRole with the verb on the resource), or run as a user who has it.",
        "MaaSSubscription in models-as-a-service: GET /MaaSSubscription: 403 Forbidden: no. Ask for this permission (a "
        "Role or ClusterRole with the verb on the resource), or run as a user who has it.",
    ]


def test_ids_are_those_that_maas_lists_to_the_caller(look):
    listed = [Listed("publishers/llm/models/gem", "llm/gem")]
    assert look(service(), listed=listed)[0]["gem"]["ids"] == ["publishers/llm/models/gem"]
    gem = look(service(), list_note="no token")[0]["gem"]
    assert gem["ids"] is None and gem["ids_note"] == "no token"


def test_a_list_that_would_mint_a_credential_is_not_asked_for(a, b1, b2, jwt):
    token = jwt({"sub": "system:serviceaccount:maas-default-gateway-tier-free:alice-12345678"})
    assert not a.lists_without_minting("sha256~user") and a.lists_without_minting(token)
    assert b1.lists_without_minting("sha256~user") and b2.lists_without_minting("sha256~user")
