# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make test``: run the make targets given, each to its end even after one failed, and say what each took.

Those before the first ``--`` run in turn. Each ``--`` begins a lane; the lanes run side by side, the targets of a lane in
turn, and every line of theirs begins with the target's name. Targets that are joined by ``+`` share a sandbox, which is
started for them, reset after each of them, and stopped after the last. That of somebody who works on this machine stays out
of it: SANDBOX_DIR is not handed on.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

_OWN = ("SANDBOX_DIR", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")


Results = dict[str, tuple[bool, float]]

_interrupted = threading.Event()


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _OWN}


def run(target: str, *, prefix: str = "", shared: Mapping[str, str] | None = None) -> tuple[bool, float]:
    """Make ``target``, with ``prefix`` before each line; returns whether it passed and the seconds it took.

    ``shared`` names the sandbox that it shares.
    """
    environment = _environment() | dict(shared or {})
    print(f"\n===== {target}", flush=True)
    started = time.monotonic()
    command = ["make", "--no-print-directory", target]
    if prefix:
        told = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True, "errors": "replace"}
        with subprocess.Popen(command, env=environment, **told) as process:
            for line in process.stdout:
                print(f"{prefix}{line}", end="", flush=True)
        code = process.returncode
    else:
        code = subprocess.run(command, env=environment, check=False).returncode
    return code == 0, time.monotonic() - started


@contextlib.contextmanager
def sandbox() -> Iterator[dict[str, str]]:
    """A sandbox for several targets, as variables of their environment. One that does not start, the targets report."""
    shared = {"SANDBOX_DIR": tempfile.mkdtemp(prefix="sandbox-")}
    _have_sandbox("up", shared)
    try:
        yield shared
    finally:
        _have_sandbox("down", shared)


def _have_sandbox(command: str, shared: Mapping[str, str]) -> None:
    subprocess.run([sys.executable, "-m", "sandbox", command], env=_environment() | dict(shared), check=False)


def run_together(targets: list[str]) -> Results:
    """Make targets in turn, several of them on one sandbox, whose logs stay where one has failed."""
    results: Results = {}
    with contextlib.ExitStack() as stack:
        shared = stack.enter_context(sandbox()) if len(targets) > 1 else {}
        for target in targets:
            if not _interrupted.is_set():
                if results:
                    _have_sandbox("reset", shared)
                results[target] = run(target, prefix=f"{target}: ", shared=shared)
    if shared and all(passed for passed, _seconds in results.values()):
        shutil.rmtree(shared["SANDBOX_DIR"], ignore_errors=True)
    elif shared:
        print(f"logs of the sandbox of {', '.join(targets)}: {shared['SANDBOX_DIR']}", flush=True)
    return results


def run_lanes(lanes: list[list[str]]) -> Results:
    """Make all targets, one of each lane at a time, and return the result of each in the order given."""

    def run_lane(lane: list[str]) -> Results:
        return {target: result for group in lane for target, result in run_together(group.split("+")).items()}

    with ThreadPoolExecutor(max_workers=len(lanes) or 1) as pool:
        try:
            return {target: result for results in pool.map(run_lane, lanes) for target, result in results.items()}
        except KeyboardInterrupt:
            _interrupted.set()
            raise


def main() -> None:
    """Exit code 1 where a part failed; the last line counts parts."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    started = time.monotonic()
    groups: list[list[str]] = [[]]
    for argument in sys.argv[1:]:
        if argument == "--":
            groups.append([])
        else:
            groups[-1].append(argument)
    in_turn, *lanes = groups
    results = {target: run(target) for target in in_turn} | run_lanes(lanes)
    print("\n===== summary")
    for target, (passed, seconds) in results.items():
        print(f"{target:17} {'passed' if passed else 'FAILED'} {seconds:7.0f} s")
    failed = sum(not passed for passed, _seconds in results.values())
    print(f"{len(results) - failed} passed, {failed} failed in {time.monotonic() - started:.0f} s")
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
