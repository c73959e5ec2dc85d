# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a pod asks for: its environment, the files of its volumes, and what of it this node cannot honour. Pure.

Objects that a pod refers to are read before and handed in as ``objects``: `Reference` -> object, or None where there is
none. Messages about missing ones are the kubelet's.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

#: Seconds that a ServiceAccount token lives where the pod does not say.
TOKEN_SECONDS = 3600

# Sources whose files this node writes itself, and those that are folders of which it leaves the content to the pod.
_WRITTEN = ("secret", "configMap", "downwardAPI", "projected")
_LEFT = ("emptyDir", "persistentVolumeClaim")
# A process opens files below these without being told the path, so a mount there would not be seen.
_SYSTEM = ("/bin", "/dev", "/etc/pki", "/etc/ssl", "/lib", "/lib64", "/proc", "/sbin", "/sys", "/usr")
_SYSTEM_ITSELF = ("/", "/etc", "/etc/hosts", "/etc/nsswitch.conf", "/etc/passwd", "/etc/resolv.conf", "/var")


class Reference(NamedTuple):
    """Something in the pod's namespace that it refers to: ``resource`` is secrets, configmaps or token."""

    resource: str
    name: str


class File(NamedTuple):
    """One file of a volume."""

    content: bytes
    mode: int


class Missing(Exception):
    """A reference leads nowhere; the text is the kubelet's message."""


Objects = Mapping[Reference, dict[str, Any] | None]


def unsupported(pod: Mapping[str, Any], starts_alone: Callable[[str], bool] = lambda _image: False) -> list[str]:
    """Everything about a pod that this node refuses, in words; empty when it can run it.

    :arg starts_alone: whether an image says itself what is started, or does not exist.
    """
    spec = pod["spec"]
    found = []
    if names := [container["name"] for container in spec.get("ephemeralContainers") or []]:
        found.append(f"ephemeral containers ({', '.join(names)})")
    for key in ("hostNetwork", "hostPID", "hostIPC", "hostAliases", "runtimeClassName"):
        if spec.get(key):
            found.append(f"spec.{key}")
    if ((spec.get("affinity") or {}).get("nodeAffinity") or {}).get("requiredDuringSchedulingIgnoredDuringExecution"):
        found.append("required node affinity")
    for volume in spec.get("volumes") or []:
        if not _source(volume):
            found.append(f"volume {volume['name']} ({', '.join(sorted(set(volume) - {'name'}))})")
        for source in (volume.get("projected") or {}).get("sources") or []:
            if not set(source) <= {"secret", "configMap", "downwardAPI", "serviceAccountToken"}:
                found.append(f"volume {volume['name']} (projected {', '.join(sorted(source))})")
    for container in containers(pod):
        found += [f"container {container['name']}: {what}" for what in _unsupported_in_container(container)]
        if not container.get("command") and not starts_alone(container["image"]):
            found.append(f"container {container['name']}: no command (this image has no entrypoint here)")
    return found


def containers(pod: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Those that prepare the pod, then the others."""
    return [*(pod["spec"].get("initContainers") or []), *pod["spec"]["containers"]]


def references(*parts: Any) -> set[Reference]:
    """What containers (their environment) or volumes refer to, found by the API's own field names."""
    found: set[Reference] = set()
    for key, value in _walk(parts):
        if key in ("secretKeyRef", "secretRef"):
            found.add(Reference("secrets", value["name"]))
        elif key in ("configMapKeyRef", "configMapRef", "configMap"):
            found.add(Reference("configmaps", value["name"]))
        elif key == "secret":
            found.add(Reference("secrets", value.get("secretName") or value["name"]))
        elif key == "serviceAccountToken":
            found.add(_token_reference(value))
    return found


class Environment(NamedTuple):
    """A container's variables; ``secret`` names those whose values come from Secrets."""

    values: dict[str, str]
    secret: frozenset[str]


def environment(container: Mapping[str, Any], pod: Mapping[str, Any], objects: Objects) -> Environment:
    """The variables of a container: envFrom first, then env, ``$(NAME)`` expanded. May raise Missing."""
    values: dict[str, str] = {}
    secret: set[str] = set()
    for source in container.get("envFrom") or []:
        resource, key = ("secrets", "secretRef") if "secretRef" in source else ("configmaps", "configMapRef")
        for name, value in _data(resource, source[key], objects).items():
            values[source.get("prefix", "") + name] = value.decode(errors="surrogateescape")
            if resource == "secrets":
                secret.add(source.get("prefix", "") + name)
    for entry in container.get("env") or []:
        name, origin = entry["name"], entry.get("valueFrom")
        secret.discard(name)
        if not origin:
            values[name] = expand(entry.get("value", ""), values)
        elif "fieldRef" in origin:
            values[name] = field(pod, origin["fieldRef"]["fieldPath"])
        else:
            resource, key = (
                ("secrets", "secretKeyRef") if "secretKeyRef" in origin else ("configmaps", "configMapKeyRef")
            )
            data = _data(resource, origin[key], objects)
            if origin[key]["key"] in data:
                values[name] = data[origin[key]["key"]].decode(errors="surrogateescape")
                if resource == "secrets":
                    secret.add(name)
            elif not origin[key].get("optional"):
                kind = "Secret" if resource == "secrets" else "ConfigMap"
                where = f"{pod['metadata']['namespace']}/{origin[key]['name']}"
                raise Missing(f"couldn't find key {origin[key]['key']} in {kind} {where}")
    return Environment(values, frozenset(secret))


def expand(text: str, values: Mapping[str, str]) -> str:
    """Replace ``$(NAME)`` by its value where it has one; ``$$`` stands for one dollar.

    >>> expand("$(HOST):$(PORT) $$(HOST)", {"HOST": "a"})
    'a:$(PORT) $(HOST)'
    """
    return re.sub(r"\$(?:\$|\(([^)]*)\))", lambda m: "$" if m[1] is None else values.get(m[1], m[0]), text)


def field(pod: Mapping[str, Any], path: str) -> str:
    """A field of the pod as the downward API gives it."""
    if keyed := re.fullmatch(r"metadata\.(labels|annotations)\['([^']+)'\]", path):
        return (pod["metadata"].get(keyed[1]) or {}).get(keyed[2], "")
    if path in ("metadata.labels", "metadata.annotations"):
        entries = pod["metadata"].get(path.removeprefix("metadata.")) or {}
        return "\n".join(f'{key}="{value}"' for key, value in sorted(entries.items()))
    if path in ("status.podIPs", "status.hostIPs"):
        return ",".join(each["ip"] for each in pod["status"][path.removeprefix("status.")])
    section, _dot, key = path.partition(".")
    return str(pod[section].get(key, ""))


def volume_files(
    volume: Mapping[str, Any], pod: Mapping[str, Any], objects: Objects, rewrite: Callable[[str], str]
) -> dict[str, File] | None:
    """The files of a volume by relative path, text of ConfigMaps rewritten. May raise Missing.

    None for a volume whose content is the pod's.
    """
    source = _source(volume)
    if source in _LEFT:
        return None
    given = volume[source]
    mode = given.get("defaultMode", 0o644)
    parts = given.get("sources") or [] if source == "projected" else [{source: given}]
    files: dict[str, File] = {}
    for part in parts:
        for kind, details in part.items():
            files.update(_files(kind, details, mode, pod, objects, rewrite))
    return files


def token_request(reference: Reference, pod: Mapping[str, Any]) -> dict[str, Any]:
    """The TokenRequest for a projected ServiceAccount token, bound to the pod."""
    seconds, _space, audience = reference.name.partition(" ")
    bound = {"apiVersion": "v1", "kind": "Pod", "name": pod["metadata"]["name"], "uid": pod["metadata"]["uid"]}
    spec = {"audiences": [audience] if audience else [], "expirationSeconds": int(seconds), "boundObjectRef": bound}
    return {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}


def probe_port(container: Mapping[str, Any], port: int | str) -> int:
    """The number of a port that a probe names."""
    if isinstance(port, int):
        return port
    named = {each.get("name"): each["containerPort"] for each in container.get("ports") or []}
    return named[port] if port in named else int(port)


def _source(volume: Mapping[str, Any]) -> str | None:
    return next((key for key in (*_WRITTEN, *_LEFT) if key in volume), None)


def _unsupported_in_container(container: Mapping[str, Any]) -> Iterator[str]:
    if container.get("restartPolicy"):
        yield "restartPolicy of its own"
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        if "grpc" in (container.get(probe) or {}):
            yield f"{probe}.grpc"
    lifecycle = container.get("lifecycle") or {}
    for handler in set(lifecycle.get("postStart") or {}) - {"exec"}:
        yield f"lifecycle.postStart.{handler}"
    for handler in set(lifecycle.get("preStop") or {}) - {"exec", "sleep"}:
        yield f"lifecycle.preStop.{handler}"
    if (container.get("securityContext") or {}).get("privileged"):
        yield "securityContext.privileged"
    if container.get("volumeDevices"):
        yield "volumeDevices"
    for port in container.get("ports") or []:
        if port.get("hostPort"):
            yield f"hostPort {port['hostPort']}"
    for entry in container.get("env") or []:
        if set(entry.get("valueFrom") or {}) & {"resourceFieldRef", "fileKeyRef"}:
            yield f"env {entry['name']} from {', '.join(entry['valueFrom'])}"
    for mount in container.get("volumeMounts") or []:
        path = mount["mountPath"].rstrip("/") or "/"
        if mount.get("subPathExpr"):
            yield f"subPathExpr of {path}"
        system = path in (*_SYSTEM, *_SYSTEM_ITSELF) or path.startswith(tuple(f"{each}/" for each in _SYSTEM))
        if system and path != "/dev/shm":
            yield f"a mount over {path}"


def _files(
    kind: str,
    details: Mapping[str, Any],
    mode: int,
    pod: Mapping[str, Any],
    objects: Objects,
    rewrite: Callable[[str], str],
) -> Iterator[tuple[str, File]]:
    if kind == "serviceAccountToken":
        token = objects[_token_reference(details)]
        if token is None:
            raise Missing(f'serviceaccounts "{field(pod, "spec.serviceAccountName")}" not found')
        yield details["path"], File(token["status"]["token"].encode(), 0o600)
    elif kind == "downwardAPI":
        for item in details.get("items") or []:
            yield item["path"], File(field(pod, item["fieldRef"]["fieldPath"]).encode(), item.get("mode", mode))
    else:
        resource = "secrets" if kind == "secret" else "configmaps"
        data = _data(resource, {**details, "name": details.get("secretName") or details["name"]}, objects)
        text = _text(resource, details, objects)
        items = details.get("items")
        if items is None:
            items = [{"key": key, "path": key} for key in data]
        for item in items:
            if item["key"] in data:
                content = data[item["key"]]
                if item["key"] in text:
                    content = rewrite(content.decode()).encode()
                yield item["path"], File(content, item.get("mode", mode))
            elif not details.get("optional"):
                wrong = "non-existent secret key" if kind == "secret" else "non-existent config key"
                prefix = "" if kind == "secret" else "configmap "
                raise Missing(f"{prefix}references {wrong}: {item['key']}")


def _data(resource: str, reference: Mapping[str, Any], objects: Objects) -> dict[str, bytes]:
    """Decoded data of a Secret or ConfigMap; empty where an optional one is missing."""
    found = objects[Reference(resource, reference["name"])]
    if found is None:
        if reference.get("optional"):
            return {}
        raise Missing(f'{resource.removesuffix("s")} "{reference["name"]}" not found')
    if resource == "secrets":
        return {key: base64.b64decode(value) for key, value in (found.get("data") or {}).items()}
    binary = {key: base64.b64decode(value) for key, value in (found.get("binaryData") or {}).items()}
    return {key: value.encode() for key, value in (found.get("data") or {}).items()} | binary


def _text(resource: str, details: Mapping[str, Any], objects: Objects) -> Iterable[str]:
    if resource == "secrets":
        return ()
    return (objects[Reference(resource, details["name"])] or {}).get("data") or ()


def _token_reference(details: Mapping[str, Any]) -> Reference:
    return Reference("token", f"{details.get('expirationSeconds', TOKEN_SECONDS)} {details.get('audience', '')}")


def _walk(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(inner, Mapping):
                yield key, inner
            yield from _walk(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _walk(inner)
