# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import time

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import KindNotServed
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import labels
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.removal import Removal
from ansible_collections.llamastack.maas.plugins.modules import kube_delete

# In the order in which they are to go, and so the slower the earlier.
SECONDS = {"MaaSSubscription": 0.04, "MaaSModelRef": 0.03, "LLMInferenceService": 0.02, "Secret": 0.0}


def made(kind, name="gem", instance="gem", namespace="llm", **metadata):
    metadata = {
        "name": name,
        "namespace": namespace,
        "uid": kind,
        "labels": labels(instance, "llm", "default"),
        **metadata,
    }
    return {"apiVersion": "v1", "kind": kind, "metadata": metadata}


def own_namespace():
    return made("Namespace", "llm", instance=None, namespace=None)


def refusal(status, message="no"):
    return ApiError("DELETE", "https://api/x", status, message)


class FakeCluster:
    """Answers the slower, the earlier a kind has to go. ``held`` stay with their finalizers, ``refusals`` are raised."""

    url = "https://api:6443"
    is_verified = True

    def __init__(self, *objects, held=(), refusals=None, unreadable=None, unlistable=None):
        self.objects = {Ref.of(obj): obj for obj in objects}
        self.held = held
        self.refusals = refusals or {}
        self.unreadable = unreadable or {}
        self.unlistable = unlistable or {}
        self.deleted = []

    def read(self, refs, **_how):
        for ref in refs:
            if len(refs) > 1 and ref.kind in self.unlistable:
                raise self.unlistable[ref.kind]
        return {ref: self.unreadable.get(ref.name) or self.objects.get(ref) for ref in refs}

    def list_set(self, wanted):
        answers = {}
        for each in wanted["kinds"]:
            group = (each["api_version"], each["kind"], each["namespace"])
            found = [obj for ref, obj in self.objects.items() if ref[:3] == group]
            answers[group] = self.unlistable.get(each["kind"]) or found
        return answers

    def discovery(self):
        return []

    def delete(self, _api_version, kind, name, namespace=None, **how):
        time.sleep(SECONDS.get(kind, 0.0))
        if kind in self.refusals:
            raise self.refusals[kind]
        self.deleted.append(kind)
        ref = Ref("v1", kind, namespace, name)
        if kind in self.held:
            self.objects[ref]["metadata"].update(deletionTimestamp="now", finalizers=["maas.opendatahub.io/cleanup"])
        elif not how["dry_run"]:
            del self.objects[ref]
        return True


def kinds(*names):
    return [{"api_version": "v1", "kind": kind, "namespace": "llm"} for kind in names]


def set_of(*names, instances=None):
    return {"namespace": "llm", "set": "default", "kinds": kinds(*names), "instances": instances}


def removal_of(cluster, *objects, all_of=None, check_mode=False):
    return Removal(cluster, {"objects": list(objects), "all_of": all_of, "wait_timeout": 60}, check_mode)


def test_a_model_is_out_of_maas_before_it_is_asked_to_go():
    objects = [made(kind) for kind in reversed(SECONDS)]
    cluster = FakeCluster(*objects)
    removal = removal_of(cluster, *objects)
    assert not removal.step().done
    assert cluster.deleted == list(SECONDS)


REFUSALS = {
    "forbidden": refusal(403, "may not"),
    "a webhook": refusal(500, 'failed calling webhook "x": no endpoints'),
    "a policy": refusal(400, "admission webhook denied the request"),
}


@pytest.mark.parametrize("error", REFUSALS.values(), ids=REFUSALS)
@pytest.mark.parametrize("kind", SECONDS)
def test_a_refusal_keeps_nothing_else_from_going(kind, error):
    cluster = FakeCluster(*map(made, SECONDS), refusals={kind: error})
    removal = removal_of(cluster, all_of=set_of(*SECONDS))
    assert not removal.step().failed, "what was asked to go may still be there"
    assert removal.step().failed, "waiting cannot help"
    result = removal.result()
    assert sorted(entry["kind"] for entry in result["removed"]) == sorted(set(SECONDS) - {kind})
    (left,) = result["left"]
    assert left["kind"] == kind and error.message in left["why"]
    assert result["instances"]["gem"]["state"] == "not_removed"
    assert error.message in result["instances"]["gem"]["reason"]


def test_what_cannot_be_read_keeps_nothing_else_from_going():
    secret, config = made("Secret", "gem-credentials"), made("ConfigMap", "gem-config")
    cluster = FakeCluster(secret, config, unreadable={"gem-config": refusal(403)})
    removal = removal_of(cluster, all_of=set_of("ConfigMap", "Secret", instances=["gem"]))
    removal.step()
    assert cluster.deleted == ["Secret"]
    assert removal.step().failed
    assert [entry["name"] for entry in removal.result()["left"]] == ["gem-config"]


def test_what_cannot_be_listed_keeps_nothing_else_from_going():
    cluster = FakeCluster(made("Secret"), made("ConfigMap"), unlistable={"ConfigMap": refusal(403)})
    removal = removal_of(cluster, all_of=set_of("ConfigMap", "Secret"))
    removal.step()
    assert cluster.deleted == ["Secret"] and removal.step().failed
    result = removal.result()
    assert [(entry["kind"], entry["name"]) for entry in result["left"]] == [("ConfigMap", "*")]
    assert any("ConfigMap llm/* stays: 403 Forbidden" in line for line in result["lines"])


@pytest.mark.parametrize("status", [500, 410, 503, 429, 0])
@pytest.mark.parametrize("kind", ["LLMInferenceService", "MaaSModelRef", "ConfigMap"])
def test_a_list_of_one_kind_that_fails_concerns_that_kind_alone(kind, status):
    wanted = ["MaaSModelRef", "LLMInferenceService", "ConfigMap", "Secret"]
    named = {"ConfigMap": "{0}-config", "Secret": "{0}-credentials"}
    objects = [made(each, named.get(each, "{0}").format(name), name) for name in ("a", "b") for each in wanted]
    error = refusal(status, "conversion webhook for serving.kserve.io/v1alpha1 failed: service not found")
    broken = {ref.name: error for ref in map(Ref.of, objects) if ref.kind == kind}
    cluster = FakeCluster(*objects, unlistable={kind: error})
    # Names are shared by kinds: only those of this kind cannot be shown.
    shown = cluster.read
    cluster.read = lambda refs, **how: {
        ref: broken[ref.name] if ref.kind == kind and ref.name in broken else obj
        for ref, obj in shown(refs, **how).items()
    }
    removal = removal_of(cluster, all_of=set_of(*wanted, instances=["a", "b", "never-there"]))
    removal.step()
    attempt = removal.step()
    assert {ref.kind for ref in cluster.objects} == {kind}
    assert (attempt.done, attempt.failed) == (False, not error.is_transient)
    result = removal.result()
    states = {name: each["state"] for name, each in result["instances"].items()}
    assert (states["a"], states["b"]) == ("not_removed", "not_removed")
    assert states["never-there"] == ("not_removed" if error.is_transient else "nothing_there")
    assert error.message in result["instances"]["a"]["reason"]


def test_all_that_is_held_up_is_awaited_together_and_named_with_who_has_to_act():
    others = [made(kind, "two", instance="two") for kind in SECONDS]
    cluster = FakeCluster(
        *map(made, SECONDS), *others, held=["MaaSModelRef"], refusals={"MaaSSubscription": refusal(403)}
    )
    removal = removal_of(cluster, all_of=set_of(*SECONDS))
    removal.step()
    attempt = removal.step()
    assert not attempt.done and not attempt.failed
    assert "MaaSSubscription llm/gem" in attempt.progress and "MaaSModelRef llm/two" in attempt.progress
    result = removal.result()
    assert {name: outcome["state"] for name, outcome in result["instances"].items()} == {
        "gem": "not_removed",
        "two": "not_removed",
    }
    assert (
        "MaaSModelRef llm/two waits for finalizer maas.opendatahub.io/cleanup" in result["instances"]["two"]["reason"]
    )
    assert result["instances"]["two"]["remedy"].count("Have the MaaS controller run") == 1


@pytest.mark.parametrize("status", [400, 403, 404, 409])
def test_a_deletion_that_is_denied_is_not_asked_for_again(status):
    error = refusal(status, 'admission webhook "protect.corp" denied the request: a rule keeps it')
    removal = removal_of(FakeCluster(made("Secret"), refusals={"Secret": error}), made("Secret"))
    removal.step()
    assert [left.pending for left in removal.left.values()] == [False]
    assert "protect.corp allow the deletion, then run again" in removal.result()["left"][0]["remedy"]


def test_an_api_server_that_does_not_answer_is_asked_again():
    cluster = FakeCluster(made("Secret"), refusals={"Secret": refusal(503, "busy")})
    removal = removal_of(cluster, made("Secret"))
    attempt = removal.step()
    assert not attempt.done and not attempt.failed and "does not answer (503" in attempt.progress
    cluster.refusals = {}
    removal.step()
    assert removal.step().done


def test_an_object_of_a_kind_that_went_meanwhile_is_gone():
    cluster = FakeCluster(made("Secret"), refusals={"Secret": KindNotServed("v1", "Secret")})
    removal = removal_of(cluster, made("Secret"))
    removal.step()
    assert removal.result()["left"][0]["kind"] == "Secret"
    cluster.objects.clear()
    assert removal.step().done and not removal.removed


def test_named_instances_are_found_by_the_names_of_their_objects():
    objects = [
        made("Secret", "gem-credentials"),
        made("Secret", "gem-credentials-before-rotation"),
        made("ConfigMap", "gem-config"),
        made("LLMInferenceService"),
        made("MaaSSubscription", "llm-gem"),
        made("MaaSAuthPolicy", "llm-gem"),
        made("MaaSModelRef"),
        made("ServiceAccount", "llamastack-maas-prober", instance=None),
        made("Secret", "other-credentials", instance="other"),
    ]
    wanted = ["Secret", "ConfigMap", "LLMInferenceService", "MaaSSubscription", "MaaSAuthPolicy", "MaaSModelRef"]
    cluster = FakeCluster(*objects)
    removal = removal_of(cluster, all_of=set_of(*wanted, "ServiceAccount", instances=["gem", "none"]))
    removal.step()
    assert removal.step().done
    assert [ref.name for ref in cluster.objects] == ["llamastack-maas-prober", "other-credentials"]
    result = removal.result()
    assert {name: each["state"] for name, each in result["instances"].items()} == {
        "gem": "removed",
        "none": "nothing_there",
    }


def test_no_instance_is_not_every_instance():
    cluster = FakeCluster(made("Secret", "gem-credentials"))
    removal = removal_of(cluster, all_of=set_of("Secret", instances=[]))
    assert removal.step().done and not cluster.deleted


def test_where_nothing_is_that_is_said():
    removal = removal_of(FakeCluster(), all_of=set_of("Secret"))
    assert removal.step().done
    assert removal.result()["lines"] == ["Of instance set default in namespace llm there is no Secret."]


@pytest.mark.parametrize(
    ("wanted", "instances", "told"),
    [
        (["MaaSSubscription", "MaaSAuthPolicy"], None, "Of instance set default in namespace llm there is no {0}."),
        (
            ["ConfigMap", "Secret"],
            ["gem"],
            "Of these instances of instance set default in namespace llm there is no {0}.",
        ),
    ],
)
def test_of_nothing_the_kinds_are_named_that_were_looked_for(wanted, instances, told):
    removal = removal_of(FakeCluster(), all_of=set_of(*wanted, instances=instances))
    assert removal.step().done
    assert removal.result()["lines"][-1] == told.format(" or ".join(wanted))


@pytest.mark.parametrize(("instances", "wanted"), [(None, []), (["gem"], []), (["gem"], ["ServiceAccount"])])
def test_where_nothing_was_looked_for_nothing_is_said(instances, wanted):
    removal = removal_of(FakeCluster(made("Secret", "gem-credentials")), all_of=set_of(*wanted, instances=instances))
    assert removal.step().done
    assert (removal.result()["lines"], removal.result()["instances"]) == ([], {})


def test_a_namespace_is_not_asked_to_go_before_what_is_in_it():
    cluster = FakeCluster(made("Secret"), own_namespace(), refusals={"Secret": refusal(403)})
    removal = removal_of(cluster, own_namespace(), all_of=set_of("Secret"))
    assert removal.step().failed and not cluster.deleted
    assert [entry["kind"] for entry in removal.result()["left"]] == ["Secret", "Namespace"]


def test_in_check_mode_a_refusal_is_told_and_the_rest_is_planned():
    cluster = FakeCluster(made("Secret"), made("ConfigMap"), refusals={"Secret": refusal(403)})
    removal = removal_of(cluster, all_of=set_of("ConfigMap", "Secret"), check_mode=True)
    assert removal.step().failed
    assert [entry["kind"] for entry in removal.result()["left"]] == ["Secret"]
    assert removal.result()["instances"]["gem"]["changed"] == ["ConfigMap deleted"]


NO_DRY_RUN = refusal(400, 'admission webhook "vault.corp" does not support dry run')


def test_what_takes_no_dry_run_is_planned_with_a_note():
    cluster = FakeCluster(made("Secret"), made("ConfigMap"), refusals={"Secret": NO_DRY_RUN})
    removal = removal_of(cluster, all_of=set_of("ConfigMap", "Secret"), check_mode=True)
    assert removal.step().done
    assert removal.result()["instances"]["gem"]["state"] == "planned"
    assert sorted(removal.result()["instances"]["gem"]["changed"]) == ["ConfigMap deleted", "Secret deleted"]
    assert [(ref.kind, why) for ref, why in removal.untried.items()] == [("Secret", NO_DRY_RUN.outcome)]


def test_the_note_of_what_takes_no_dry_run_is_a_warning(run_module, monkeypatch):
    cluster = FakeCluster(made("Secret"), refusals={"Secret": NO_DRY_RUN})
    monkeypatch.setattr(kube_delete, "Cluster", lambda module: cluster)
    warnings = []
    monkeypatch.setattr(kube_delete.AnsibleK8SModule, "warn", lambda self, text: warnings.append(text))
    told = run_module(kube_delete, objects=[made("Secret")], _ansible_check_mode=True)
    assert told["changed"] and not told.get("failed")
    assert warnings == [f"Secret llm/gem is planned to go without a dry run of its deletion: {NO_DRY_RUN.outcome}"]


def test_outside_of_check_mode_it_stays():
    cluster = FakeCluster(made("Secret"), refusals={"Secret": NO_DRY_RUN})
    removal = removal_of(cluster, all_of=set_of("Secret"))
    removal.step()
    assert removal.step().failed and removal.result()["left"][0]["kind"] == "Secret"


def test_whoever_asks_for_it_gets_what_is_left_as_a_result(run_module, monkeypatch):
    monkeypatch.setattr(
        kube_delete, "Cluster", lambda module: FakeCluster(made("Secret"), refusals={"Secret": refusal(403)})
    )
    failed = run_module(kube_delete, objects=[made("Secret")], wait_timeout=0)
    assert failed["failed"] and not failed["pending"]
    assert failed["msg"].startswith("Not gone:\n- Secret llm/gem stays: 403 Forbidden: no. Ask for this permission")
    told = run_module(kube_delete, objects=[made("Secret")], wait_timeout=0, fail_left=False)
    assert not told.get("failed") and told["left"] == failed["left"]


@pytest.mark.parametrize("verified", [True, False])
def test_an_api_server_that_is_not_verified_is_a_warning(run_module, monkeypatch, verified):
    cluster = FakeCluster()
    cluster.is_verified = verified
    monkeypatch.setattr(kube_delete, "Cluster", lambda module: cluster)
    warnings = []
    monkeypatch.setattr(kube_delete.AnsibleK8SModule, "warn", lambda self, text: warnings.append(text))
    run_module(kube_delete, objects=[made("Secret")], wait_timeout=0)
    assert ["https://api:6443 is not verified" in each for each in warnings] == [True] * (not verified)


def applied_by(manager, obj):
    fields = {"f:metadata": {"f:labels": {"f:app.kubernetes.io/managed-by": {}}}}
    obj["metadata"]["managedFields"] = [{"manager": manager, "operation": "Apply", "fieldsV1": fields}]
    return obj


@pytest.mark.parametrize("manager, goes", [("argocd-controller", False), ("llamastack.maas", True)])
def test_the_volume_of_a_statefulset_goes_with_it_or_stays_with_it(manager, goes):
    server = applied_by(manager, made("StatefulSet", "db"))
    volume = applied_by("kube-controller-manager", made("PersistentVolumeClaim", "data-db-0"))
    other = applied_by("kube-controller-manager", made("PersistentVolumeClaim", "data-other-0"))
    cluster = FakeCluster(server, volume, other)
    removal = removal_of(cluster, server, volume, other)
    removal.step()
    assert sorted(cluster.deleted) == ["PersistentVolumeClaim"] * (1 + goes) + ["StatefulSet"] * goes
    kept = {each["name"]: each["why"] for each in removal.result()["unmanaged"]}
    assert set(kept) == (set() if goes else {"db", "data-db-0"})
    if not goes:
        assert kept["data-db-0"].startswith("holds the data of StatefulSet db, which is applied by argocd-controller")
