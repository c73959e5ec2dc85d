# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbooks of LiteMaaS as a user runs them, with the example of docs/, and what callers and the cluster see then."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Any

import requests
import yaml
from sandbox import definitions, demo, kserve, reset, toolchain
from sandbox.controlplane import Kubectl
from sandbox.processes import patiently
from scenarios.harness import Sandbox

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "litemaas.yml"
NAMESPACE = "litemaas"
#: The pages of LiteMaaS, with a login by OpenID Connect, and the sandbox's authority, which the gateway's certificate is of.
APP = {
    "auth": "oidc",
    "oidc": {
        "issuer": "https://sso.example.com/realms/corp",
        "client_id": "litemaas",
        "client_secret_env": "OIDC_CLIENT_SECRET",
    },
    "ca": {"name": "odh-trusted-ca-bundle", "key": "ca-bundle.crt"},
}
OIDC_SECRET = "of-the-identity-provider-0123456789"


class Gateway(Sandbox):
    """A sandbox without MaaS, and the example with the pages of LiteMaaS in it."""

    url = "https://litellm-litemaas.apps.sandbox.example"
    app_url = "https://litemaas-litemaas.apps.sandbox.example"

    @property
    def router(self) -> str:
        return f"http://127.0.0.1:{self.state['ports']['router']}"

    def command(self, verb: str, instances: None = None, *options: str, **variables: Any) -> list[str]:
        """``variables`` are those of a run; those of LiteMaaS begin with ``litemaas_``."""
        given = {"litemaas_app": APP, "litemaas_ca_file": self.ca}
        given |= {name: variables.pop(name) for name in list(variables) if name.startswith("litemaas_")}
        file = self.scratch / "litemaas.yml"
        file.write_text(yaml.safe_dump(given))
        command = super().command(verb, instances, *options, **variables)
        return [*command, "-e", f"@{EXAMPLE}", "-e", f"@{file}"]

    def environment(self, kubeconfig: str = "admin") -> dict[str, str]:
        """Hosts of Routes are found by the router, as by a proxy."""
        outward = {"HTTPS_PROXY": self.router, "NO_PROXY": "127.0.0.1,localhost", "OIDC_CLIENT_SECRET": OIDC_SECRET}
        return super().environment(kubeconfig) | outward

    def begin(self) -> None:
        """As it was when it started, but for the kinds of KServe and a model of the cluster's own."""
        reset.run(self.folder)
        plan = definitions.plan("none", {"SANDBOX_KSERVE": kserve.NONE})
        found = plan.definitions(toolchain.ensure(plan.kserve.component))
        kubectl = Kubectl(self.folder, toolchain.ensure(toolchain.CONTROL_PLANE) / "bin")
        kubectl.apply(plan.registered(found, self.state), "--validate=false")
        names = [f"crd/{definition['metadata']['name']}" for definition in found]
        kubectl.run("wait", "--for=condition=Established", "--timeout=60s", *names)

        def served() -> None:
            """A kind that is established is not in the list of kinds yet."""
            if '"InferenceService"' not in kubectl.run("get", "--raw", "/apis/serving.kserve.io/v1beta1"):
                raise SystemExit("sandbox: the API server does not list InferenceService")

        patiently(served, seconds=60)
        asyncio.run(demo.serve_own_model(self.state))

    def end(self) -> None:
        """The kinds of KServe go, too."""
        reset.run(self.folder)
        kinds = self.get("crd")["items"]
        names = [each["metadata"]["name"] for each in kinds if each["spec"]["group"].endswith("kserve.io")]
        self.kubectl("delete", "crd", *names)

    def secrets(self) -> dict[str, dict[str, Any]]:
        """The Secrets of the namespace by name."""
        return {each["metadata"]["name"]: each for each in self.get("secrets", "-n", NAMESPACE)["items"]}

    def value(self, secret: str, key: str) -> str:
        return base64.b64decode(self.secrets()[secret]["data"][key]).decode()

    def values(self) -> list[str]:
        """All that Secrets hold and nobody is to see; the name of a user is none of it."""
        held = [
            base64.b64decode(value).decode()
            for each in self.secrets().values()
            for key, value in (each.get("data") or {}).items()
            if key != "UI_USERNAME"
        ]
        return [*held, *self.keys.values(), OIDC_SECRET]

    def call(self, method: str, path: str, key: str = "", body: Any = None, url: str = "") -> requests.Response:
        """Ask the gateway, or the host of another Route."""
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        return requests.request(
            method,
            (url or self.url) + path,
            json=body,
            headers=headers,
            proxies={"https": self.router},
            verify=self.ca,
            timeout=120,
        )

    def chat(self, model: str, key: str) -> tuple[int, str]:
        """Status and text of an answer, or of a refusal its type."""
        body = {"model": model, "messages": [{"role": "user", "content": "say hi"}], "max_tokens": 5}
        answer = self.call("POST", "/v1/chat/completions", key, body)
        found = answer.json()
        if answer.status_code != 200:
            return answer.status_code, str(found["error"]["type"])
        return 200, found["choices"][0]["message"]["content"]
