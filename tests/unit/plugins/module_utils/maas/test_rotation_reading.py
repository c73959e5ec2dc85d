# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import labels
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import encode, revision
from ansible_collections.llamastack.maas.plugins.module_utils.maas.rotation_reading import plan_all

OLD, NEW = {"api_key": "old-key"}, {"api_key": "new-key"}


def instance(name):
    secret = {"name": f"{name}-credentials", "managed": True}
    return {
        "name": name,
        "namespace": "llm",
        "set": "default",
        "provider": "openai",
        "credentials": {"secret": secret, "fields": []},
    }


def deployed(name, values):
    """The service and the Secret of an instance whose pods run with these values."""
    metadata = {"namespace": "llm", "labels": labels(name, "llm", "default"), "uid": "u"}
    data = encode(values)
    rolled = {"name": "LLAMASTACK_MAAS_CREDENTIALS_REVISION", "value": revision("llm", f"{name}-credentials", data)}
    service = {
        "apiVersion": "serving.kserve.io/v1alpha1",
        "kind": "LLMInferenceService",
        "metadata": {"name": name, **metadata},
        "spec": {"template": {"containers": [{"name": "main", "env": [rolled]}]}},
        "status": {"url": f"https://maas/llm/{name}"},
    }
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": f"{name}-credentials", **metadata},
        "data": data,
    }
    return [service, secret]


class Cluster:
    def __init__(self, *objects, refusal=None):
        self.objects = {Ref.of(obj): obj for obj in objects}
        self.refusal = refusal

    def read(self, refs):
        return {ref: self.refusal or self.objects.get(ref) for ref in refs}


@pytest.fixture
def cluster():
    return Cluster(*deployed("one", OLD), *deployed("two", OLD))


def params(*names):
    return {"namespace": "llm", "instances": [instance("one"), instance("two")], "names": list(names)}


def given(**values):
    return {f"llm/{name}-credentials": each for name, each in values.items()}


def test_only_what_is_due_is_kept_and_can_be_rolled_back(cluster):
    found = plan_all(cluster, params(), given(one=OLD, two=NEW))
    assert found["due"] == ["two"] and found["urls"] == {"two": "https://maas/llm/two"}
    place = "llm/two-credentials"
    assert found["revisions"]["new"] == {place: revision("llm", "two-credentials", encode(NEW))}
    assert found["revisions"]["rolled"] == found["revisions"]["before"]
    (kept,) = found["keep"]
    assert (kept["source"], kept["target"]["metadata"]["name"]) == (
        "two-credentials",
        "two-credentials-before-rotation",
    )
    assert set(found["instances"]) == {"one", "two"}
    assert "new-key" not in str(found) and encode(NEW)["api_key"] not in str(found)


def test_all_that_is_wrong_with_the_names_is_one_error(cluster):
    cluster.objects = {ref: obj for ref, obj in cluster.objects.items() if ref.name != "two"}
    with pytest.raises(ValueError) as error:
        plan_all(cluster, params("two", "thre"), given(two=NEW))
    first, second = str(error.value).splitlines()
    assert first.startswith("llamastack_maas_rotate.thre: unknown instance")
    assert second == "llamastack_maas_rotate.two: it is not deployed: there is no LLMInferenceService; run deploy first"


def test_what_may_not_be_read_ends_it():
    with pytest.raises(ApiError):
        plan_all(Cluster(refusal=ApiError("GET", "u", 403, "no")), params(), {})
