# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make test``: run the make targets given, each to its end even after one failed, and say what each took.

The sandbox of somebody who works on this machine stays out of it: SANDBOX_DIR is not handed on.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

_OWN = ("SANDBOX_DIR", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")


def run(target: str) -> tuple[bool, float]:
    """Make ``target``; returns whether it passed and the seconds it took."""
    environment = {name: value for name, value in os.environ.items() if name not in _OWN}
    print(f"\n===== {target}", flush=True)
    started = time.monotonic()
    code = subprocess.run(["make", "--no-print-directory", target], env=environment, check=False).returncode
    return code == 0, time.monotonic() - started


def main() -> None:
    """Exit code 1 where a part failed; the last line counts parts."""
    results = {target: run(target) for target in sys.argv[1:]}
    print("\n===== summary")
    for target, (passed, seconds) in results.items():
        print(f"{target:14} {'passed' if passed else 'FAILED'} {seconds:7.0f} s")
    failed = sum(not passed for passed, _seconds in results.values())
    print(f"{len(results) - failed} passed, {failed} failed")
    raise SystemExit(1 if failed else 0)


if __name__ == "__main__":
    main()
