# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.revisions import (
    CONFIG_REVISION,
    CREDENTIALS_REVISION,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import known
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import instances, registry, variables as inputs
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests import instances as manifests

REGISTRY = registry.load()[0]
OPENAI = {"name": "openai-prod", "provider": "openai", "api_key_env": "K", "models": ["gpt-4o-mini", "gpt-4o"]}
GEMINI = {
    "name": "gemini",
    "provider": "gemini",
    "credentials_secret": {"name": "corp"},
    "models": ["gemini-2.5-flash"],
}
OPEN = {"name": "open", "provider": "openai_compatible", "models": ["m"], "settings": {"base_url": "http://v/v1"}}


class WithTiers:
    """A generation that registers an instance by an annotation."""

    def published_id(self, namespace: str, name: str) -> str:
        return name

    def normalise_access(self, access: Any) -> dict[str, Any]:
        return {}

    def instance_annotations(self, instance: dict[str, Any]) -> dict[str, str]:
        return {"example.org/tiers": f'["{instance["name"]}"]'}


def settings(**given: Any) -> dict[str, Any]:
    completed, findings = inputs.run_settings({"storage_initializer": True, **given})
    assert not findings.errors
    return completed


def normalise(*entries: dict[str, Any], generation: Any = None, **given: Any) -> list[dict[str, Any]]:
    context = instances.Context(settings(**given), REGISTRY, generation or known.get("b2"))
    result = instances.normalise(list(entries), context)
    assert not result.problems
    return result.instances


def objects(entry: dict[str, Any], generation: Any = None, revisions: dict | None = None, **given: Any) -> list[dict]:
    instance = normalise(entry, generation=generation, **given)[0]
    return manifests.instance_objects(
        instance, manifests.Build(settings(**given), REGISTRY, generation, revisions or {})
    )


def pod(entry: dict[str, Any], **given: Any) -> dict[str, Any]:
    return objects(entry, **given)[1]["spec"]["template"]


def environment(entry: dict[str, Any], **given: Any) -> dict[str, Any]:
    return {item["name"]: item.get("value") for item in pod(entry, **given)["containers"][0]["env"]}


def test_the_base_has_a_route_and_the_gateway_of_maas() -> None:
    assert manifests.base_object(settings(gateway={"name": "g", "namespace": "n"}))["spec"]["router"] == {
        "route": {},
        "gateway": {"refs": [{"name": "g", "namespace": "n"}]},
    }


def test_nothing_is_loaded_where_that_can_be_said() -> None:
    spec = manifests.base_object(settings())["spec"]
    assert spec["storageInitializer"] == {"enabled": False}
    assert "://" in spec["model"]["uri"]


def test_something_small_is_loaded_where_it_cannot() -> None:
    spec = manifests.base_object(settings(storage_initializer=False, model_uri="oci://mirror/tiny"))["spec"]
    assert "storageInitializer" not in spec
    assert spec["model"]["uri"] == "oci://mirror/tiny"


def test_the_base_is_built_anew_each_time() -> None:
    base = manifests.base_object(settings())
    before = copy.deepcopy(base)
    base["spec"]["template"]["containers"][0]["resources"]["limits"]["cpu"] = "9"
    assert manifests.base_object(settings()) == before


def test_the_container_is_the_one_that_the_preset_is_merged_into() -> None:
    containers = pod(OPENAI)["containers"]
    assert [container["name"] for container in containers] == ["main"]
    assert containers[0]["command"] == ["/bin/sh"]
    assert containers[0]["args"] == ["/etc/llamastack-maas/start.sh"]


@pytest.mark.parametrize("name", ["startupProbe", "readinessProbe", "livenessProbe"])
def test_every_probe_asks_for_the_servers_own_path_and_leaves_no_field_to_the_preset(name: str) -> None:
    probe = pod(OPENAI)["containers"][0][name]
    assert probe["httpGet"] == {"path": "/v1/health", "port": 8000, "scheme": "HTTPS"}
    assert {"periodSeconds", "timeoutSeconds", "failureThreshold"} <= set(probe)
    assert probe["timeoutSeconds"] > 1


def test_a_provider_that_hangs_is_waited_for() -> None:
    probe = pod(OPENAI)["containers"][0]["startupProbe"]
    assert probe["periodSeconds"] * probe["failureThreshold"] >= 600


def test_both_names_of_the_servers_variables_are_set() -> None:
    variables = environment(OPENAI)
    for family in ("LLAMA_STACK", "OGX"):
        assert variables[f"{family}_LOG_FORMAT"] == "json"
        assert variables[f"{family}_DISABLE_VERSION_CHECK"] == "1"


def test_the_pod_has_no_access_to_the_cluster_and_none_of_its_services_in_the_environment() -> None:
    assert pod(OPENAI)["automountServiceAccountToken"] is False
    assert pod(OPENAI)["enableServiceLinks"] is False


def test_pod_labels_are_left_to_kserve() -> None:
    assert "labels" not in objects(OPENAI)[1]["spec"]


def test_egress_reaches_every_instance() -> None:
    egress = {"proxy": "http://proxy:3128", "no_proxy": ".svc", "ca_bundle": {"name": "trusted", "key": "ca.pem"}}
    for entry in (OPENAI, GEMINI):
        variables = environment(entry, egress=egress)
        assert variables["HTTPS_PROXY"] == variables["HTTP_PROXY"] == "http://proxy:3128"
        assert variables["NO_PROXY"] == ".svc"
        mount = pod(entry, egress=egress)["containers"][0]["volumeMounts"][1]
        volume = pod(entry, egress=egress)["volumes"][1]
        assert variables["SSL_CERT_FILE"] == f"{mount['mountPath']}/ca.pem"
        assert volume["name"] == mount["name"]
        assert volume["configMap"] == {"name": "trusted", "items": [{"key": "ca.pem", "path": "ca.pem"}]}


def test_kubernetes_puts_nothing_in_the_place_of_a_dollar() -> None:
    """As the kubelet reads a value: ``$$`` is one dollar, ``$(NAME)`` another variable."""
    proxy = "http://me:a$$b$(OPENAI_API_KEY)$c@proxy:3128"
    written = environment(OPENAI, egress={"proxy": proxy})["HTTPS_PROXY"]
    assert re.sub(r"\$\((\w+)\)|\$(\$)", lambda match: match[2] or "the key", written) == proxy


def test_without_egress_there_is_nothing_of_it() -> None:
    assert not {"HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE"} & set(environment(OPENAI))
    assert len(pod(OPENAI)["volumes"]) == 1


def test_pull_secrets() -> None:
    assert pod(OPENAI, image_pull_secrets=["pull"])["imagePullSecrets"] == [{"name": "pull"}]
    assert "imagePullSecrets" not in pod(OPENAI)


def test_every_object_is_labelled_as_ours() -> None:
    made = [*objects(OPENAI), *manifests.secret_objects(normalise(OPENAI))]
    assert {item["kind"] for item in made} == {"ConfigMap", "LLMInferenceService", "Secret"}
    for item in made:
        assert ownership.owner_of(item) == ("llm", "openai-prod", "default")
        assert item["metadata"]["namespace"] == "llm"


def test_the_config_map_is_the_one_that_is_mounted() -> None:
    config_map, service = objects(OPENAI)
    assert service["spec"]["template"]["volumes"][0]["configMap"]["name"] == config_map["metadata"]["name"]
    assert set(config_map["data"]) == {"config.yaml", "start.sh"}


def test_only_our_own_secrets_are_made_and_hold_nothing() -> None:
    secrets = manifests.secret_objects(normalise(OPENAI, GEMINI, OPEN))
    assert [secret["metadata"]["name"] for secret in secrets] == ["openai-prod-credentials"]
    assert not {"data", "stringData"} & set(secrets[0])


def test_a_changed_configuration_changes_its_revision() -> None:
    revisions = {
        environment(entry)[CONFIG_REVISION]
        for entry in (OPENAI, {**OPENAI, "models": ["gpt-4o"]}, {**OPENAI, "model_prefix": "other"})
    }
    assert len(revisions) == 3
    assert environment(OPENAI)[CONFIG_REVISION] in revisions


def test_the_revision_is_that_of_the_secret_in_use() -> None:
    revisions = {"llm/openai-prod-credentials": "ours", "llm/corp": "theirs", "other/corp": "not this"}
    assert environment(OPENAI, revisions=revisions)[CREDENTIALS_REVISION] == "ours"
    assert environment(GEMINI, revisions=revisions)[CREDENTIALS_REVISION] == "theirs"
    assert CREDENTIALS_REVISION not in environment(OPEN, revisions=revisions)


def test_the_generation_adds_its_annotations() -> None:
    annotations = objects(OPENAI, generation=WithTiers())[1]["metadata"]["annotations"]
    assert annotations["example.org/tiers"] == '["openai-prod"]'


def test_the_namespace_can_have_the_labels_that_the_gateway_asks_for() -> None:
    namespace = manifests.namespace_object(settings(namespace_labels={"gateway": "yes"}))
    assert namespace["metadata"]["name"] == "llm"
    assert namespace["metadata"]["labels"]["gateway"] == "yes"
    assert ownership.owner_of(namespace) == ("llm", None, "default")


def test_no_text_of_an_object_is_a_template_to_kserve() -> None:
    assert "{{" not in repr(objects(OPENAI)[1])
