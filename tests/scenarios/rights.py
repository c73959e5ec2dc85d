# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""People with exactly the rights that docs/security.md gives them: ServiceAccounts that have no others."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from sandbox.controlplane import kubeconfig
from scenarios.harness import OPENAI, Run, Sandbox

PAGE = Path(__file__).parents[2] / "docs" / "security.md"
RBAC = "rbac.authorization.k8s.io"
#: Who has which of the page's roles.
ROLES = {
    "project": {"llamastack-maas-project"},
    "platform": {"llamastack-maas-platform"},
    "robot": {"llamastack-maas-project", "llamastack-maas-platform", "llamastack-maas-caller"},
}
HOME = "people"


class People:
    """Runs playbooks as one of them."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox

    def play(self, who: str, verb: str, instance: dict | None = None, *options: str, **variables) -> Run:
        """A playbook on one instance, which must succeed."""
        run = self.sandbox.play(
            verb, [instance or OPENAI], *options, kubeconfig=str(self.sandbox.scratch / who), **variables
        )
        assert run.code == 0, f"{who}: {verb}\n{run.output}"
        return run


@contextmanager
def people(sandbox: Sandbox) -> Iterator[People]:
    """The people, for as long as they are needed."""
    manifest = json.dumps({"apiVersion": "v1", "kind": "List", "items": list(_objects(sandbox))})
    sandbox.kubectl("apply", "-f", "-", given=manifest)
    try:
        for who in ROLES:
            token = sandbox.kubectl("create", "token", who, "-n", HOME, "--duration=1h").strip()
            kubeconfig(sandbox.scratch / f"{who}.kubeconfig", sandbox.state, token)
        yield People(sandbox)
    finally:
        sandbox.kubectl("delete", "--ignore-not-found", "--wait=false", "-f", "-", given=manifest)


def written_roles() -> list[dict]:
    """The roles that the page shows."""
    blocks = re.findall(r"^```yaml\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    return [yaml.safe_load(block) for block in blocks]


def _objects(sandbox: Sandbox) -> Iterator[dict]:
    """The page's roles, as far as their namespaces are there, and who has them."""
    yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": HOME}}
    for who in ROLES:
        yield {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": who, "namespace": HOME}}
    namespaces = {each["metadata"]["name"] for each in sandbox.get("namespaces")["items"]}
    for role in written_roles():
        kind, name, namespace = role["kind"], role["metadata"]["name"], role["metadata"].get("namespace")
        if namespace and namespace not in namespaces:
            continue
        yield role
        yield {
            "apiVersion": f"{RBAC}/v1",
            "kind": f"{kind}Binding",
            "metadata": role["metadata"],
            "roleRef": {"apiGroup": RBAC, "kind": kind, "name": name},
            "subjects": [
                {"kind": "ServiceAccount", "name": who, "namespace": HOME} for who, has in ROLES.items() if name in has
            ],
        }
