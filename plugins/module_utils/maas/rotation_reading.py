# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the cluster has of the instances whose keys are to be rotated, and what there is to do for all of them."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings, format_problems
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership, secrets
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.maas import rotation as key_rotation

Object = t.Dict[str, t.Any]

_PATH = "llamastack_maas_rotate"


def read(cluster: Cluster, namespace: str, instances: t.Sequence[Object]) -> dict[str, key_rotation.RotationObjects]:
    """What the cluster has of the instances."""
    refs: dict[str, tuple[Ref, Ref | None, Ref]] = {}
    for instance in instances:
        name, secret = instance["name"], instance["credentials"]["secret"]
        refs[name] = (
            Ref(ownership.INFERENCE_SERVICE_API, ownership.INFERENCE_SERVICE, namespace, name),
            Ref("v1", "Secret", namespace, secret["name"]) if secret else None,
            Ref("v1", "Secret", namespace, ownership.backup_secret_name(name)),
        )
    found = cluster.read(ref for each in refs.values() for ref in each if ref)
    for answer in found.values():
        if isinstance(answer, ApiError):
            raise answer
    return {
        name: key_rotation.RotationObjects(*(t.cast("Object | None", found.get(ref)) if ref else None for ref in each))
        for name, each in refs.items()
    }


def plan_all(cluster: Cluster, params: t.Mapping[str, t.Any], secret_data: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """What there is to do, as module C(maas_key_rotation_info) returns it. Raises ValueError with all problems."""
    namespace, named = params["namespace"], params["names"]
    problems = key_rotation.unknown_names(named, params["instances"], _PATH)
    instances = [each for each in params["instances"] if not named or each["name"] in named]
    rotations: dict[str, key_rotation.Rotation] = {}
    keep: list[Object] = []
    roll_back: dict[str, Object] = {}
    urls: dict[str, str] = {}
    revisions: dict[str, dict[str, str | None]] = {"new": {}, "rolled": {}, "before": {}}
    seen = read(cluster, namespace, instances)
    for instance in instances:
        name, secret = instance["name"], instance["credentials"]["secret"]
        values = secret_data.get(f"{namespace}/{secret['name']}") if secret else None
        try:
            rotation = key_rotation.plan(
                instance, seen[name], secrets.encode(values) if values else None, named=name in named
            )
        except ValueError as exc:
            findings = Findings(_PATH).at(name)
            findings.error(str(exc))
            problems += findings.errors
            continue
        rotations[name] = rotation
        if not rotation.due:
            continue
        url = ((seen[name].service or {}).get("status") or {}).get("url")
        if url:
            urls[name] = url
        place = f"{namespace}/{secret['name']}"
        revisions["new"][place] = rotation.revision
        revisions["rolled"][place] = rotation.rolled
        if rotation.before:
            revisions["before"][place] = rotation.before
            copy = key_rotation.kept_secret(instance, t.cast(Object, seen[name].service))
            keep.append({"source": secret["name"], "target": copy})
            roll_back[name] = {"source": copy["metadata"]["name"], "target": secrets.secret_object(instance)}
    if problems:
        raise ValueError(format_problems(problems))
    return {
        "due": [name for name, rotation in rotations.items() if rotation.due],
        "instances": {name: rotation._asdict() for name, rotation in rotations.items()},
        "revisions": revisions,
        "keep": keep,
        "urls": urls,
        "roll_back": roll_back,
    }
