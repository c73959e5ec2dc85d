#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: delete
short_description: Delete what this collection made, and wait until it is gone
version_added: 0.1.0
author:
  - llamastack.maas contributors (@llamastack)
description:
  - Deletes given objects, or everything of a set, with all that they own, and waits until they are gone.
  - An object is deleted only if its labels say that it belongs to the set, the model namespace and the instance that it
    is expected to belong to. Whatever is not ours is left alone and reported.
  - A C(Namespace) goes last, and only if it then holds nothing but what the platform puts into every namespace.
  - A finalizer that nobody answers is named. It is never removed, because what it guards would be left behind.
  - No value of a Secret is read.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.actiongroup_maas
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    support: full
    details:
      - Uses the dry run of the API server.
  diff_mode:
    support: full
    details:
      - Shows the metadata of each object that goes, of a Secret no value.
  idempotent:
    support: full
options:
  objects:
    description:
      - The objects, as the filter P(llamastack.maas.manifests#filter) makes them. Only C(apiVersion), C(kind),
        C(metadata.name), C(metadata.namespace) and C(metadata.labels) are looked at; the labels say whose each one is
        expected to be.
    type: list
    elements: dict
    default: []
  all_of:
    description:
      - A set of which everything is to be deleted, whatever list it came from.
    type: dict
    suboptions:
      namespace:
        description: The model namespace.
        type: str
        required: true
      set:
        description: The name of the set.
        type: str
        default: default
      kinds:
        description: What to look for, and where.
        type: list
        elements: dict
        required: true
        suboptions:
          api_version:
            description: The API version of the kind.
            type: str
            required: true
          kind:
            description: The kind.
            type: str
            required: true
          namespace:
            description: The namespace to look in. The policies and subscriptions of all model namespaces share one.
            type: str
            required: true
  wait_timeout:
    description:
      - For how long to wait until everything is gone, in seconds. V(0) does not wait.
    type: float
    default: 300
requirements:
  - python >= 3.9
  - kubernetes >= 24.2.0, != 36.0.0
seealso:
  - module: llamastack.maas.apply
"""

EXAMPLES = r"""
- name: Remove the instances that the list names
  llamastack.maas.delete:
    objects: "{{ instances | llamastack.maas.manifests('instances', settings) }}"

- name: Remove all services of a set
  llamastack.maas.delete:
    all_of:
      namespace: llm
      set: default
      kinds:
        - api_version: serving.kserve.io/v1alpha1
          kind: LLMInferenceService
          namespace: llm
"""

RETURN = r"""
removed:
  description: What was deleted, or would be in check mode.
  returned: always
  type: list
  elements: dict
  sample:
    - kind: LLMInferenceService
      name: openai-prod
      namespace: llm
foreign:
  description: What was left alone, each with the reason in C(why).
  returned: always
  type: list
  elements: dict
  sample:
    - kind: Secret
      name: openai-prod-credentials
      namespace: llm
      why: was not made by this collection
left:
  description: What is not gone yet, each with what it waits for in C(why).
  returned: always
  type: list
  elements: dict
  sample: []
elapsed:
  description: For how long it waited, in seconds.
  returned: always
  type: float
  sample: 2.1
attempts:
  description: How often it looked.
  returned: always
  type: int
  sample: 3
pending:
  description: Whether waiting longer could have helped.
  returned: failure
  type: bool
progress:
  description: What was awaited last, on one line.
  returned: failure
  type: str
"""

import time
import typing as t

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule

from ansible_collections.llamastack.maas.plugins.module_utils import apply_plan, deletion_plan, namespace_content
from ansible_collections.llamastack.maas.plugins.module_utils.api_errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes_io import (
    SET_ARGUMENTS,
    Cluster,
    KindNotServed,
    in_parallel,
)
from ansible_collections.llamastack.maas.plugins.module_utils.names import Owner, owner_of
from ansible_collections.llamastack.maas.plugins.module_utils.objects import Ref
from ansible_collections.llamastack.maas.plugins.module_utils.polling import Attempt, gave_up_after, poll

Object = t.Dict[str, t.Any]

_NAMED_IN_PROGRESS = 4


class Refused(Exception):
    """What the API refused for good."""


class Removal:
    """Deletes what is still there, as often as it is asked, until nothing is left."""

    def __init__(self, cluster: Cluster, params: dict[str, t.Any], check_mode: bool) -> None:
        self._cluster = cluster
        self._all_of = params["all_of"]
        self._check_mode = check_mode
        self._owners: dict[Ref, Owner | None] = {Ref.of(obj): owner_of(obj) for obj in params["objects"]}
        self.removed: list[Ref] = []
        self.diffs: list[dict[str, str]] = []
        self.foreign: dict[Ref, str] = {}
        self.left: dict[Ref, str] = {}

    def step(self) -> Attempt:
        """Look at everything, delete what may be deleted, and tell what is left."""
        try:
            self._add_all_of()
            current = self._read()
            self.foreign = self._foreign(current)
            mine = {ref: obj for ref, obj in current.items() if ref not in self.foreign}
            objects = {ref: obj for ref, obj in mine.items() if ref.kind != "Namespace"}
            namespaces = {ref: obj for ref, obj in mine.items() if ref.kind == "Namespace"}
            self._delete(objects)
            if self._check_mode or not objects:
                for ref, why in self._kept(namespaces, doomed=list(objects)).items():
                    self.foreign[ref] = why
                    del namespaces[ref]
                self._delete(namespaces)
        except ApiError as exc:
            if not exc.is_transient:
                raise
            return Attempt(progress=f"the API server does not answer ({exc.outcome})", retry_after=exc.retry_after)
        if self._check_mode:
            return Attempt(done=True)
        self.left = {ref: deletion_plan.held_up_by(obj) for ref, obj in {**objects, **namespaces}.items()}
        return Attempt(done=not self.left, progress=self._progress())

    def _progress(self) -> str:
        in_order = [ref for wave in deletion_plan.waves(self.left) for ref in wave]
        names = [str(ref) for ref in in_order[:_NAMED_IN_PROGRESS]]
        if len(self.left) > len(names):
            names.append(f"{len(self.left) - len(names)} more")
        return f"still there: {', '.join(names)}" if names else ""

    def _add_all_of(self) -> None:
        if not self._all_of:
            return
        for answer in self._cluster.list_set(self._all_of).values():
            if isinstance(answer, ApiError):
                raise answer
            self._owners.update((Ref.of(obj), owner_of(obj)) for obj in answer)

    def _read(self) -> dict[Ref, Object]:
        served = [ref for ref in self._owners if self._is_served(ref)]
        # What holds up a Namespace stands in its status; of everything else, the metadata will do.
        namespaces = [ref for ref in served if ref.kind == "Namespace"]
        others = [ref for ref in served if ref.kind != "Namespace"]
        found = {**self._cluster.read(others, metadata_only=True), **self._cluster.read(namespaces)}
        _raise_refusals(found)
        return {ref: obj for ref, obj in found.items() if obj is not None}

    def _is_served(self, ref: Ref) -> bool:
        try:
            self._cluster.path(ref.api_version, ref.kind)
        except KindNotServed:
            return False
        return True

    def _foreign(self, current: dict[Ref, Object]) -> dict[Ref, str]:
        reasons = {ref: deletion_plan.foreign(self._owners[ref], obj) for ref, obj in current.items()}
        return {ref: why for ref, why in reasons.items() if why}

    def _kept(self, namespaces: dict[Ref, Object], doomed: list[Ref]) -> dict[Ref, str]:
        """The namespaces that hold something of others, with what that is."""
        going = {ref for ref, obj in namespaces.items() if obj["metadata"].get("deletionTimestamp")}
        kept = {}
        for ref in set(namespaces) - going:
            others = namespace_content.of_others(self._content(ref.name), doomed)
            if others:
                shown = ", ".join(str(other) for other in others[:_NAMED_IN_PROGRESS])
                more = f" and {len(others) - _NAMED_IN_PROGRESS} more" if len(others) > _NAMED_IN_PROGRESS else ""
                kept[ref] = f"still holds {shown}{more}"
        return kept

    def _content(self, namespace: str) -> list[Object]:
        kinds = namespace_content.listable_kinds(self._cluster.discovery())
        calls = [lambda k=kind: self._cluster.list(*k, namespace, metadata_only=True) for kind in kinds]
        found = []
        for answer in in_parallel(calls):
            if isinstance(answer, ApiError):
                raise answer
            found += answer
        return found

    def _delete(self, objects: dict[Ref, Object]) -> None:
        doomed = [ref for ref, obj in objects.items() if not obj["metadata"].get("deletionTimestamp")]
        answers: dict[Ref, bool | ApiError] = {}
        for wave in deletion_plan.waves(doomed):
            calls = [lambda r=ref: self._delete_one(r, objects[r]["metadata"]["uid"]) for ref in wave]
            answers.update(zip(wave, in_parallel(calls)))
        removed = [ref for ref, answer in answers.items() if answer is True]
        self.removed += removed
        self.diffs += [apply_plan.diff(objects[ref], None) for ref in removed]
        _raise_refusals(answers)

    def _delete_one(self, ref: Ref, uid: str) -> bool:
        return self._cluster.delete(
            ref.api_version, ref.kind, ref.name, ref.namespace, uid=uid, dry_run=self._check_mode
        )


def _raise_refusals(answers: dict[Ref, t.Any]) -> None:
    refusals = {ref: answer for ref, answer in answers.items() if isinstance(answer, ApiError)}
    final = [f"{ref}: {error}" for ref, error in refusals.items() if not error.is_transient]
    if final:
        raise Refused("\n- ".join([f"{len(final)} objects could not be looked at or deleted:", *final]))
    for error in refusals.values():
        raise error


def main() -> None:
    module = AnsibleK8SModule(
        argument_spec={
            **AUTH_ARG_SPEC,
            "objects": {"type": "list", "elements": "dict", "default": []},
            "all_of": {"type": "dict", "options": SET_ARGUMENTS},
            "wait_timeout": {"type": "float", "default": 300},
        },
        supports_check_mode=True,
    )
    try:
        removal = Removal(Cluster(module), module.params, module.check_mode)
    except (ApiError, ValueError) as exc:
        module.fail_json(msg=f"Nothing was deleted: {exc}")

    outcome = None
    error = None
    try:
        outcome = poll(removal.step, clock=time.monotonic, sleep=time.sleep, timeout=module.params["wait_timeout"])
    except (ApiError, KindNotServed, Refused) as exc:
        error = str(exc)
    result: dict[str, t.Any] = {
        "changed": bool(removal.removed),
        "removed": [ref.as_result() for ref in removal.removed],
        "foreign": [{**ref.as_result(), "why": why} for ref, why in removal.foreign.items()],
        "left": [{**ref.as_result(), "why": why} for ref, why in removal.left.items()],
        "elapsed": round(outcome.elapsed, 1) if outcome else 0.0,
        "attempts": outcome.attempts if outcome else 1,
    }
    if module._diff:
        result["diff"] = removal.diffs
    if error or outcome is None:
        module.fail_json(msg=error, **result)
    if outcome.done:
        module.exit_json(**result)

    lines = [f"{ref} waits for {why}" for ref, why in removal.left.items()] or [outcome.last.progress]
    head = f"{gave_up_after(outcome)} " if module.params["wait_timeout"] else ""
    head += "Not gone yet (a finalizer is never taken off here, what it guards would be left behind):"
    module.fail_json(
        msg="\n- ".join([head, *lines]),
        pending=True,
        progress=outcome.last.progress,
        retry_after=outcome.last.retry_after,
        **result,
    )


if __name__ == "__main__":
    main()
