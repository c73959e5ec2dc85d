# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Starting and stopping a sandbox, and what it tells its users."""

from __future__ import annotations

import json
import os
import secrets
import shlex
import shutil
import sys
import time
from pathlib import Path

import yaml

from tools.venvs import cache_dir, report

from . import cluster_setup, controlplane, definitions, images, kserve, pki, provider_keys, toolchain, trusted_ca
from .definitions import Plan
from .processes import Processes, free_ports, patiently

GENERATIONS = ["a", "b1", "b2", "none"]
PORTS = (
    "etcd",
    "etcd_peer",
    "api",
    "controllers",
    "kserve_probe",
    "kserve_webhook",
    "kubelet",
    "gateway",
    "egress",
    "provider_admin",
    "maas_admin",
    "maas_webhook",
    "router",
)
DAEMONS = ("trusted_ca", "node", "providers")


def up(folder: Path, generation: str, image_dirs: dict[str, str] | None = None) -> dict:
    """Start a sandbox in ``folder`` and return its state; one that runs already is left as it is.

    ``image_dirs`` are the folders that stand for images, by the images' names, in place of those of ``images``.
    ``SANDBOX_KSERVE`` and ``SANDBOX_CRD_DIR`` of the environment are heeded, see ``definitions``.
    """
    plan = definitions.plan(generation, os.environ)
    if (folder / "state.json").exists():
        state = read_state(folder)
        if Processes(folder).alive("kube-apiserver"):
            wanted = _made_of(plan)
            runs = [state["generation"], state["kserve"], state.get("routes", False)]
            if runs != list(wanted.values()):
                running = f"{folder} runs generation {runs[0]} with KServe {runs[1]}"
                running += " and Routes" if runs[2] else ""
                raise SystemExit(f"sandbox: {running}; stop it first (make sandbox-down)")
            return state
        down(folder)
    kserve_files = toolchain.ensure(plan.kserve.component) if plan.kserve.component else None
    found = plan.definitions(kserve_files)
    programs = toolchain.ensure(toolchain.CONTROL_PLANE)
    if plan.maas:
        state_of_images = {"images": image_dirs or images.ensure()}
    else:
        state_of_images = {"images": image_dirs or {}, **images.stand_ins(folder)}
    started = time.monotonic()
    report("starting the sandbox")
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    state = _new_state(folder, plan) | state_of_images
    _write_state(folder, state)
    processes = Processes(folder)
    try:
        _start(folder, state, programs, kserve_files, plan, found, processes)
    except BaseException:
        _stop(processes)
        raise
    _write_users_files(folder, state, programs)
    report(f"the sandbox is up after {time.monotonic() - started:.0f} s")
    return state


def _start(
    folder: Path,
    state: dict,
    programs: Path,
    kserve_files: Path | None,
    plan: Plan,
    found: list[dict],
    processes: Processes,
) -> None:
    controlplane.start(folder, state, programs / "bin", processes)
    kubectl = controlplane.Kubectl(folder, programs / "bin")
    if found:
        # kubectl's own check takes the null in an enum of the platform's definitions for an error, the API server does not.
        kubectl.apply(plan.registered(found, state), "--validate=false")
        names = [f"crd/{definition['metadata']['name']}" for definition in found]
        patiently(lambda: kubectl.run("wait", "--for=condition=Established", "--timeout=60s", *names), seconds=60)
    kubectl.apply([*(kserve.configuration() if plan.maas else []), *cluster_setup.objects(state)])
    if plan.kserve.runs:
        kserve.start(folder, state, kserve_files, processes, kubectl)
    daemons = (*DAEMONS, "maas" if plan.maas else "router")
    for name in daemons:
        command = [sys.executable, "-m", f"sandbox.{name}", "--dir", folder]
        processes.start(
            name, command, environment={"PYTHONPATH": str(Path(__file__).parents[1]), "PYTHONUNBUFFERED": "1"}
        )
    for name in daemons:
        processes.wait_ready_file(name, seconds=60)


def down(folder: Path) -> bool:
    """Stop exactly what was started there and remove its files; False when there was nothing."""
    if not (folder / "state.json").exists():
        return False
    _stop(Processes(folder))
    shutil.rmtree(read_state(folder).get("volumes", folder / "volumes"), ignore_errors=True)
    for entry in ("etcd", "pki", "pods", "kserve", "run", "kubectl-cache"):
        shutil.rmtree(folder / entry, ignore_errors=True)
    for pattern in ("*.kubeconfig", "state.json", "env", "vars.yml"):
        for file in folder.glob(pattern):
            file.unlink()
    return True


def _stop(processes: Processes) -> None:
    for name in processes.names():
        processes.stop(name)


def status(folder: Path) -> int:
    """Print what runs; 0 when all does."""
    processes = Processes(folder)
    names = sorted(processes.names())
    for name in names:
        print(f"{name:28}{'running' if processes.alive(name) else 'stopped'}")
    if not names:
        print(f"no sandbox in {folder}")
    return 0 if names and all(map(processes.alive, names)) else 1


def read_state(folder: Path) -> dict:
    """The state of a running sandbox."""
    try:
        return json.loads((folder / "state.json").read_text())
    except FileNotFoundError:
        raise SystemExit(f"sandbox: none runs in {folder}; start one with: make sandbox") from None


def _made_of(plan: Plan) -> dict:
    return {"generation": plan.generation, "kserve": plan.kserve.name, "routes": plan.routes}


def _new_state(folder: Path, plan: Plan) -> dict:
    ports = dict(zip(PORTS, free_ports(len(PORTS)), strict=True))
    pki.create(folder / "pki")
    return {
        **_made_of(plan),
        # KServe takes localhost for a name inside the cluster and would publish nothing at the gateway.
        "host": "127.0.0.1",
        "api_server": f"https://127.0.0.1:{ports['api']}",
        "api_ca": str(folder / "pki" / "ca.pem"),
        "ca": str(folder / "pki" / "ca.pem"),
        "ca_key": str(folder / "pki" / "ca.key"),
        "admin_token": secrets.token_urlsafe(24),
        "users": {
            name: {"token": secrets.token_urlsafe(24), "groups": groups} for name, groups in cluster_setup.USERS.items()
        },
        "ports": ports,
        "keys": {
            # The last one of each that is known by its shape is for the demo, which is to bring no warning.
            "openai": [provider_keys.draw(), provider_keys.draw(), f"sk-proj-{secrets.token_hex(24)}"],
            "gemini": [provider_keys.draw(), f"AIza{secrets.token_hex(18)[:35]}"],
            "anthropic": [provider_keys.draw(), f"sk-ant-api03-{secrets.token_hex(32)}"],
            "compatible": [provider_keys.draw()],
            "open": [provider_keys.draw(), provider_keys.draw()],
        },
        "namespaces": ["llm", "llm-b"] if plan.maas else ["litemaas", "llm"],
        "cache": str(cache_dir()),
    }


def _write_state(folder: Path, state: dict) -> None:
    file = folder / "state.json"
    file.touch(mode=0o600)
    file.write_text(json.dumps(state, indent=2))


def _write_users_files(folder: Path, state: dict, programs: Path) -> None:
    users, keys, ports = state["users"], state["keys"], state["ports"]
    proxy = f"http://127.0.0.1:{ports['egress']}"
    maas_url = f"https://{state['host']}:{ports['gateway']}"
    has_maas = state["generation"] != "none"
    settings = {
        **({"llamastack_maas_url": maas_url} if has_maas else {"litemaas_ca_file": state["ca"]}),
        "llamastack_maas_ca_file": state["ca"],
        "llamastack_maas_egress": {
            "proxy": proxy,
            "no_proxy": "localhost,127.0.0.1",
            "ca_bundle": {"name": trusted_ca.NAME, "key": trusted_ca.KEY},
        },
    }
    (folder / "vars.yml").write_text(yaml.safe_dump(settings, sort_keys=False))
    controlplane.kubeconfig(folder / "project.kubeconfig", state, users["project"]["token"], state["namespaces"][0])
    controlplane.kubeconfig(folder / "platform.kubeconfig", state, users["platform"]["token"])
    exports = {
        "KUBECONFIG": folder / "admin.kubeconfig",
        "SANDBOX_DIR": folder,
        "SANDBOX_GENERATION": state["generation"],
        "SANDBOX_PROJECT_KUBECONFIG": folder / "project.kubeconfig",
        "SANDBOX_PLATFORM_KUBECONFIG": folder / "platform.kubeconfig",
        **({"SANDBOX_MAAS_URL": maas_url} if has_maas else {"SANDBOX_ROUTER": f"http://127.0.0.1:{ports['router']}"}),
        "SANDBOX_CA": state["ca"],
        "SANDBOX_USER_TOKEN": users["alice"]["token"],
        "SANDBOX_OUTSIDER_TOKEN": users["mallory"]["token"],
        "SANDBOX_GEMINI_KEY": keys["gemini"][0],
        "SANDBOX_OPENAI_KEY": keys["openai"][0],
        "SANDBOX_OPENAI_KEY_2": keys["openai"][1],
        "SANDBOX_ANTHROPIC_KEY": keys["anthropic"][0],
        "SANDBOX_COMPATIBLE_KEY": keys["compatible"][0],
        "SANDBOX_OPEN_KEY": keys["open"][0],
        "SANDBOX_OPEN_KEY_WITHOUT_CREDIT": keys["open"][1],
        "SANDBOX_VARS": folder / "vars.yml",
        "SANDBOX_PROVIDER_ADMIN": f"http://127.0.0.1:{ports['provider_admin']}",
        **({"SANDBOX_MAAS_ADMIN": f"http://127.0.0.1:{ports['maas_admin']}"} if has_maas else {}),
        "SANDBOX_KUBECTL": programs / "bin" / "kubectl",
        "KUBECACHEDIR": folder / "kubectl-cache",
    }
    file = folder / "env"
    file.touch(mode=0o600)
    file.write_text("".join(f"export {name}={shlex.quote(str(value))}\n" for name, value in exports.items()))
