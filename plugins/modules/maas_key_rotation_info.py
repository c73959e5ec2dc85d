#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: maas_key_rotation_info
short_description: Tell which instances need a new key rolled out
version_added: 0.1.0
author:
  - llamastack.maas contributors (@llamastack)
description:
  - Compares the credentials given with those in the Secrets of the instances, and with those that their pods were
    started with.
  - Finds rotations that were broken off. Their Secret C(<name>-credentials-before-rotation) is still there.
  - Writes nothing, and no value leaves the module.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.info_module
  - llamastack.maas.attributes.actiongroup_maas
  - kubernetes.core.k8s_auth_options
options:
  namespace:
    description:
      - The model namespace.
    type: str
    required: true
  instances:
    description:
      - The instances, as the filter P(llamastack.maas.instances#filter) completes them.
    type: list
    elements: dict
    required: true
  secret_data:
    description:
      - The credentials that are to be in use, by C(<namespace>/<Secret>), as the filter
        P(llamastack.maas.credential_data#filter) reads them.
    type: dict
    default: {}
  names:
    description:
      - The instances to rotate. Those named are due whether their key has changed or not.
      - An empty list means those of O(instances) whose key has changed.
    type: list
    elements: str
    default: []
requirements:
  - python >= 3.9
  - kubernetes >= 24.2.0, != 36.0.0
seealso:
  - module: llamastack.maas.provider_key_check
  - module: llamastack.maas.kube_secret_copy
"""

EXAMPLES = r"""
- name: See whose key has changed
  llamastack.maas.maas_key_rotation_info:
    namespace: llm
    instances: "{{ checked.instances }}"
    secret_data: "{{ llamastack_maas_instances | llamastack.maas.credential_data(settings=checked.settings) }}"
  register: rotation
"""

RETURN = r"""
due:
  description: The names of the instances that need to be rolled out or proven.
  returned: success
  type: list
  elements: str
  sample: [openai-prod]
instances:
  description: What was found of each of O(instances), or of those in O(names).
  returned: success
  type: dict
  contains:
    due:
      description: Whether it needs to be rolled out or proven.
      type: bool
    why:
      description: The reason for that.
      type: str
    managed:
      description: Whether its Secret is written by this collection.
      type: bool
    revision:
      description: The revision of the credentials that are to be in use, as M(llamastack.maas.kube_apply) returns them.
      type: str
    rolled:
      description: The revision of the credentials that its pods were last started with.
      type: str
    before:
      description: The revision of the credentials to go back to; V(null) where there are none.
      type: str
    unfinished:
      description: Whether an earlier rotation did not come to its end.
      type: bool
    in_use:
      description: Whether its Secret, where it is ours, holds the credentials that are to be in use already.
      type: bool
revisions:
  description:
    - The revisions of those that are due, by C(<namespace>/<Secret>), as the filter P(llamastack.maas.manifests#filter)
      takes them, under C(new), C(rolled) and C(before).
  returned: success
  type: dict
  sample:
    new: {llm/openai-prod-credentials: 2b7e151628aed2a6}
    rolled: {llm/openai-prod-credentials: 28aed2a6abf71588}
    before: {llm/openai-prod-credentials: 28aed2a6abf71588}
keep:
  description:
    - The copies that keep the keys before as long as the rotation lasts, as M(llamastack.maas.kube_secret_copy) takes them,
      of those that are due, whose Secret is ours, and that have a key to go back to.
  returned: success
  type: list
  elements: dict
urls:
  description: The URLs at the gateway of those that are due and have one, by the name of the instance.
  returned: success
  type: dict
put_back:
  description: The copies that bring the keys before back, by the name of the instance.
  returned: success
  type: dict
"""

import typing as t

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings, format_problems
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership, secrets
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.masking import take
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import encode
from ansible_collections.llamastack.maas.plugins.module_utils.maas import rotation as key_rotation

Object = t.Dict[str, t.Any]

_PATH = "llamastack_maas_rotate"


def look(cluster: Cluster, namespace: str, instances: t.Sequence[Object]) -> dict[str, key_rotation.Seen]:
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
        name: key_rotation.Seen(*(t.cast("Object | None", found.get(ref)) if ref else None for ref in each))
        for name, each in refs.items()
    }


def main() -> None:
    module = AnsibleK8SModule(
        argument_spec={
            **AUTH_ARG_SPEC,
            "namespace": {"type": "str", "required": True},
            "instances": {"type": "list", "elements": "dict", "required": True},
            "secret_data": {"type": "dict", "default": {}, "no_log": True},
            "names": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    params, secret_data = module.params, take(module, "secret_data")
    namespace, named = params["namespace"], params["names"]
    problems = key_rotation.unknown_names(named, params["instances"], _PATH)
    instances = [each for each in params["instances"] if not named or each["name"] in named]
    rotations: dict[str, key_rotation.Rotation] = {}
    keep: list[Object] = []
    put_back: dict[str, Object] = {}
    urls: dict[str, str] = {}
    revisions: dict[str, dict[str, str | None]] = {"new": {}, "rolled": {}, "before": {}}
    try:
        seen = look(Cluster(module), namespace, instances)
    except ApiError as exc:
        module.fail_json(msg=f"Nothing was written: could not look at the instances and their Secrets: {exc}")
    for instance in instances:
        name, secret = instance["name"], instance["credentials"]["secret"]
        values = secret_data.get(f"{namespace}/{secret['name']}") if secret else None
        try:
            rotation = key_rotation.plan(instance, seen[name], encode(values) if values else None, named=name in named)
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
            put_back[name] = {"source": copy["metadata"]["name"], "target": secrets.secret_object(instance)}
    if problems:
        module.fail_json(msg=f"Nothing was written: {format_problems(problems)}")
    module.exit_json(
        changed=False,
        due=[name for name, rotation in rotations.items() if rotation.due],
        instances={name: rotation._asdict() for name, rotation in rotations.items()},
        revisions=revisions,
        keep=keep,
        urls=urls,
        put_back=put_back,
    )


if __name__ == "__main__":
    main()
