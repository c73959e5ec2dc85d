# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Applying the objects of 1, 10 and 50 instances: the collection's task, kubectl, and the module kubernetes.core.k8s.

Everybody applies the same objects, server-side, to a server that holds none of them; then once more. They take turns in
each round, so that what else the machine does hits all alike.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import LABEL_MANAGED_BY, MANAGED_BY
from sandbox.toolchain import CONTROL_PLANE, ensure
from scenarios.harness import OUR_KINDS, Sandbox

from . import instances
from .delay import delayed
from .figures import Table, Target, median, median_ratio, per_added
from .plays import Timed, timed
from .sandboxes import api_server_only

COUNTS = (1, 10, 50)
DELAY = 0.05

#: One task for each object takes minutes for 50 instances, and tells no more than for 10.
MOST_ONE_BY_ONE = 10

OURS, KUBECTL, LIST, ONE_BY_ONE = (
    "llamastack.maas.kube_apply",
    "kubectl apply",
    "k8s, one task",
    "k8s, a task per object",
)
FIRST, SECOND = "first run", "second run"

Key = tuple[str, str]


@dataclass
class Series:
    """Seconds of every round by way and run, then by number of instances: whole processes, and the tasks alone."""

    whole: dict[Key, dict[int, list[float]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))
    own: dict[Key, dict[int, list[float]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))

    def add(self, key: Key, count: int, whole: float, own: float) -> None:
        self.whole[key][count].append(whole)
        self.own[key][count].append(own)

    def rows(self) -> list[tuple[str, list[float | None]]]:
        """Medians by number of instances, and of what each instance more costs."""
        found = []
        for series, what in ((self.own, "own time"), (self.whole, "whole process")):
            for key, seconds in series.items():
                if what == "own time" and key[0] == KUBECTL:
                    continue
                added = median(per_added(seconds)) if len(seconds) > 1 else None
                medians = [median(seconds.get(count, [])) for count in COUNTS]
                found.append((f"{', '.join(key)}: {what}", [*medians, added]))
        return found


class Contest:
    """Applies to one server, over one network."""

    def __init__(self, sandbox: Sandbox, kubeconfig: Path) -> None:
        self._sandbox, self._kubeconfig = sandbox, kubeconfig
        self._kubectl = ensure(CONTROL_PLANE) / "bin" / "kubectl"
        self.series = Series()
        self.changed_by_second = 0
        self.written_by_second = 0

    def round(self, count: int, *, one_by_one: bool) -> None:
        """Everybody once, with so many instances."""
        given = instances.objects(count)
        with self._empty_server():
            self._ours(given, count)
        with self._empty_server():
            self._with_kubectl(given, count)
        with self._empty_server():
            self._with_list(given, count)
        if one_by_one:
            with self._empty_server():
                self._one_by_one(given, count)

    def _ours(self, given: list[dict], count: int) -> None:
        task = {"llamastack.maas.kube_apply": {"objects": given, "secret_data": instances.secret_data(given)}}
        command = self._play([task])
        first = timed(self._sandbox, command, self._kubeconfig)
        before = self._sandbox.versions()
        second = timed(self._sandbox, command, self._kubeconfig)
        self._add((OURS, FIRST), count, first, "llamastack.maas.kube_apply")
        self._add((OURS, SECOND), count, second, "llamastack.maas.kube_apply")
        after = self._sandbox.versions()
        self.changed_by_second += second.run.recap("changed")
        self.written_by_second += sum(after.get(name) != version for name, version in before.items())

    def _with_kubectl(self, given: list[dict], count: int) -> None:
        file = self._sandbox.scratch / "objects.json"
        file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": instances.with_values(given)}))
        command = [str(self._kubectl), f"--kubeconfig={self._kubeconfig}", "apply", "--server-side", "-f", str(file)]
        environment = os.environ | {"KUBECACHEDIR": str(self._sandbox.scratch / "kubectl-cache")}
        for run in (FIRST, SECOND):
            started = time.monotonic()
            subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
            seconds = time.monotonic() - started
            self.series.add((KUBECTL, run), count, seconds, seconds)

    def _with_list(self, given: list[dict], count: int) -> None:
        command = self._play([_k8s(instances.with_values(given))])
        for run in (FIRST, SECOND):
            self._add((LIST, run), count, timed(self._sandbox, command, self._kubeconfig), "kubernetes.core.k8s")

    def _one_by_one(self, given: list[dict], count: int) -> None:
        command = self._play([_k8s(obj) for obj in instances.with_values(given)])
        self._add((ONE_BY_ONE, FIRST), count, timed(self._sandbox, command, self._kubeconfig), "kubernetes.core.k8s")

    def _add(self, key: Key, count: int, run: Timed, action: str) -> None:
        self.series.add(key, count, run.seconds, run.of(action))

    def _play(self, tasks: list[dict]) -> list[str]:
        file = self._sandbox.scratch / "play.yml"
        file.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": tasks}]))
        return [str(self._sandbox.ansible_playbook), str(file)]

    @contextmanager
    def _empty_server(self) -> Iterator[None]:
        yield
        ours = f"{LABEL_MANAGED_BY}={MANAGED_BY}"
        self._sandbox.kubectl("delete", OUR_KINDS, "-A", "-l", ours, "--wait=false")


def run(rounds: int) -> list[Table]:
    """On the network of this machine."""
    with api_server_only() as sandbox:
        contest = _contest(sandbox, sandbox.folder / "admin.kubeconfig", rounds)
    own, whole, many = contest.series.own, contest.series.whole, max(COUNTS)
    ours, kubectl = own[OURS, FIRST], whole[KUBECTL, FIRST]
    targets = [
        Target(f"own time for {many} instances / kubectl's", median_ratio(ours[many], kubectl[many]), 1.5),
        Target("own time per added instance / kubectl's", median(per_added(ours)) / median(per_added(kubectl)), 1.0),
    ]
    return [_table("Apply, on the loopback interface, in seconds", contest, targets)]


def run_far(rounds: int) -> list[Table]:
    """On a network like that to a cluster."""
    with api_server_only() as sandbox, delayed(sandbox.scratch, sandbox.state, DELAY) as kubeconfig:
        contest = _contest(sandbox, kubeconfig, rounds)
    own, whole, many = contest.series.own, contest.series.whole, max(COUNTS)
    faster = median_ratio(whole[KUBECTL, FIRST][many], own[OURS, FIRST][many])
    target = Target(f"kubectl for {many} instances / own time", faster, 4.0, at_least=True)
    return [_table(f"Apply, with {DELAY * 1000:.0f} ms added to every request, in seconds", contest, [target])]


def _contest(sandbox: Sandbox, kubeconfig: Path, rounds: int) -> Contest:
    contest = Contest(sandbox, kubeconfig)
    for number in range(rounds):
        for count in COUNTS:
            contest.round(count, one_by_one=number == 0 and count <= MOST_ONE_BY_ONE)
    return contest


def _common_targets(contest: Contest) -> list[Target]:
    own = contest.series.own
    ours, again, slow = own[OURS, FIRST], own[OURS, SECOND], own[ONE_BY_ONE, FIRST]
    # What the second run is slower by within this is the machine's noise.
    noise = 1.1
    return [
        Target(
            f"a task per object for {MOST_ONE_BY_ONE} instances / own time",
            slow[MOST_ONE_BY_ONE][0] / ours[MOST_ONE_BY_ONE][0],
            7.0,
            at_least=True,
        ),
        *(Target(f"second run for {n} / first run", median_ratio(again[n], ours[n]), noise) for n in COUNTS),
        Target("tasks that the second runs report as changed", contest.changed_by_second, 0),
        Target("objects that the second runs have written", contest.written_by_second, 0),
    ]


def _table(title: str, contest: Contest, targets: list[Target]) -> Table:
    columns = [*(f"N={count}" for count in COUNTS), "per added instance"]
    return Table(title, columns, contest.series.rows(), [*targets, *_common_targets(contest)])


def _k8s(definition: object) -> dict:
    server_side = {"field_manager": "bench"}
    return {"kubernetes.core.k8s": {"definition": definition, "apply": True, "server_side_apply": server_side}}
