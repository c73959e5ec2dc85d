#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kube_delete
short_description: Delete what this collection made, and wait until it is gone
version_added: 0.1.0
author:
  - llamastack.maas contributors (@llamastack)
description:
  - Deletes given objects, or everything of a set, with all that they own, and waits until they are gone.
  - An object is deleted only if its labels say that it belongs to the set, the model namespace and the instance that it
    is expected to belong to. Whatever is not ours is left alone and reported.
  - A C(Namespace) goes last, and only if it then holds nothing but what the platform puts into every namespace.
  - What is of a kind that the cluster does not serve is gone. Neither KServe nor Models-as-a-Service need be there.
  - What cannot be deleted, because of a finalizer that nobody answers or of a refusal, does not keep the rest from
    going, and is named in the end with the reason. All that is asked to go is awaited together.
  - A finalizer is never removed, because what it guards would be left behind.
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
      - A set of which everything is to be deleted, or all of some of its instances, whatever list it came from.
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
      instances:
        description:
          - The names of the only instances of which all is to be deleted. It is found by its names then, so the right
            to list it is not needed. An empty list means none; without the option, all of the set is meant.
        type: list
        elements: str
  wait_timeout:
    description:
      - For how long to wait until everything is gone, in seconds. V(0) does not wait.
    type: float
    default: 300
  fail_left:
    description:
      - Whether to fail because of what is not gone in the end. Otherwise RV(left) tells.
    type: bool
    default: true
requirements:
  - python >= 3.9
  - kubernetes >= 24.2.0, != 36.0.0
seealso:
  - module: llamastack.maas.kube_apply
"""

EXAMPLES = r"""
- name: Remove the instances that the list names
  llamastack.maas.kube_delete:
    objects: "{{ instances | llamastack.maas.manifests('instances', settings) }}"

- name: Remove all services of a set
  llamastack.maas.kube_delete:
    all_of:
      namespace: llm
      set: default
      kinds:
        - api_version: serving.kserve.io/v1alpha1
          kind: LLMInferenceService
          namespace: llm

- name: Remove the keys of one instance, and say what became of it
  llamastack.maas.kube_delete:
    all_of:
      namespace: llm
      instances: [openai-prod]
      kinds:
        - api_version: v1
          kind: Secret
          namespace: llm
    fail_left: false
  register: removal
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
      instance: openai-prod
foreign:
  description: What was left alone, each with the reason in C(why).
  returned: always
  type: list
  elements: dict
  sample:
    - kind: Secret
      name: openai-prod-credentials
      namespace: llm
      instance: openai-prod
      why: was not made by this collection
left:
  description:
    - What is not gone, each with what it waits for, or who refuses it, in C(why), and with what to do in C(remedy).
    - C(name) is V(*) where the objects of a kind may not even be listed.
  returned: always
  type: list
  elements: dict
  sample: []
instances:
  description: The outcome by the name of the instance, as P(llamastack.maas.summary_report#filter) takes it.
  returned: always
  type: dict
  contains:
    state:
      description:
        - V(removed), V(not_removed) where something stays, V(unmanaged) where there are objects of others only, or
          V(nothing_there). V(planned) in check mode.
      type: str
    reason:
      description: What stays, and why.
      type: str
    remedy:
      description: What to do about it.
      type: str
    changed:
      description: What was deleted, each as C(<kind> deleted).
      type: list
      elements: str
  sample:
    openai-prod:
      state: removed
      reason: ''
      remedy: ''
      changed: [LLMInferenceService deleted]
lines:
  description: The same as a text, line by line.
  returned: always
  type: list
  elements: str
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

from ansible_collections.llamastack.maas.plugins.module_utils.base.polling import Attempt, gave_up_after, poll
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import (
    apply,
    deletion,
    namespace_content,
    removal_report,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import (
    SET_ARGUMENTS,
    Cluster,
    KindNotServed,
    in_parallel,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.deletion import Left
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError, unverified
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import Owner, owner_of
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref

Object = t.Dict[str, t.Any]

_NAMED_IN_PROGRESS = 4


class Removal:
    """Deletes what is still there, as often as it is asked, until nothing is left."""

    def __init__(self, cluster: Cluster, params: dict[str, t.Any], check_mode: bool) -> None:
        self._cluster = cluster
        self._all_of = params["all_of"]
        self._check_mode = check_mode
        self._owners: dict[Ref, Owner | None] = {Ref.of(obj): owner_of(obj) for obj in params["objects"]}
        self._finds_all = bool(self._all_of) and self._all_of["instances"] is None
        if self._all_of and not self._finds_all:
            self._owners.update(deletion.named(self._all_of))
        self._refused: dict[Ref, ApiError] = {}
        self.removed: list[Ref] = []
        self.diffs: list[dict[str, str]] = []
        self.foreign: dict[Ref, str] = {}
        self.left: dict[Ref, Left] = {}
        self.untried: dict[Ref, str] = {}

    def step(self) -> Attempt:
        """Look at everything, delete what may be deleted, and find what is left."""
        self._refused = {}
        self._add_all_of()
        current = self._read()
        self.foreign = self._foreign(current)
        mine = {ref: obj for ref, obj in current.items() if ref not in self.foreign}
        objects = {ref: obj for ref, obj in mine.items() if ref.kind != "Namespace"}
        namespaces = {ref: obj for ref, obj in mine.items() if ref.kind == "Namespace"}
        self._delete(objects)
        in_the_way = bool(self._refused) or (bool(objects) and not self._check_mode)
        if not in_the_way:
            for ref, why in self._kept(namespaces, doomed=list(objects)).items():
                self.foreign[ref] = why
                del namespaces[ref]
            self._delete({ref: obj for ref, obj in namespaces.items() if ref not in self._refused})
        self.left = {} if self._check_mode else {ref: deletion.held_up(obj) for ref, obj in objects.items()}
        if in_the_way:
            self.left.update((ref, Left("stays until all in it is gone", pending=False)) for ref in namespaces)
        elif not self._check_mode:
            self.left.update((ref, deletion.held_up(obj)) for ref, obj in namespaces.items())
        self.left.update((ref, deletion.refused(error)) for ref, error in self._refused.items())
        return Attempt(
            done=not self.left,
            failed=bool(self.left) and not any(left.pending for left in self.left.values()),
            progress=self._progress(),
            retry_after=max((error.retry_after or 0.0 for error in self._refused.values()), default=0.0) or None,
        )

    def _progress(self) -> str:
        in_order = [ref for wave in deletion.waves(self.left) for ref in wave]
        names = [str(ref) for ref in in_order[:_NAMED_IN_PROGRESS]]
        if len(self.left) > len(names):
            names.append(f"{len(self.left) - len(names)} more")
        parts = [f"still there: {', '.join(names)}"] if names else []
        silent = next((error.outcome for error in self._refused.values() if error.is_transient), None)
        return "; ".join([*parts, *([f"the API server does not answer ({silent})"] if silent else [])])

    def _add_all_of(self) -> None:
        if not self._finds_all:
            return
        for group, answer in self._cluster.list_set(self._all_of).items():
            if isinstance(answer, ApiError):
                self._refused[Ref(*group, deletion.ANY)] = answer
            else:
                self._owners.update((Ref.of(obj), owner_of(obj)) for obj in answer)

    def _read(self) -> dict[Ref, Object]:
        by_kind: dict[tuple[t.Any, ...], list[Ref]] = {}
        for ref in self._owners:
            by_kind.setdefault(ref[:3], []).append(ref)
        answers = in_parallel([lambda r=refs: self._read_kind(r) for refs in by_kind.values()])
        found: dict[Ref, t.Any] = {}
        for refs, answer in zip(by_kind.values(), answers):
            # Then each of the kind is unknown, and none is asked to go.
            found.update(dict.fromkeys(refs, answer) if isinstance(answer, ApiError) else answer)
        return self._answered(found)

    def _read_kind(self, refs: list[Ref]) -> dict[Ref, t.Any]:
        """What there is of one kind in one namespace. A LIST that fails says nothing of the others."""
        # What holds up a Namespace stands in its status; of everything else, the metadata will do.
        metadata_only = refs[0].kind != "Namespace"
        try:
            return dict(self._cluster.read(refs, metadata_only=metadata_only))
        except ApiError as exc:
            if exc.is_transient:
                raise
        # One object that cannot be shown, such as for want of its conversion, fails the LIST of all.
        one_by_one = [lambda r=ref: self._cluster.read([r], metadata_only=metadata_only)[r] for ref in refs]
        return dict(zip(refs, in_parallel(one_by_one)))

    def _answered(self, answers: dict[Ref, t.Any]) -> dict[Ref, t.Any]:
        """The answers that are something, without the refusals, which are kept."""
        self._refused.update((ref, answer) for ref, answer in answers.items() if isinstance(answer, ApiError))
        return {ref: answer for ref, answer in answers.items() if answer and not isinstance(answer, ApiError)}

    def _foreign(self, current: dict[Ref, Object]) -> dict[Ref, str]:
        reasons = {ref: deletion.foreign(self._owners[ref], obj) for ref, obj in current.items()}
        return {ref: why for ref, why in reasons.items() if why}

    def _kept(self, namespaces: dict[Ref, Object], doomed: list[Ref]) -> dict[Ref, str]:
        """The namespaces that hold something of others, with what that is."""
        going = {ref for ref, obj in namespaces.items() if obj["metadata"].get("deletionTimestamp")}
        kept = {}
        for ref in set(namespaces) - going:
            try:
                others = namespace_content.of_others(self._content(ref.name), doomed)
            except ApiError as exc:
                self._refused[ref] = exc
                continue
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
            if isinstance(answer, KindNotServed):
                continue
            if isinstance(answer, ApiError):
                raise answer
            found += answer
        return found

    def _delete(self, objects: dict[Ref, Object]) -> None:
        doomed = [ref for ref, obj in objects.items() if not obj["metadata"].get("deletionTimestamp")]
        answers: dict[Ref, bool | ApiError] = {}
        for wave in deletion.waves(doomed):
            calls = [lambda r=ref: self._delete_one(r, objects[r]["metadata"]["uid"]) for ref in wave]
            answers.update(zip(wave, in_parallel(calls)))
        removed = list(self._answered(answers))
        self.removed += removed
        self.diffs += [apply.diff(objects[ref], None) for ref in removed]

    def _delete_one(self, ref: Ref, uid: str) -> bool:
        try:
            return self._cluster.delete(
                ref.api_version, ref.kind, ref.name, ref.namespace, uid=uid, dry_run=self._check_mode
            )
        except KindNotServed:
            return False
        except ApiError as exc:
            if not (self._check_mode and exc.is_dry_run_unsupported):
                raise
            # That says nothing of the real run, which is no dry run.
            self.untried[ref] = exc.outcome
            return True

    def result(self) -> dict[str, t.Any]:
        """What became of it, as the module returns it."""
        removed = [self._entry(ref) for ref in self.removed]
        foreign = [{**self._entry(ref), "why": why} for ref, why in self.foreign.items()]
        in_order = [ref for wave in deletion.waves(self.left) for ref in wave]
        left = [{**self._entry(ref), "why": self.left[ref].why, "remedy": self.left[ref].remedy} for ref in in_order]
        return {
            "changed": bool(removed),
            "removed": removed,
            "foreign": foreign,
            "left": left,
            **removal_report.report(self._all_of, removed, left, foreign, planned=self._check_mode),
        }

    def _entry(self, ref: Ref) -> dict[str, t.Any]:
        owner = self._owners.get(ref)
        return {**ref.as_result(), "instance": owner.instance if owner else None}


def main() -> None:
    module = AnsibleK8SModule(
        argument_spec={
            **AUTH_ARG_SPEC,
            "objects": {"type": "list", "elements": "dict", "default": []},
            "all_of": {
                "type": "dict",
                "options": {**SET_ARGUMENTS, "instances": {"type": "list", "elements": "str"}},
            },
            "wait_timeout": {"type": "float", "default": 300},
            "fail_left": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    try:
        cluster = Cluster(module)
        if not cluster.is_verified:
            module.warn(". ".join(unverified(cluster.url)))
        removal = Removal(cluster, module.params, module.check_mode)
    except (ApiError, ValueError) as exc:
        module.fail_json(msg=f"Nothing was deleted: {exc}")

    timeout = 0 if module.check_mode else module.params["wait_timeout"]
    outcome = poll(removal.step, clock=time.monotonic, sleep=time.sleep, timeout=timeout)
    result = {**removal.result(), "elapsed": round(outcome.elapsed, 1), "attempts": outcome.attempts}
    for ref, why in removal.untried.items():
        module.warn(f"{ref} is planned to go without a dry run of its deletion: {why}")
    if module._diff:
        result["diff"] = removal.diffs
    if outcome.done or not module.params["fail_left"]:
        module.exit_json(**result)

    head = f"{gave_up_after(outcome)} Not gone:" if outcome.timed_out and timeout else "Not gone:"
    module.fail_json(
        msg="\n- ".join([head, *removal_report.message(result["left"])]),
        pending=outcome.timed_out,
        progress=outcome.last.progress,
        retry_after=outcome.last.retry_after,
        **result,
    )


if __name__ == "__main__":
    main()
