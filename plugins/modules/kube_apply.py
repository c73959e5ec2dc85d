#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kube_apply
short_description: Apply a batch of objects to the cluster
version_added: 0.1.0
author:
  - llamastack.maas contributors (@llamastack)
description:
  - Brings any number of objects that carry the labels of this collection to the cluster in one task, by server-side
    apply with field manager C(llamastack.maas).
  - Requests run in parallel; an object waits only for the kinds that it needs, such as a Deployment for its Secret.
  - Objects of the same name that this collection did not make, or that belong to another instance set or model
    namespace, are unmanaged. If there is one among those to be applied, nothing at all is written.
  - An object counts as changed by its content. Its status and what the API server keeps about it do not matter.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    support: full
    details:
      - Uses the dry run of the API server, so that admission is asked too.
      - What belongs into a namespace, or is of a kind, that does not exist yet is reported as it would be created.
  diff_mode:
    support: full
    details:
      - Of a Secret, only the keys are shown, and which of their values would change.
  idempotent:
    support: full
options:
  objects:
    description:
      - The objects, whole. Each must carry the labels
        C(app.kubernetes.io/managed-by), C(llamastack.maas/namespace) and C(llamastack.maas/set).
      - An unmanaged C(Namespace) is used as it is. Only those of its labels here that do not mark it as
        ours are put on it.
      - A C(Secret) carries no values here, see O(secret_data).
    type: list
    elements: dict
    required: true
  secret_data:
    description:
      - The values of every C(Secret) among O(objects). Maps C(<namespace>/<name>) to a dictionary of key and text.
      - They are encoded within the module, and appear neither in its result nor in its difference.
    type: dict
    default: {}
  force_conflicts:
    description:
      - Take over fields that another field manager owns, and objects of ours that only others have applied, instead of
        failing with its name.
    type: bool
    default: false
  objects_to_come:
    description:
      - Objects that later tasks apply. They are refused now where they are unmanaged, before anything is written; and when
        O(objects) are applied, RV(to_apply) says which of them there is anything to do for. Given, also as an empty list,
        this is the first task that writes.
    type: list
    elements: dict
  leftovers_of:
    description:
      - An instance set, to find out what is left of it in the cluster beside the instances that are to be there.
    type: dict
    suboptions:
      namespace:
        description:
          - The namespace of the instances.
        type: str
        required: true
      set:
        description:
          - The instance set.
        type: str
        default: default
      kinds:
        description:
          - What it is made of, and where.
        type: list
        elements: dict
        required: true
        suboptions:
          api_version:
            description:
              - The API version.
            type: str
            required: true
          kind:
            description:
              - The kind.
            type: str
            required: true
          namespace:
            description:
              - Where to look.
            type: str
            required: true
      instances:
        description:
          - The names of the instances that are to be there.
        type: list
        elements: str
        default: []
requirements:
  - PyYAML >= 3.11
seealso:
  - module: llamastack.maas.plan
  - module: llamastack.maas.kube_delete
  - module: llamastack.maas.maas_wait_ready
"""

EXAMPLES = r"""
- name: Apply a Secret
  llamastack.maas.kube_apply:
    objects:
      - apiVersion: v1
        kind: Secret
        metadata:
          name: openai-prod-credentials
          namespace: llm
          labels:
            app.kubernetes.io/managed-by: llamastack.maas
            llamastack.maas/instance: openai-prod
            llamastack.maas/namespace: llm
            llamastack.maas/set: default
    secret_data:
      llm/openai-prod-credentials:
        api_key: "{{ lookup('ansible.builtin.env', 'OPENAI_API_KEY') }}"
  no_log: true

- name: Apply one object
  llamastack.maas.kube_apply:
    objects:
      - apiVersion: v1
        kind: ConfigMap
        metadata:
          name: openai-prod-config
          namespace: llm
          labels:
            app.kubernetes.io/managed-by: llamastack.maas
            llamastack.maas/instance: openai-prod
            llamastack.maas/namespace: llm
            llamastack.maas/set: default
        data:
          greeting: hello
"""

RETURN = r"""
objects:
  description: One entry for each of O(objects), in their order. When the module fails, it shows how far it came.
  returned: always
  type: list
  elements: dict
  contains:
    kind:
      description: The kind of the object.
      type: str
    name:
      description: The name of the object.
      type: str
    namespace:
      description: The namespace of the object, or V(null).
      type: str
    instance:
      description: The instance that the object belongs to, or V(null).
      type: str
    changed:
      description: Whether its content was changed, or would be in check mode.
      type: bool
    action:
      description:
        - V(created), V(updated) or V(unchanged); V(used) for what was left as it is, an unmanaged Namespace
          or a ServiceAccount that another set of the same namespace uses, too.
        - V(failed) or V(not attempted) when the module fails.
      type: str
  sample:
    - kind: Secret
      name: openai-prod-credentials
      namespace: llm
      changed: true
      action: created
to_apply:
  description:
    - Those of O(objects_to_come) that are not there as they are given. Each was tried by the dry run of the API server; where
      that was refused, the task that applies the object will say why.
  returned: with O(objects_to_come), when the module succeeds
  type: list
  elements: dict
  contains:
    kind:
      description: The kind of the object.
      type: str
    name:
      description: The name of the object.
      type: str
    namespace:
      description: The namespace of the object, or V(null).
      type: str
leftovers:
  description:
    - By the name of an instance that is not to be there, its objects, with no more than their names and labels. By that
      of one that is, the Secret of its key before a rotation.
  returned: with O(leftovers_of)
  type: dict
unreadable:
  description: What may not be listed, so that nothing is known of it, with the refusal.
  returned: with O(leftovers_of)
  type: list
  elements: str
revisions:
  description:
    - For each Secret of O(secret_data), 16 hexadecimal digits that change whenever its values do. Put into a pod
      template, they roll the pod when a key changes.
  returned: always
  type: dict
  sample:
    llm/openai-prod-credentials: 2b7e151628aed2a6
"""

import typing as t

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import apply
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.apply import listing
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import (
    SET_ARGUMENTS,
    Cluster,
    KindNotServed,
    in_parallel,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.masking import take
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import (
    LABEL_INSTANCE,
    backup_secret_name,
    owner_of,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import encode, revision

_NOTHING_BY_THIS_TASK = "This task has written nothing"
_NOTHING = "Nothing was written"

Object = t.Dict[str, t.Any]


class Failure(Exception):
    """A message for the user."""


class Batch:
    """The objects of one call, what the cluster had of them, and what became of them."""

    def __init__(
        self,
        cluster: Cluster,
        objects: list[Object],
        *,
        to_come: list[Object] | None = None,
        check_mode: bool,
        force: bool,
        show_diffs: bool,
    ) -> None:
        self._cluster = cluster
        self._objects = objects
        self._to_come = to_come or []
        # Other tasks before this one may have written something.
        self.nothing = _NOTHING_BY_THIS_TASK if to_come is None else _NOTHING
        self._check_mode = check_mode
        self._force = force
        self._show_diffs = show_diffs
        self._current: dict[Ref, Object | None] = {}
        self._unserved: set[str] = set()
        self._absent_namespaces: set[str] = set()
        self._actions: dict[Ref, str] = {}
        self.diffs: list[dict[str, str]] = []
        self.warnings: list[str] = []

    def results(self) -> list[dict[str, t.Any]]:
        """One entry per object."""
        entries = []
        for obj in self._objects:
            ref = Ref.of(obj)
            action = self._actions.get(ref, "not attempted")
            instance = obj["metadata"]["labels"].get(LABEL_INSTANCE)
            changed = action in ("created", "updated")
            entries.append({**ref.as_result(), "instance": instance, "changed": changed, "action": action})
        return entries

    def run(self) -> str | None:
        """Read, then refuse or apply. Returns what went wrong."""
        try:
            self._resolve_kinds()
            self._read_current()
            self._refuse_foreign()
            for wave in apply.waves(self._objects):
                self._apply(wave)
        except (Failure, ApiError) as exc:
            return str(exc)
        return None

    def _resolve_kinds(self) -> None:
        missing = {}
        for obj in self._objects:
            try:
                self._cluster.path(obj["apiVersion"], obj["kind"])
            except KindNotServed as exc:
                missing[obj["kind"]] = str(exc)
        if not missing:
            return
        text = (
            f"{'; '.join(missing.values())}. KServe, or Models-as-a-Service, is not installed in the version that this"
            " run expects."
        )
        if not self._check_mode:
            raise Failure(f"{self.nothing}: {text}")
        self._unserved = set(missing)
        self.warnings.append(f"The real run would fail: {text}")

    def _read_current(self) -> None:
        refs = [Ref.of(obj) for obj in self._objects if obj["kind"] not in self._unserved]
        self._read([ref for ref in refs if ref.kind == "Namespace"])
        self._absent_namespaces = {ref.name for ref, obj in self._current.items() if obj is None}
        self._read([ref for ref in refs if ref.kind != "Namespace" and ref.namespace not in self._absent_namespaces])

    def _read(self, refs: list[Ref]) -> None:
        refused = []
        for ref, answer in self._cluster.read(refs).items():
            if isinstance(answer, ApiError):
                refused.append(f"{ref}: {answer}")
            else:
                self._current[ref] = answer
        if refused:
            raise Failure(
                listing(f"{self.nothing}: could not see whether these are there and whose they are:", refused)
            )

    def _refuse_foreign(self) -> None:
        missing = self._cluster.unserved(self._to_come)
        to_come = [obj for obj in self._to_come if (obj["apiVersion"], obj["kind"]) not in missing]
        found = self._cluster.read(apply.refusable(to_come))
        self._current.update((ref, obj) for ref, obj in found.items() if not isinstance(obj, ApiError))
        foreign = apply.foreign_objects([*self._objects, *to_come], self._current, take_over=self._force)
        if foreign:
            raise Failure(f"{self.nothing}: {apply.refusal(foreign)}")

    def to_apply(self) -> list[Object]:
        """What there is to do for later tasks, tried as they will apply it."""
        there = [obj for obj in self._to_come if self._current.get(Ref.of(obj))]
        answers = in_parallel([lambda o=obj: self._apply_one(o, dry_run=True) for obj in there])
        done = {
            ref
            for ref, after in zip(map(Ref.of, there), answers)
            if not isinstance(after, ApiError) and apply.writes_nothing(self._current[ref], after)
        }
        return [ref.as_result() for ref in map(Ref.of, self._to_come) if ref not in done]

    def _apply(self, wave: list[Object]) -> None:
        calls = [lambda o=obj: self._apply_one(o, dry_run=self._check_mode) for obj in wave]
        failed = []
        for obj, answer in zip(wave, in_parallel(calls)):
            ref = Ref.of(obj)
            if isinstance(answer, ApiError):
                self._actions[ref] = "failed"
                failed.append(f"{ref}: {answer}")
            else:
                self._record(ref, answer)
        if failed:
            done = sum(action not in ("failed", "not attempted") for action in self._actions.values())
            head = f"{len(failed)} of {len(self._objects)} objects could not be applied ({done} were, see objects):"
            raise Failure(listing(head, failed))

    def _apply_one(self, obj: Object, *, dry_run: bool) -> Object | None:
        """The object as it is after the apply; None for an unmanaged one that is used as it is."""
        ref = Ref.of(obj)
        if ref.kind in self._unserved:
            return obj
        wanted = obj
        if ref.kind == "Namespace":
            wanted = apply.namespace_to_apply(obj, self._current[ref])
            if wanted is None:
                return None
        elif apply.is_shared(obj, self._current.get(ref)):
            return None
        elif self._check_mode and ref.namespace in self._absent_namespaces:
            return obj
        try:
            return self._cluster.apply(wanted, dry_run=dry_run, force=self._force)
        except ApiError as exc:
            if self._check_mode and exc.is_missing_namespace:
                return obj
            raise

    def _record(self, ref: Ref, after: Object | None) -> None:
        before = self._current.get(ref)
        if after is None:
            self._actions[ref] = "used"
            return
        if apply.same(before, after):
            self._actions[ref] = "unchanged"
            return
        self._actions[ref] = "updated" if before else "created"
        # A difference is YAML: writing those of hundreds of objects takes as long as applying them.
        if self._show_diffs:
            self.diffs.append(apply.diff(before, after))


def leftovers(cluster: Cluster, wanted: Object) -> Object:
    """What is left of an instance set beside its instances, and what may not be listed. Raises ApiError."""
    found: dict[str, list[Object]] = {}
    unreadable = []
    for kind, answer in cluster.list_set(wanted).items():
        if isinstance(answer, ApiError):
            if answer.status != 403:
                raise answer
            unreadable.append(f"{kind[1]} in namespace {kind[2]}: {answer}")
            continue
        for obj in answer:
            owner, metadata = owner_of(obj), obj["metadata"]
            name = owner.instance if owner else None
            if name and (name not in wanted["instances"] or metadata["name"] == backup_secret_name(name)):
                short = {key: metadata[key] for key in ("name", "namespace", "labels")}
                found.setdefault(name, []).append(
                    {"apiVersion": obj["apiVersion"], "kind": obj["kind"], "metadata": short}
                )
    return {"leftovers": dict(sorted(found.items())), "unreadable": unreadable}


def main() -> None:
    module = AnsibleK8SModule(
        argument_spec={
            **AUTH_ARG_SPEC,
            "objects": {"type": "list", "elements": "dict", "required": True},
            "secret_data": {"type": "dict", "default": {}, "no_log": True},
            "force_conflicts": {"type": "bool", "default": False},
            "objects_to_come": {"type": "list", "elements": "dict"},
            "leftovers_of": {
                "type": "dict",
                "options": {**SET_ARGUMENTS, "instances": {"type": "list", "elements": "str", "default": []}},
            },
        },
        supports_check_mode=True,
    )
    objects = module.params["objects"]
    secret_data = {key: values or {} for key, values in take(module, "secret_data").items()}
    problems = apply.input_problems(objects, secret_data)
    if problems:
        module.fail_json(msg=listing(f"{_NOTHING_BY_THIS_TASK}: what was handed in cannot be applied:", problems))

    encoded = {key: encode(values) for key, values in secret_data.items()}
    try:
        cluster = Cluster(module)
    except ApiError as exc:
        module.fail_json(msg=str(exc))

    batch = Batch(
        cluster,
        apply.with_secret_data(objects, secret_data),
        to_come=module.params["objects_to_come"],
        check_mode=module.check_mode,
        force=module.params["force_conflicts"],
        show_diffs=module._diff,
    )
    error, found, wanted = None, {}, module.params["leftovers_of"]
    if wanted:
        try:
            found = leftovers(cluster, wanted)
        except ApiError as exc:
            error = f"{batch.nothing}: could not see what is left of instance set {wanted['set']}: {exc}"
    error = error or batch.run()
    for warning in batch.warnings:
        module.warn(warning)
    results = batch.results()
    outcome = {
        "changed": any(entry["changed"] for entry in results),
        "objects": results,
        **found,
        "revisions": {key: revision(*key.split("/", 1), data) for key, data in encoded.items()},
    }
    if module._diff:
        outcome["diff"] = batch.diffs
    if error:
        module.fail_json(msg=error, **outcome)
    if module.params["objects_to_come"] is not None:
        outcome["to_apply"] = batch.to_apply()
    module.exit_json(**outcome)


if __name__ == "__main__":
    main()
