# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the collection's playbooks as a user does, against a sandbox, and looks at what the user and the cluster see."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from sandbox.controlplane import Kubectl
from sandbox.toolchain import CONTROL_PLANE, ensure


@dataclass
class Run:
    """What one ansible-playbook process printed and how it ended."""

    code: int
    output: str

    def recap(self, counter: str, host: str = "localhost") -> int:
        """A number of the play recap: ok, changed, unreachable, failed, skipped, rescued, ignored."""
        line = re.search(rf"^{host}\s*:.*$", self.output, re.MULTILINE)
        assert line, self.output
        return int(re.search(rf"{counter}=(\d+)", line.group()).group(1))

    @property
    def text(self) -> str:
        """The output with every run of white space as one blank: messages are wrapped and indented."""
        return " ".join(self.output.replace("\\n", " ").split())


#: The longest that one run of a playbook may take.
SECONDS = 600

#: What the collection writes.
OUR_KINDS = "namespaces,secrets,configmaps,serviceaccounts,llmisvc"
#: What it writes besides on the generations that have these kinds.
MAAS_KINDS = ",maasmodelrefs,maasauthpolicies,maassubscriptions"


class Sandbox:
    """A running sandbox and the playbooks run against it."""

    def __init__(self, folder: Path, state: dict, scratch: Path):
        self.folder, self.state, self.scratch = folder, state, scratch
        self.ansible_playbook = Path(sys.executable).with_name("ansible-playbook")
        self.keys = {
            "OPENAI_API_KEY": state["keys"]["openai"][0],
            "OPENAI_API_KEY_2": state["keys"]["openai"][1],
            "GEMINI_API_KEY": state["keys"]["gemini"][0],
            "ANTHROPIC_API_KEY": state["keys"]["anthropic"][0],
            "COMPATIBLE_API_KEY": state["keys"]["compatible"][0],
        }

    @property
    def url(self) -> str:
        return f"https://{self.state['host']}:{self.state['ports']['gateway']}"

    @property
    def ca(self) -> str:
        return self.state["ca"]

    def token(self, user: str) -> str:
        """The bearer of a user; ``admin`` is who runs the playbooks."""
        return self.state["admin_token"] if user == "admin" else self.state["users"][user]["token"]

    def play(
        self,
        verb: str | Sequence[str],
        instances: list | str | None = None,
        *options: str,
        env: dict | None = None,
        kubeconfig: str = "admin",
        **variables,
    ) -> Run:
        """Run ``llamastack.maas.<verb>`` with the sandbox's settings, a list of instances and other variables of ours.

        Of several verbs, which one process runs in turn, each must end well for the next to run.
        """
        command = self.command(verb, instances, *options, **variables)
        environment = self.environment(kubeconfig) | (env or {})
        result = subprocess.run(
            command, env=environment, cwd=self.scratch, capture_output=True, text=True, check=False, timeout=SECONDS
        )
        return Run(result.returncode, result.stdout + result.stderr)

    def play_and_kill(
        self,
        at: str,
        verb: str,
        instances: list,
        *options: str,
        env: dict | None = None,
        kubeconfig: str = "admin",
        **variables,
    ) -> None:
        """Run a playbook as ``play`` does, and kill it as soon as it prints ``at``."""
        command = self.command(verb, instances, *options, **variables)
        with subprocess.Popen(
            command,
            env=self.environment(kubeconfig) | (env or {}),
            cwd=self.scratch,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as process:
            seen = any(at in line for line in process.stdout)
            process.kill()
        assert seen, f"{verb} ended without having printed {at!r}"

    def command(self, verb: str | Sequence[str], instances: list | str | None, *options: str, **variables) -> list[str]:
        """What a user types, with the variables in a file."""
        given = {f"llamastack_maas_{name}": value for name, value in variables.items()}
        if instances is not None:
            given["llamastack_maas_instances"] = instances
        file = self.scratch / "given.yml"
        file.write_text(yaml.safe_dump(given))
        verbs = [verb] if isinstance(verb, str) else verb
        playbooks = [each if each.endswith(".yml") else f"llamastack.maas.{each}" for each in verbs]
        return [
            str(self.ansible_playbook),
            *playbooks,
            "-e",
            f"@{self.folder / 'vars.yml'}",
            "-e",
            f"@{file}",
            *options,
        ]

    def environment(self, kubeconfig: str = "admin") -> dict[str, str]:
        """That of a user of this sandbox: nothing of the developer's that Ansible or the Kubernetes client would read."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "K8S_AUTH_"))}
        own = {
            "KUBECONFIG": str(self.folder / f"{kubeconfig}.kubeconfig"),
            "ANSIBLE_NOCOLOR": "1",
            "TMPDIR": str(self.scratch),
        }
        return kept | self.keys | own

    def kubectl(self, *arguments: str, given: str | None = None) -> str:
        return Kubectl(self.folder, ensure(CONTROL_PLANE) / "bin").run(*arguments, given=given)

    def get(self, *arguments: str) -> dict:
        """An object or a list of the cluster, as JSON."""
        return json.loads(self.kubectl("get", *arguments, "-o", "json"))

    def names(self, kind: str, namespace: str = "llm") -> list[str]:
        return [item["metadata"]["name"] for item in self.get(kind, "-n", namespace)["items"]]

    def ours(self, set_name: str = "") -> dict[str, dict]:
        """Everything in the cluster that carries our labels, or those of one set, by kind, namespace and name."""
        labels = "app.kubernetes.io/managed-by=llamastack.maas" + (
            f",llamastack.maas/set={set_name}" if set_name else ""
        )
        kinds = OUR_KINDS + ("" if self.state["generation"] == "a" else MAAS_KINDS)
        found = self.get(kinds, "-A", "-l", labels)["items"]
        return {
            f"{each['kind']} {each['metadata'].get('namespace', '')}/{each['metadata']['name']}": each for each in found
        }

    def versions(self) -> dict[str, str]:
        """Version of everything of ours; controllers that write a status make a new one, too."""
        return {name: each["metadata"]["resourceVersion"] for name, each in self.ours().items()}

    def contents(self, set_name: str = "") -> dict[str, dict]:
        """Everything of ours, or of one set, without what controllers say of it."""
        told = ("resourceVersion", "managedFields")
        return {
            name: {
                **{key: value for key, value in each.items() if key != "status"},
                "metadata": {key: value for key, value in each["metadata"].items() if key not in told},
            }
            for name, each in self.ours(set_name).items()
        }

    def provider(self, method: str, path: str, body: dict | None = None):
        """Call the admin API of the far providers."""
        return self._call("provider_admin", method, path, body)

    def maas(self, method: str, path: str, body: dict | None = None):
        """Call the admin API of the imitated MaaS."""
        return self._call("maas_admin", method, path, body)

    def _call(self, daemon: str, method: str, path: str, body: dict | None):
        data = None if body is None else json.dumps(body).encode()
        url = f"http://127.0.0.1:{self.state['ports'][daemon]}{path}"
        request = urllib.request.Request(url, data=data, method=method, headers={"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
            return json.loads(text) if text else None


def instance(name: str, provider: str, key_env: str, models: list[str], **more) -> dict:
    """An entry of the list."""
    return {"name": name, "provider": provider, "api_key_env": key_env, "models": models, **more}


OPENAI = instance("openai", "openai", "OPENAI_API_KEY", ["gpt-4o-mini", "gpt-4o"])
GEMINI = instance("gemini", "gemini", "GEMINI_API_KEY", ["gemini-2.5-flash"])
ANTHROPIC = instance("anthropic", "anthropic", "ANTHROPIC_API_KEY", ["claude-sonnet-4-6"])
