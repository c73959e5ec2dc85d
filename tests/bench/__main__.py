# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``python -m bench [MEASURE…] [--rounds N]``: measure, print tables and targets; 1 where a target is missed."""

from __future__ import annotations

import argparse
import os
import signal
import sys

from tools.venvs import report

from . import apply, before, deploy, diagnose, discovery, instance, litellm, status
from .figures import Table, missed

MEASURES = {
    "apply": apply.run,
    "apply-far": apply.run_far,
    "deploy": deploy.run,
    "before": before.run,
    "discovery": discovery.run,
    "instance": instance.run,
    "status": status.run,
    "diagnose": diagnose.run,
    "litellm": litellm.run,
}


def main() -> None:
    """Command line. Who is told to end stops the sandbox first."""
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(128 + signal.SIGTERM))
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    known = ", ".join(MEASURES)
    parser.add_argument(
        "measures", nargs="*", choices=[*MEASURES, []], metavar="MEASURE", help=f"{known} (default: all)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="how often each is measured (default 3)")
    arguments = parser.parse_args()
    tables: list[Table] = []
    for name in arguments.measures or MEASURES:
        report(f"measuring {name} on {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
        found = MEASURES[name](arguments.rounds)
        print("\n\n".join(map(Table.text, found)), end="\n\n", flush=True)
        tables += found
    failures = missed(tables)
    print(f"{len(failures)} targets missed" if failures else "all targets met")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
