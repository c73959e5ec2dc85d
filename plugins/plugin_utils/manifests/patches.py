# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What makes one instance out of the base object that all share, as RFC 6902 operations.

There is one way from the list to an object: the same operations are applied when the collection deploys and are
written into overlays when another program does. They depend on nothing but their arguments and come in one order.
"""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.kserve.revisions import (
    CONFIG_REVISION,
    CREDENTIALS_REVISION,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import registry

Operation = t.Dict[str, t.Any]

DISPLAY_NAME = "openshift.io/display-name"
DESCRIPTION = "openshift.io/description"

_CONTAINER = "/spec/template/containers/0"
_FILES_VOLUME = "llamastack-credentials"


def operations(
    instance: t.Mapping[str, t.Any],
    base: t.Mapping[str, t.Any],
    config_revision: str,
    credentials_revision: str | None = None,
    annotations: t.Mapping[str, str] | None = None,
) -> list[Operation]:
    """The operations that turn C(base) into the LLMInferenceService of a normalised instance.

    The revisions end up as environment variables of the container: whatever changes one of them rolls the pod, in
    every release of KServe, and nothing else of the pod or its selector is touched. C(credentials_revision) None
    leaves that variable out. C(annotations) are added to the instance's own.
    """
    return [
        _replace("/metadata/name", instance["name"]),
        _add("/metadata/labels", ownership.LABEL_INSTANCE, instance["name"]),
        _add("/metadata/labels", ownership.LABEL_PROVIDER, instance["provider"]),
        *_annotations(instance, annotations or {}),
        _replace("/spec/model/name", instance["name"]),
        *_differences(instance, base),
        _replace("/spec/template/volumes/0/configMap/name", ownership.config_name(instance["name"])),
        *_credential_variables(instance),
        *_credential_files(instance),
        *_revisions(config_revision, credentials_revision),
    ]


def _annotations(instance: t.Mapping[str, t.Any], more: t.Mapping[str, str]) -> list[Operation]:
    annotations = {DISPLAY_NAME: instance["display_name"]}
    if instance["description"]:
        annotations[DESCRIPTION] = instance["description"]
    annotations.update(more)
    return [_add("/metadata/annotations", key, annotations[key]) for key in sorted(annotations)]


def _differences(instance: t.Mapping[str, t.Any], base: t.Mapping[str, t.Any]) -> list[Operation]:
    """Operations for what the base has a value of its own for, where the instance wants another."""
    container = base["spec"]["template"]["containers"][0]
    wanted = (
        ("/spec/replicas", base["spec"]["replicas"], instance["replicas"]),
        (f"{_CONTAINER}/image", container["image"], instance["image"]),
        (f"{_CONTAINER}/resources", container["resources"], instance["resources"]),
    )
    return [_replace(path, new) for path, old, new in wanted if old != new]


def _credential_variables(instance: t.Mapping[str, t.Any]) -> list[Operation]:
    return [_append_variable({"name": field["env"], **_value(instance, field)}) for field in _fields(instance, "env")]


def _value(instance: t.Mapping[str, t.Any], field: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    if field["file"]:
        return {"value": literal(field["file"])}
    reference = {"name": instance["credentials"]["secret"]["name"], "key": field["key"]}
    return {"valueFrom": {"secretKeyRef": reference}}


def _credential_files(instance: t.Mapping[str, t.Any]) -> list[Operation]:
    fields = _fields(instance, "file")
    if not fields:
        return []
    items = [{"key": field["key"], "path": field["file"].rsplit("/", 1)[-1]} for field in fields]
    source = {"secretName": instance["credentials"]["secret"]["name"], "items": items}
    mount = {"name": _FILES_VOLUME, "mountPath": registry.CREDENTIAL_DIRECTORY, "readOnly": True}
    return [
        {"op": "add", "path": "/spec/template/volumes/-", "value": {"name": _FILES_VOLUME, "secret": source}},
        {"op": "add", "path": f"{_CONTAINER}/volumeMounts/-", "value": mount},
    ]


def _fields(instance: t.Mapping[str, t.Any], key: str) -> list[dict[str, t.Any]]:
    return sorted((field for field in instance["credentials"]["fields"] if field[key]), key=lambda field: field[key])


def _revisions(config: str, credentials: str | None) -> list[Operation]:
    revisions = [(CONFIG_REVISION, config), (CREDENTIALS_REVISION, credentials)]
    return [_append_variable({"name": name, "value": literal(value)}) for name, value in revisions if value]


def literal(text: str) -> str:
    """The value of an environment variable that reads C(text) in the container.

    Kubernetes puts the value of another variable, a key among them, in the place of $(NAME), and $ in that of $$.
    """
    return text.replace("$", "$$")


def _append_variable(variable: dict[str, t.Any]) -> Operation:
    return {"op": "add", "path": f"{_CONTAINER}/env/-", "value": variable}


def _replace(path: str, value: t.Any) -> Operation:
    return {"op": "replace", "path": path, "value": value}


def _add(parent: str, key: str, value: t.Any) -> Operation:
    return {"op": "add", "path": f"{parent}/{_escape(key)}", "value": value}


def _escape(key: str) -> str:
    """A key as one step of a JSON pointer (RFC 6901)."""
    return key.replace("~", "~0").replace("/", "~1")
