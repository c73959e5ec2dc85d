#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kube_secret_copy
short_description: Copy the values of Secrets within a namespace, without showing them
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Brings Secrets to the cluster, by server-side apply with field manager C(llamastack.maas), that hold what others of
    the same namespace hold. All are read before the first one is written.
  - No value leaves the module, nor is in its difference.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    support: full
    details: Uses the dry run of the API server.
  diff_mode:
    support: full
    details: Only the keys are shown, and which of their values would change.
  idempotent:
    support: full
options:
  copies:
    description: What is copied.
    type: list
    elements: dict
    required: true
    suboptions:
      source:
        description: The name of the Secret whose values are copied. It must exist.
        type: str
        required: true
      target:
        description: The Secret that gets them, whole but for its data, with the labels of this collection. One of the
          same name that is not managed by this instance set is refused.
        type: dict
        required: true
  overwrite:
    description: Whether a target that exists gets the values, too. Otherwise it stays as it is.
    type: bool
    default: true
requirements:
  - PyYAML >= 3.11
seealso:
  - module: llamastack.maas.kube_apply
  - module: llamastack.maas.maas_key_rotation_info
"""

EXAMPLES = r"""
- name: Keep a Secret as it is now, unless that was done before
  llamastack.maas.kube_secret_copy:
    copies:
      - source: openai-prod-credentials
        target: "{{ rotation.kept['openai-prod'] }}"
    overwrite: false
"""

RETURN = r"""
objects:
  description: One entry for each of O(copies), in their order, as M(llamastack.maas.kube_apply) returns them.
  returned: success
  type: list
  elements: dict
  sample:
    - kind: Secret
      name: openai-prod-credentials-before-rotation
      namespace: llm
      instance: openai-prod
      changed: true
      action: created
revisions:
  description: The revision of the values of each target, by C(<namespace>/<name>).
  returned: success
  type: dict
  sample:
    llm/openai-prod-credentials-before-rotation: 2b7e151628aed2a6
"""

import typing as t

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import apply
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster, in_parallel
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import LABEL_INSTANCE, owner_of
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import revision

Object = t.Dict[str, t.Any]


class CopyRefused(Exception):
    """Why nothing may be written."""


class Copies:
    """The copies of one call and what became of them."""

    def __init__(
        self,
        cluster: Cluster,
        copies: t.Sequence[Object],
        *,
        overwrite: bool,
        check_mode: bool,
    ) -> None:
        self._cluster = cluster
        self._targets: list[Object] = [each["target"] for each in copies]
        self._sources = [Ref("v1", "Secret", _namespace(each["target"]), each["source"]) for each in copies]
        self._overwrite = overwrite
        self._check_mode = check_mode
        self.entries: list[dict[str, t.Any]] = []
        self.diffs: list[dict[str, str]] = []
        self.revisions: dict[str, str] = {}

    def run(self) -> None:
        """Read everything, then write. Raises CopyRefused, and ApiError for what the API refuses."""
        unlabelled = [str(Ref.of(target)) for target in self._targets if owner_of(target) is None]
        if unlabelled:
            raise CopyRefused(
                f"{', '.join(unlabelled)} lacks the labels by which it is known as managed by this collection"
            )
        found = self._cluster.read({*self._sources, *map(Ref.of, self._targets)})
        for answer in found.values():
            if isinstance(answer, ApiError):
                raise answer
        for target in self._targets:
            why = apply.foreign(target, t.cast("Object | None", found[Ref.of(target)]))
            if why:
                raise CopyRefused(f"{Ref.of(target)} {why}.")
        missing = [str(ref) for ref in self._sources if found[ref] is None]
        if missing:
            raise CopyRefused(f"there is no {', '.join(missing)} to copy from")
        calls = [
            lambda s=source, o=target: self._copy(
                t.cast(Object, found[s]), o, t.cast("Object | None", found[Ref.of(o)])
            )
            for source, target in zip(self._sources, self._targets)
        ]
        for target, after in zip(self._targets, in_parallel(calls)):
            if isinstance(after, ApiError):
                raise after
            self._record(target, t.cast("Object | None", found[Ref.of(target)]), after)

    def _copy(self, source: Object, target: Object, current: Object | None) -> Object:
        if current is not None and not self._overwrite:
            return current
        wanted = {**target, "data": source.get("data") or {}}
        return self._cluster.apply(wanted, dry_run=self._check_mode)

    def _record(self, target: Object, before: Object | None, after: Object) -> None:
        ref = Ref.of(target)
        self.revisions[f"{ref.namespace}/{ref.name}"] = revision(ref.namespace or "", ref.name, after.get("data") or {})
        changed = not apply.same(before, after)
        action = ("updated" if before else "created") if changed else "unchanged"
        instance = target["metadata"].get("labels", {}).get(LABEL_INSTANCE)
        self.entries.append({**ref.as_result(), "instance": instance, "changed": changed, "action": action})
        if changed:
            self.diffs.append(apply.diff(before, after))


def _namespace(target: Object) -> str:
    return (target.get("metadata") or {}).get("namespace") or ""


def main() -> None:
    copy_spec = {"source": {"type": "str", "required": True}, "target": {"type": "dict", "required": True}}
    module = AnsibleK8SModule(
        argument_spec={
            **AUTH_ARG_SPEC,
            "copies": {"type": "list", "elements": "dict", "required": True, "options": copy_spec},
            "overwrite": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    params = module.params
    try:
        copies = Copies(
            Cluster(module),
            params["copies"],
            overwrite=params["overwrite"],
            check_mode=module.check_mode,
        )
        copies.run()
    except (ApiError, CopyRefused) as exc:
        module.fail_json(msg=f"Could not copy the Secrets: {exc}")
    outcome: dict[str, t.Any] = {
        "changed": any(entry["changed"] for entry in copies.entries),
        "objects": copies.entries,
        "revisions": copies.revisions,
    }
    if module._diff:
        outcome["diff"] = copies.diffs
    module.exit_json(**outcome)


if __name__ == "__main__":
    main()
