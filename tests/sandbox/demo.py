# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make demo`` and ``make demo-litemaas``: models of three providers become governed and proven, on this machine.

With MaaS each of them is an instance. Without, LiteMaaS is deployed, with a model of the cluster's own, a team and a key, and
deployed once more, which has to change nothing.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from . import inference_services, lifecycle
from .kube import Kube

PROVIDERS = ("openai", "gemini", "anthropic")
#: Of the cluster's own: name and namespace of the example's InferenceService, and the id that it is served by.
OWN_MODEL = ("granite-8b", "private-ai", "granite-3-8b-instruct")
_CHANGED = re.compile(r"\bok=\d+ +changed=(\d+)")


@dataclass(frozen=True)
class Demo:
    """What is shown: playbooks in turn, those of ``again`` after them, which must say ``changed=0``."""

    example: str
    playbooks: tuple[str, ...]
    again: tuple[str, ...] = ()


MAAS = Demo("docs/examples/instances.yml", ("deploy", "validate"))
LITEMAAS = Demo("docs/examples/litemaas.yml", ("litemaas_deploy", "litemaas_validate"), ("litemaas_deploy",))


def run(checkout: Path, folder: Path, generation: str, *, keep: bool) -> int:
    """Start a sandbox, show what there is to show, and stop it again unless it is to be kept."""
    # Who is told to end stops the sandbox first.
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(128 + signal.SIGTERM))
    running_before = (folder / "state.json").exists()
    demo = MAAS if generation != "none" else LITEMAAS
    if demo is LITEMAAS:
        # Of KServe the demo needs the kinds only; Routes have hosts that nobody has to think of.
        os.environ.update(SANDBOX_KSERVE="none", SANDBOX_ROUTES="1")
    state = lifecycle.up(folder, generation)
    try:
        if demo is LITEMAAS:
            asyncio.run(serve_own_model(state))
        return _show(demo, checkout, folder, state)
    finally:
        if keep or running_before:
            stop = f"make sandbox-down SANDBOX_DIR={folder}"
            print(f"The sandbox still runs. To use it: . {folder}/env   To stop it: {stop}")
        else:
            lifecycle.down(folder)


def _show(demo: Demo, checkout: Path, folder: Path, state: dict) -> int:
    report_dir = folder / "report"
    given = ["-e", f"@{folder / 'vars.yml'}", "-e", f"@{checkout / demo.example}"]
    given += ["-e", f"llamastack_maas_report_dir={report_dir}"]
    environment = _environment(folder, state)
    for playbook in demo.playbooks:
        if code := _run(playbook, given, environment, checkout).returncode:
            return code
    for playbook in demo.again:
        result = _run(playbook, given, environment, checkout, stdout=subprocess.PIPE, text=True)
        print(result.stdout)
        if result.returncode:
            return result.returncode
        if changes := [number for number in _CHANGED.findall(result.stdout) if number != "0"]:
            print(f"{playbook} was to change nothing once more, and changed {', '.join(changes)}", file=sys.stderr)
            return 1
    print(f"Report: {report_dir / 'validation.html'}")
    return 0


def _run(
    playbook: str, given: list[str], environment: dict[str, str], checkout: Path, **more: object
) -> subprocess.CompletedProcess:
    words = ["ansible-playbook", f"llamastack.maas.{playbook}", *given]
    print(f"\n$ {' '.join(words)}\n", flush=True)
    program = str(Path(sys.executable).with_name(words[0]))
    return subprocess.run([program, *words[1:]], env=environment, cwd=checkout, check=False, **more)


async def serve_own_model(state: dict) -> None:
    """A model that the cluster itself serves."""
    async with Kube(state) as kube:
        namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": OWN_MODEL[1]}}
        await kube.apply(namespace)
        await inference_services.serve(kube, *OWN_MODEL)


def _environment(folder: Path, state: dict) -> dict[str, str]:
    """The demo's own environment: keys that the sandbox's providers accept in place of any that the user has."""
    keys = {f"{name.upper()}_API_KEY": state["keys"][name][-1] for name in PROVIDERS}
    found = os.environ | {"KUBECONFIG": str(folder / "admin.kubeconfig"), **keys}
    if state["generation"] == "none":
        found |= {"HTTPS_PROXY": f"http://127.0.0.1:{state['ports']['router']}", "NO_PROXY": "127.0.0.1,localhost"}
    return found
