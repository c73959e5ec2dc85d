# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
from typing import Any

import pytest

from sandbox.node.podspec import (
    File,
    Missing,
    Reference,
    environment,
    expand,
    field,
    references,
    token_request,
    unsupported,
    volume_files,
)
from sandbox.node.schedule import quantity, unschedulable

POD = {
    "metadata": {"name": "openai", "namespace": "llm", "uid": "u1", "labels": {"app": "x"}},
    "spec": {"nodeName": "node", "serviceAccountName": "default"},
    "status": {"podIP": "127.9.0.2", "podIPs": [{"ip": "127.9.0.2"}]},
}
OBJECTS = {
    Reference("secrets", "keys"): {"data": {"api_key": base64.b64encode(b"sk-/tmp/1").decode()}},
    Reference("configmaps", "conf"): {
        "data": {"a": "/tmp/a"},
        "binaryData": {"b": base64.b64encode(b"/tmp/b").decode()},
    },
    Reference("secrets", "gone"): None,
    Reference("configmaps", "gone"): None,
}


def pod_with(container: dict[str, Any], **spec: Any) -> dict[str, Any]:
    main = {"name": "main", "image": "some", "command": ["run"], **container}
    return {"metadata": {}, "spec": {"containers": [main], **spec}}


def from_secret(name: str, key: str, **more: Any) -> dict[str, Any]:
    return {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": name, "key": key, **more}}}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$(A)-$(B)", "1-2"),
        ("$(NONE)", "$(NONE)"),
        ("$$(A)", "$(A)"),
        ("$$$(A)", "$1"),
        ("$(A", "$(A"),
        ("$A ${A} $", "$A ${A} $"),
        ("echo $$", "echo $"),
    ],
)
def test_variables_expand_as_kubernetes_does_it(text: str, expected: str) -> None:
    assert expand(text, {"A": "1", "B": "2"}) == expected


def test_environment_of_values_secrets_and_fields() -> None:
    container = {
        "envFrom": [{"configMapRef": {"name": "conf"}, "prefix": "C_"}],
        "env": [
            {"name": "HOST", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}},
            {"name": "URL", "value": "http://$(HOST)$(LATER)"},
            {"name": "LATER", "value": "x"},
            from_secret("keys", "api_key"),
            {"name": "C_a", "value": "own"},
        ],
    }
    result = environment(container, POD, OBJECTS)
    assert result.values == {
        "C_a": "own",
        "C_b": "/tmp/b",
        "HOST": "127.9.0.2",
        "URL": "http://127.9.0.2$(LATER)",
        "LATER": "x",
        "KEY": "sk-/tmp/1",
    }
    assert result.secret == {"KEY"}


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (from_secret("gone", "k"), 'secret "gone" not found'),
        (from_secret("keys", "k"), "couldn't find key k in Secret llm/keys"),
        (
            {"name": "X", "valueFrom": {"configMapKeyRef": {"name": "conf", "key": "k"}}},
            "couldn't find key k in ConfigMap llm/conf",
        ),
    ],
)
def test_missing_references_are_reported_in_the_kubelets_words(entry: dict[str, Any], message: str) -> None:
    with pytest.raises(Missing) as error:
        environment({"env": [entry]}, POD, OBJECTS)
    assert str(error.value) == message


@pytest.mark.parametrize("secret", ["gone", "keys"])
def test_optional_references_may_be_missing(secret: str) -> None:
    assert environment({"env": [from_secret(secret, "k", optional=True)]}, POD, OBJECTS).values == {}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("metadata.name", "openai"),
        ("metadata.labels['app']", "x"),
        ("metadata.labels['none']", ""),
        ("metadata.labels", 'app="x"'),
        ("spec.nodeName", "node"),
        ("status.podIPs", "127.9.0.2"),
    ],
)
def test_fields(path: str, value: str) -> None:
    assert field(POD, path) == value


def test_references_of_containers_and_volumes() -> None:
    container = {"env": [from_secret("keys", "api_key")], "envFrom": [{"configMapRef": {"name": "conf"}}]}
    volumes = [
        {"name": "a", "secret": {"secretName": "tls"}},
        {
            "name": "b",
            "projected": {"sources": [{"configMap": {"name": "root"}}, {"serviceAccountToken": {"path": "t"}}]},
        },
        {"name": "c", "emptyDir": {}},
    ]
    assert references(container, volumes) == {
        Reference("secrets", "keys"),
        Reference("configmaps", "conf"),
        Reference("secrets", "tls"),
        Reference("configmaps", "root"),
        Reference("token", "3600 "),
    }


def test_only_text_of_configmaps_is_rewritten() -> None:
    def files(volume: dict[str, Any]) -> dict[str, File] | None:
        return volume_files(volume, POD, OBJECTS, lambda text: text.replace("/tmp", "/pods"))

    assert files({"configMap": {"name": "conf"}}) == {"a": File(b"/pods/a", 0o644), "b": File(b"/tmp/b", 0o644)}
    secret = {"secretName": "keys", "defaultMode": 0o400, "items": [{"key": "api_key", "path": "deep/key"}]}
    assert files({"secret": secret}) == {"deep/key": File(b"sk-/tmp/1", 0o400)}
    assert files({"configMap": {"name": "gone", "optional": True}}) == {}
    assert files({"emptyDir": {}}) is None


def test_a_projected_volume_holds_token_certificates_and_fields() -> None:
    token = Reference("token", "3607 ")
    sources = [
        {"serviceAccountToken": {"path": "token", "expirationSeconds": 3607}},
        {"configMap": {"name": "conf", "items": [{"key": "a", "path": "ca.crt"}]}},
        {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"fieldPath": "metadata.namespace"}}]}},
    ]
    volume = {"name": "access", "projected": {"sources": sources, "defaultMode": 0o640}}
    assert references(volume) == {token, Reference("configmaps", "conf")}
    objects = {**OBJECTS, token: {"status": {"token": "ey"}}}
    assert volume_files(volume, POD, objects, str) == {
        "token": File(b"ey", 0o600),
        "ca.crt": File(b"/tmp/a", 0o640),
        "namespace": File(b"llm", 0o640),
    }
    request = token_request(token, POD)["spec"]
    assert (request["expirationSeconds"], request["audiences"], request["boundObjectRef"]["uid"]) == (3607, [], "u1")


@pytest.mark.parametrize(
    ("volume", "message"),
    [
        ({"secret": {"secretName": "gone"}}, 'secret "gone" not found'),
        ({"configMap": {"name": "gone"}}, 'configmap "gone" not found'),
        (
            {"secret": {"secretName": "keys", "items": [{"key": "k", "path": "k"}]}},
            "references non-existent secret key: k",
        ),
        (
            {"configMap": {"name": "conf", "items": [{"key": "k", "path": "k"}]}},
            "configmap references non-existent config key: k",
        ),
    ],
)
def test_a_volume_that_lacks_its_source(volume: dict[str, Any], message: str) -> None:
    with pytest.raises(Missing) as error:
        volume_files(volume, POD, OBJECTS, str)
    assert str(error.value) == message


def test_a_pod_as_kserve_makes_it_is_supported() -> None:
    names = {"config": "/etc/ogx", "home": "/home", "dshm": "/dev/shm", "tls": "/var/run/kserve/tls", "tmp": "/tmp/"}
    container = {
        "startupProbe": {"httpGet": {"path": "/v1/health", "port": 8000, "scheme": "HTTPS"}},
        "lifecycle": {"preStop": {"exec": {"command": ["/bin/sleep", "15"]}}},
        "volumeMounts": [{"name": name, "mountPath": path} for name, path in names.items()],
        "securityContext": {"runAsNonRoot": True, "capabilities": {"drop": ["ALL"]}},
    }
    volumes = [{"name": name, "emptyDir": {}} for name in names]
    assert unsupported(pod_with(container, volumes=volumes)) == []


@pytest.mark.parametrize(
    ("pod", "expected"),
    [
        (pod_with({}, ephemeralContainers=[{"name": "debug"}]), "ephemeral containers (debug)"),
        (
            pod_with({}, initContainers=[{"name": "side", "image": "i", "command": ["a"], "restartPolicy": "Always"}]),
            "container side: restartPolicy of its own",
        ),
        (pod_with({}, volumes=[{"name": "m", "nfs": {}}]), "volume m (nfs)"),
        (pod_with({}, hostNetwork=True), "spec.hostNetwork"),
        (pod_with({"command": None}), "container main: no command (this image has no entrypoint here)"),
        (pod_with({"livenessProbe": {"grpc": {}}}), "container main: livenessProbe.grpc"),
        (pod_with({"lifecycle": {"preStop": {"httpGet": {}}}}), "container main: lifecycle.preStop.httpGet"),
        (pod_with({"securityContext": {"privileged": True}}), "container main: securityContext.privileged"),
        (pod_with({"volumeMounts": [{"mountPath": "/etc/ssl/certs"}]}), "container main: a mount over /etc/ssl/certs"),
        (pod_with({"volumeMounts": [{"mountPath": "/"}]}), "container main: a mount over /"),
    ],
)
def test_what_cannot_be_honoured_is_named(pod: dict[str, Any], expected: str) -> None:
    assert unsupported(pod) == [expected]


@pytest.mark.parametrize(
    ("text", "value"), [("100m", 0.1), ("2", 2), ("256Mi", 256 * 2**20), ("1G", 10**9), ("1e3", 1000)]
)
def test_quantities(text: str, value: float) -> None:
    assert float(quantity(text)) == value


def requesting(**requests: str) -> dict[str, Any]:
    return pod_with({"resources": {"requests": {name.replace("_", "/"): amount for name, amount in requests.items()}}})


@pytest.mark.parametrize(
    ("pod", "others", "expected"),
    [
        (requesting(cpu="1"), [], None),
        (requesting(cpu="1500m"), [requesting(cpu="600m")], "1 Insufficient cpu."),
        (requesting(gpu_count="1"), [], "1 Insufficient gpu/count."),
        (requesting(), [requesting()] * 3, "1 Too many pods."),
        (pod_with({}, nodeSelector={"gpu": "yes"}), [], "1 node(s) didn't match Pod's node affinity/selector."),
        (pod_with({}, nodeSelector={"os": "linux"}), [], None),
    ],
)
def test_scheduling(pod: dict[str, Any], others: list[dict[str, Any]], expected: str | None) -> None:
    reason = unschedulable(pod, {"os": "linux"}, {"cpu": "2", "pods": "3"}, others)
    assert reason is None if expected is None else f"0/1 nodes are available: {expected}" in reason
