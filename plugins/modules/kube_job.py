#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kube_job
short_description: Run a Job and wait for its end
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Makes a Job, waits until it is complete or has failed, and returns the end of its log.
  - A Job that is complete, and whose log cannot be read, fails the module, for what it came to is not known.
  - One that is deleted while it is waited for is not made again.
  - A Job of the same name is the one that was asked for, whatever has become of it, so that a name is for one run.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    support: full
    details: Uses the dry run of the API server, and waits for nothing.
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  job:
    description: The Job, with the labels of this collection. One of the same name that is not managed by this set is refused.
    type: dict
    required: true
  wait_timeout:
    description: For how many seconds to wait for its end; V(0) looks once.
    type: float
    default: 600
requirements:
  - PyYAML >= 3.11
seealso:
  - module: llamastack.maas.kube_apply
"""

EXAMPLES = r"""
- name: Back up the databases
  llamastack.maas.kube_job:
    job: "{{ backup_job }}"
    wait_timeout: 1800
  register: backup
"""

RETURN = r"""
job:
  description: The name of the Job, with its namespace.
  returned: success
  type: str
  sample: litemaas/litemaas-backup-20261201t044503z
log:
  description: The end of its log, without credentials that are known.
  returned: always; empty where it has not come to its end, or its log cannot be read
  type: list
  elements: str
  sample: [Dumping the database of litellm.]
result:
  description: What the last line of the log holds that begins with C(result), a colon and a blank, as JSON.
  returned: always
  type: dict
  sample: {id: 20261201t044503z}
open:
  description: Whether the Job may still be at work. Then its pod is not to be counted out.
  returned: always
  type: bool
  sample: false
elapsed:
  description: The seconds that it was waited for.
  returned: always
  type: float
  sample: 4.2
attempts:
  description: How often it was looked at.
  returned: always
  type: int
  sample: 3
"""

import time
import typing as t

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule

from ansible_collections.llamastack.maas.plugins.module_utils.base.polling import Attempt, poll
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import apply, jobs
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import FAILED, READY
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import owner_of
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref

Object = t.Dict[str, t.Any]

_LINES = 40
_SHOWN = 10


class JobRefused(Exception):
    """Why the Job may not be made."""


class Run:
    """One Job, made where it has to be, and what is seen of it."""

    def __init__(self, cluster: Cluster, wanted: Object, check_mode: bool) -> None:
        self._cluster = cluster
        self._wanted = wanted
        self._ref = Ref.of(wanted)
        self._check_mode = check_mode
        self._is_there = False
        self.changed = False
        self.open = False
        """Whether it may be at work: made and not seen at its end, or perhaps made."""
        self.log: list[str] = []
        self.seen = "It is not made yet"

    def look(self) -> Attempt:
        """Make the Job if need be, and look at it. Raises ApiError and JobRefused.

        An API server that does not answer now may do so later; the Job does not need it.
        """
        try:
            return self._look()
        except ApiError as error:
            if not error.is_transient:
                raise
            self.seen = f"The API server does not answer ({error.outcome})"
            return Attempt(progress=self.seen, retry_after=error.retry_after)

    def _look(self) -> Attempt:
        if owner_of(self._wanted) is None:
            raise JobRefused(f"{self._ref} lacks the labels by which it is known as managed by this collection")
        found = self._cluster.get("batch/v1", "Job", self._ref.name, self._ref.namespace)
        why = apply.foreign(self._wanted, found)
        if why:
            raise JobRefused(f"{self._ref} {why}.")
        if found is None and self._is_there:
            raise JobRefused(f"{self._ref} was deleted while it was waited for, and is not made twice")
        if found is None:
            found = self._make()
            if self._check_mode:
                return Attempt(done=True)
        self._is_there = True
        pods = self._pods()
        state = jobs.state_of(found, pods)
        self.open = state.state not in (READY, FAILED)
        self.seen = str(state)
        if self.open:
            return Attempt(progress=self.seen)
        log = self._end_of_log(pods)
        if log is not None:
            self.log = log
        return Attempt(
            done=state.state == READY and log is not None,
            failed=state.state == FAILED or log is None,
            progress=self.seen,
        )

    def _make(self) -> Object:
        # A request without an answer may have made it.
        self.open = not self._check_mode
        try:
            made = self._cluster.apply(self._wanted, dry_run=self._check_mode)
        except ApiError as error:
            self.open = self.open and error.is_transient
            raise
        self.changed = True
        return made

    def _pods(self) -> list[Object]:
        return self._cluster.list("v1", "Pod", self._ref.namespace, labels=f"job-name={self._ref.name}")

    def _end_of_log(self, pods: t.Sequence[Object]) -> list[str] | None:
        """None, and why in what was seen, where there is none to read."""
        pod = jobs.newest(pods)
        if pod is None:
            self.seen += ". Its pod is gone, and its log with it"
            return None
        container = jobs.container_to_ask(pod)
        try:
            return self._cluster.log(
                self._ref.namespace or "", pod["metadata"]["name"], container=container, lines=_LINES
            )
        except ApiError as error:
            if error.is_transient:
                raise
            self.seen += f". Its log cannot be read: {error}"
            return None

    def message(self) -> str:
        """Why it is not known to be complete, and what to do."""
        said = "\n".join(["", *(f"  {line}" for line in self.log[-_SHOWN:])]) if self.log else ""
        return (
            f"Job {self._ref.name} in namespace {self._ref.namespace} cannot be counted as complete. {self.seen}.{said}\n"
            f"Next: kubectl -n {self._ref.namespace} describe job {self._ref.name}; run it again when that is put right."
        )


def main() -> None:
    module = AnsibleK8SModule(
        argument_spec={
            **AUTH_ARG_SPEC,
            "job": {"type": "dict", "required": True},
            "wait_timeout": {"type": "float", "default": 600},
        },
        supports_check_mode=True,
    )
    timeout, ref = module.params["wait_timeout"], Ref.of(module.params["job"])
    run: Run | None = None

    def result() -> Object:
        log = run.log if run else []
        return {
            "changed": bool(run and run.changed),
            "job": f"{ref.namespace}/{ref.name}",
            "log": log,
            "result": jobs.result_in(log),
            "open": bool(run and run.open),
        }

    try:
        run = Run(Cluster(module), module.params["job"], module.check_mode)
        outcome = poll(run.look, clock=time.monotonic, sleep=time.sleep, timeout=timeout)
    except (ApiError, JobRefused) as error:
        module.fail_json(msg=f"Could not run the Job: {error}", **result())
    if outcome.done:
        module.exit_json(**result(), **outcome.cost())
    module.fail_json(**outcome.failure(run.message(), timeout), **result(), **outcome.cost())


if __name__ == "__main__":
    main()
