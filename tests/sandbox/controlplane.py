# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""etcd, kube-apiserver and kube-controller-manager: the real programs, RBAC and ServiceAccount admission on."""

from __future__ import annotations

import json
import ssl
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import yaml

from . import pki
from .processes import Processes

CONTROLLERS = (
    "namespace-controller",
    "garbage-collector-controller",
    "deployment-controller",
    "replicaset-controller",
    "serviceaccount-controller",
    "root-ca-certificate-publisher-controller",
    "resourcequota-controller",
    "clusterrole-aggregation-controller",
    "statefulset-controller",
    "job-controller",
    "cronjob-controller",
    "ttl-after-finished-controller",
    "disruption-controller",
    "persistentvolume-binder-controller",
    "persistentvolume-protection-controller",
    "persistentvolumeclaim-protection-controller",
)


def start(folder: Path, state: dict, bin_dir: Path, processes: Processes) -> None:
    """Start the three programs and return once the API server is ready.

    :arg state: ``ports`` (etcd, etcd_peer, api, controllers), ``admin_token`` and ``users`` (name -> token, groups) are
        read.
    """
    certificates = folder / "pki"
    _credentials(certificates, state)
    ports = state["ports"]
    etcd_url = f"http://127.0.0.1:{ports['etcd']}"
    processes.start(
        "etcd",
        [
            bin_dir / "etcd",
            f"--data-dir={folder / 'etcd'}",
            f"--listen-client-urls={etcd_url}",
            f"--advertise-client-urls={etcd_url}",
            f"--listen-peer-urls=http://127.0.0.1:{ports['etcd_peer']}",
            "--unsafe-no-fsync",
        ],
    )
    processes.start(
        "kube-apiserver",
        [
            bin_dir / "kube-apiserver",
            f"--etcd-servers={etcd_url}",
            f"--cert-dir={certificates}",
            f"--tls-cert-file={certificates / 'api.pem'}",
            f"--tls-private-key-file={certificates / 'api.key'}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            f"--secure-port={ports['api']}",
            "--endpoint-reconciler-type=none",
            "--service-cluster-ip-range=10.0.0.0/24",
            "--allow-privileged=true",
            "--authorization-mode=RBAC",
            "--anonymous-auth=false",
            f"--service-account-issuer={state['api_server']}/",
            f"--service-account-key-file={certificates / 'service-accounts.pub'}",
            f"--service-account-signing-key-file={certificates / 'service-accounts.key'}",
            f"--token-auth-file={certificates / 'tokens.csv'}",
            f"--kubelet-certificate-authority={certificates / 'ca.pem'}",
            "--kubelet-preferred-address-types=InternalIP",
        ],
    )
    processes.wait_until("kube-apiserver", lambda: _ready(state), seconds=90)
    kubeconfig(folder / "admin.kubeconfig", state, state["admin_token"])
    processes.start(
        "kube-controller-manager",
        [
            bin_dir / "kube-controller-manager",
            f"--kubeconfig={folder / 'admin.kubeconfig'}",
            f"--controllers={','.join(CONTROLLERS)}",
            "--leader-elect=false",
            "--bind-address=127.0.0.1",
            f"--secure-port={ports['controllers']}",
            f"--cert-dir={certificates / 'controllers'}",
            f"--root-ca-file={certificates / 'ca.pem'}",
            f"--service-account-private-key-file={certificates / 'service-accounts.key'}",
            "--kube-api-qps=200",
            "--kube-api-burst=300",
        ],
    )


def kubeconfig(path: Path, state: dict, token: str, namespace: str = "default") -> None:
    """Write a kubeconfig for one bearer token, readable by its owner only."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {"name": "sandbox", "cluster": {"server": state["api_server"], "certificate-authority": state["api_ca"]}}
        ],
        "users": [{"name": "user", "user": {"token": token}}],
        "contexts": [{"name": "sandbox", "context": {"cluster": "sandbox", "user": "user", "namespace": namespace}}],
        "current-context": "sandbox",
    }
    path.touch(mode=0o600)
    path.write_text(yaml.safe_dump(config, sort_keys=False))


class Kubectl:
    """kubectl as cluster admin, for what the sandbox itself sets up."""

    def __init__(self, folder: Path, bin_dir: Path):
        self.command = [
            str(bin_dir / "kubectl"),
            f"--kubeconfig={folder / 'admin.kubeconfig'}",
            f"--cache-dir={folder / 'kubectl-cache'}",
        ]

    def run(self, *arguments: str, given: str | None = None) -> str:
        """Run kubectl and return what it prints; all that it printed is the message when it fails."""
        result = subprocess.run([*self.command, *arguments], input=given, capture_output=True, text=True, check=False)
        if result.returncode:
            raise SystemExit(f"sandbox: kubectl {' '.join(arguments)} failed:\n{result.stdout}{result.stderr.strip()}")
        return result.stdout

    def apply(self, objects: list[dict], *options: str) -> None:
        """Server-side apply, all in one call; ``options`` are those of kubectl apply."""
        manifest = json.dumps({"apiVersion": "v1", "kind": "List", "items": objects})
        self.run("apply", "--server-side", "--force-conflicts", *options, "-f", "-", given=manifest)


def _credentials(certificates: Path, state: dict) -> None:
    authority = pki.load(state["ca"], state["ca_key"])
    pki.issue(
        authority,
        certificates / "api.pem",
        certificates / "api.key",
        "127.0.0.1",
        "localhost",
        "kubernetes.default.svc",
    )
    _service_account_key(certificates)
    rows = [f'{state["admin_token"]},admin,admin,"system:masters"']
    rows += [f'{user["token"]},{name},{name},"{",".join(user["groups"])}"' for name, user in state["users"].items()]
    tokens = certificates / "tokens.csv"
    tokens.touch(mode=0o600)
    tokens.write_text("\n".join(rows) + "\n")


def _service_account_key(certificates: Path) -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = certificates / "service-accounts.key"
    private.touch(mode=0o600)
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
        )
    )
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    (certificates / "service-accounts.pub").write_bytes(public)


def _ready(state: dict) -> bool:
    request = urllib.request.Request(
        f"{state['api_server']}/readyz", headers={"Authorization": f"Bearer {state['admin_token']}"}
    )
    try:
        with urllib.request.urlopen(
            request, context=ssl.create_default_context(cafile=state["api_ca"]), timeout=2
        ) as answer:
            return answer.status == 200
    except (urllib.error.URLError, OSError):
        return False
