# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Kubernetes objects of the instances.

C(settings) are the run settings of C(inputs.py), and C(storage_initializer): whether the kind LLMInferenceService
has the field with which the storage initializer is switched off.
"""

from __future__ import annotations

import copy
import hashlib
import json
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import secret_object
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import instances
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.registry import Registry
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests import ogx_config, patches

if t.TYPE_CHECKING:
    from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import Generation

try:
    import jsonpatch
except ImportError:  # a requirement of this collection; ansible-test's import check does without
    jsonpatch = None

Object = t.Dict[str, t.Any]

# What the base object is called before an instance's operations are applied.
BASE_NAME = "llamastack-maas-base"

# Stands where KServe wants a URI and nothing is loaded; only its scheme is looked at.
_NO_MODEL = "hf://placeholder/no-model"

# For so long a pod that is to go still answers: until every gateway knows that it does, and what it has begun is done.
# KServe sets both by itself from 0.19 on; before, callers would meet a closed port whenever a pod is replaced.
_SECONDS_TO_LEAVE_THE_GATEWAY = 15
_SECONDS_TO_END = 60

_CONFIG_VOLUME = "llamastack-config"
_CA_VOLUME = "llamastack-ca"
_CA_DIRECTORY = "/etc/llamastack-maas-ca"

# Formatting a traceback in colour for an error of the provider blocks the server's only event loop for seconds;
# as JSON it does not. Clients of another minor release are not to be refused. Each has its name before and after
# the project was renamed.
_SERVER_ENVIRONMENT = {
    "LLAMA_STACK_DISABLE_VERSION_CHECK": "1",
    "LLAMA_STACK_LOG_FORMAT": "json",
    "OGX_DISABLE_VERSION_CHECK": "1",
    "OGX_LOG_FORMAT": "json",
    ogx_config.STORE_VARIABLE: ogx_config.STORE_DIRECTORY,
}


def base_object(settings: t.Mapping[str, t.Any]) -> Object:
    """The LLMInferenceService that every instance of a run starts from."""
    return {
        "apiVersion": settings.get("service_version") or ownership.INFERENCE_SERVICE_API,
        "kind": ownership.INFERENCE_SERVICE,
        "metadata": {
            "name": BASE_NAME,
            "namespace": settings["namespace"],
            "labels": ownership.labels(None, settings["namespace"], settings["set"]),
            "annotations": {patches.DISPLAY_NAME: BASE_NAME},
        },
        "spec": {
            **_model(settings),
            "replicas": 1,
            # Without `route` there is no HTTPRoute, without `gateway` it hangs on KServe's default one.
            "router": {"route": {}, "gateway": {"refs": [_gateway(settings)]}},
            "template": _pod(settings),
        },
    }


def namespace_object(settings: t.Mapping[str, t.Any]) -> Object:
    """The model namespace with our labels and those of C(settings.namespace_labels), which the gateway selects by."""
    labels = ownership.labels(None, settings["namespace"], settings["set"])
    metadata = {"name": settings["namespace"], "labels": {**labels, **settings.get("namespace_labels", {})}}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": metadata}


def secret_objects(normalised: t.Iterable[t.Mapping[str, t.Any]]) -> list[Object]:
    """The Secrets that are ours, without data: values travel apart from the objects, see L(provider_credentials.secret_data)."""
    return [secret_object(instance) for instance in normalised if _is_managed(instance)]


def config_map(instance: t.Mapping[str, t.Any], registry: Registry) -> Object:
    """The ConfigMap with the server's configuration and start script."""
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": _metadata(instance, ownership.config_name(instance["name"])),
        "data": ogx_config.files(instance, registry[instance["provider"]]),
    }


def config_revision(obj: t.Mapping[str, t.Any]) -> str:
    """16 hexadecimal digits that change with the data of a ConfigMap."""
    content = json.dumps(obj["data"], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(content.encode()).hexdigest()[:16]


class Build(t.NamedTuple):
    """What the instances of a run are built with, beside themselves.

    C(revisions): of the content of Secrets, C(namespace/name) to text; C(generation): of MaaS, where it is known.
    """

    settings: t.Mapping[str, t.Any]
    registry: Registry
    generation: Generation | None = None
    revisions: t.Mapping[str, str] = {}


def instance_patches(instance: t.Mapping[str, t.Any], build: Build) -> list[patches.Operation]:
    """The operations that make the instance out of L(base_object)."""
    return _operations(instance, build, config_map(instance, build.registry))


def instance_objects(instance: t.Mapping[str, t.Any], build: Build) -> list[Object]:
    """The ConfigMap and the LLMInferenceService of one instance."""
    config = config_map(instance, build.registry)
    return [config, patched(base_object(build.settings), _operations(instance, build, config))]


def _operations(instance: t.Mapping[str, t.Any], build: Build, config: Object) -> list[patches.Operation]:
    return patches.operations(
        instance,
        base_object(build.settings),
        config_revision=config_revision(config),
        credentials_revision=_credentials_revision(instance, build.revisions),
        annotations=build.generation.instance_annotations(instance) if build.generation else {},
    )


def patched(base: Object, operations: t.Sequence[patches.Operation]) -> Object:
    """C(base) with the operations applied. Raises ImportError without the Python package jsonpatch."""
    if jsonpatch is None:
        raise ImportError("the Python package jsonpatch is needed where Ansible runs: pip install jsonpatch")
    return jsonpatch.apply_patch(base, operations)


def _credentials_revision(instance: t.Mapping[str, t.Any], revisions: t.Mapping[str, str]) -> str | None:
    secret = instance["credentials"]["secret"]
    return revisions.get(f"{instance['namespace']}/{secret['name']}") if secret else None


def _is_managed(instance: t.Mapping[str, t.Any]) -> bool:
    secret = instance["credentials"]["secret"]
    return bool(secret) and secret["managed"]


def _metadata(instance: t.Mapping[str, t.Any], name: str) -> dict[str, t.Any]:
    return {"name": name, "namespace": instance["namespace"], "labels": ownership.instance_labels(instance)}


def _model(settings: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    if settings.get("storage_initializer"):
        return {"model": {"uri": _NO_MODEL, "name": BASE_NAME}, "storageInitializer": {"enabled": False}}
    return {"model": {"uri": settings["model_uri"], "name": BASE_NAME}}


def _gateway(settings: t.Mapping[str, t.Any]) -> dict[str, str]:
    return {key: settings["gateway"][key] for key in ("name", "namespace")}


def _pod(settings: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    bundle = settings["egress"]["ca_bundle"]
    volumes: list[dict[str, t.Any]] = [
        {"name": _CONFIG_VOLUME, "configMap": {"name": ownership.config_name(BASE_NAME)}}
    ]
    if bundle:
        items = [{"key": bundle["key"], "path": bundle["key"]}]
        volumes.append({"name": _CA_VOLUME, "configMap": {"name": bundle["name"], "items": items}})
    pod: dict[str, t.Any] = {
        "automountServiceAccountToken": False,
        # A Service that is called ogx would otherwise put its address into OGX_PORT, where the server looks.
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": _SECONDS_TO_END,
        "containers": [_container(settings)],
        "volumes": volumes,
    }
    if settings["image_pull_secrets"]:
        pod["imagePullSecrets"] = [{"name": name} for name in settings["image_pull_secrets"]]
    return pod


def _container(settings: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """KServe merges its own container of this name below ours; what is not said here is that of its preset."""
    return {
        "name": ownership.CONTAINER_NAME,
        "image": settings["image"],
        # Both, for the preset's would take the place of the one left out.
        "command": ["/bin/sh"],
        "args": [f"{ogx_config.DIRECTORY}/{ogx_config.START_FILE}"],
        "env": [
            {"name": name, "value": patches.literal(value)} for name, value in _environment(settings["egress"]).items()
        ],
        "volumeMounts": _mounts(settings["egress"]),
        "resources": copy.deepcopy(instances.DEFAULT_RESOURCES),
        "lifecycle": {"preStop": {"exec": {"command": ["/bin/sleep", str(_SECONDS_TO_LEAVE_THE_GATEWAY)]}}},
        **_probes(),
    }


def _environment(egress: t.Mapping[str, t.Any]) -> dict[str, str]:
    environment = dict(_SERVER_ENVIRONMENT)
    if egress["proxy"]:
        environment.update(HTTP_PROXY=egress["proxy"], HTTPS_PROXY=egress["proxy"])
    if egress["no_proxy"]:
        environment.update(NO_PROXY=egress["no_proxy"])
    if egress["ca_bundle"]:
        environment.update(SSL_CERT_FILE=f"{_CA_DIRECTORY}/{egress['ca_bundle']['key']}")
    return environment


def _mounts(egress: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    mounts = [{"name": _CONFIG_VOLUME, "mountPath": ogx_config.DIRECTORY, "readOnly": True}]
    if egress["ca_bundle"]:
        mounts.append({"name": _CA_VOLUME, "mountPath": _CA_DIRECTORY, "readOnly": True})
    return mounts


def _probes() -> dict[str, t.Any]:
    """Every field that KServe's preset sets is set here, or its own value would be merged in.

    The server answers nothing before it has read the provider's list of models, and waits long for a provider that
    accepts and then hangs: ten minutes pass before a start counts as failed. After that its health says nothing of
    the provider, so a slow answer means a busy process, not a broken one.
    """
    health = {"path": "/v1/health", "port": ownership.SERVER_PORT, "scheme": "HTTPS"}

    def probe(period: int, timeout: int, failures: int) -> dict[str, t.Any]:
        return {
            "httpGet": dict(health),
            "periodSeconds": period,
            "timeoutSeconds": timeout,
            "failureThreshold": failures,
        }

    return {
        "startupProbe": probe(period=2, timeout=2, failures=300),
        "readinessProbe": probe(period=5, timeout=5, failures=3),
        "livenessProbe": probe(period=15, timeout=10, failures=4),
    }
