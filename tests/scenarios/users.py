# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user of the models does by hand on each generation of MaaS, with nothing but the URL and an own token."""

from __future__ import annotations

import json
import shlex
import ssl
import urllib.request

import openai
from openai.types.chat import ChatCompletion
from scenarios.harness import Sandbox

HELLO = [{"role": "user", "content": "Say hello"}]


class User:
    """A consumer of models. Shared by all generations: how MaaS is called, and the official client."""

    def __init__(self, sandbox: Sandbox, name: str = "alice") -> None:
        self.sandbox, self.token = sandbox, sandbox.token(name)

    def ask(self, path: str, body: dict):
        """The answer of MaaS's own API to a POST."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        return self._post(f"{self.sandbox.url}{path}", json.dumps(body), headers)

    def curl(self, command: str):
        """The answer to a curl command that consists of a URL, headers and data."""
        program, url, *options = shlex.split(command.replace("\\\n", " "))
        given = list(zip(options[::2], options[1::2], strict=True))
        headers = dict(value.split(": ", 1) for option, value in given if option == "-H")
        (data,) = (value for option, value in given if option == "-d")
        assert program == "curl" and len(headers) + 1 == len(given), command
        return self._post(url, data, headers)

    def client(self, instance: str) -> openai.OpenAI:
        """The official client with what a user is told to give it."""
        verified = openai.DefaultHttpxClient(verify=ssl.create_default_context(cafile=self.sandbox.ca))
        return openai.OpenAI(
            base_url=self.base_url(instance), api_key=self.credential(instance), http_client=verified, max_retries=0
        )

    def say_hello(self, instance: str, own_id: str) -> ChatCompletion:
        """An instance's answer, got by the official client with a credential of its own."""
        return self.client(instance).chat.completions.create(model=self.model(instance, own_id), messages=HELLO)

    def path_url(self, instance: str) -> str:
        """The instance's own URL, which works on every generation with the server's own ids."""
        return f"{self.sandbox.url}/llm/{instance}/v1"

    base_url = path_url

    def _post(self, url: str, data: str, headers: dict[str, str]):
        request = urllib.request.Request(url, data=data.encode(), headers=headers)
        with urllib.request.urlopen(request, context=ssl.create_default_context(cafile=self.sandbox.ca)) as answer:
            return json.load(answer)

    def active_keys(self) -> list[str]:
        """Ids of the keys of this user that MaaS still accepts, ephemeral ones included."""
        wanted = {"filters": {"status": ["active"], "includeEphemeral": True}, "pagination": {"limit": 100}}
        return [key["id"] for key in self.ask("/maas-api/v1/api-keys/search", wanted)["data"] or []]

    def credential(self, instance: str) -> str:
        body = {"name": "laptop", "subscription": f"llm-{instance}", "expiresIn": "1h"}
        return self.ask("/maas-api/v1/api-keys", body)["key"]

    def model(self, instance: str, own_id: str) -> str:
        """The id to call an instance by."""
        raise NotImplementedError


class B2(User):
    """Published ids at the gateway's own URL."""

    def base_url(self, instance: str) -> str:
        return f"{self.sandbox.url}/v1"

    def model(self, instance: str, own_id: str) -> str:
        return f"publishers/llm/models/{instance}"


class B1(User):
    """The server's own ids at the instance's URL."""

    def model(self, instance: str, own_id: str) -> str:
        return own_id


class A(User):
    """The instance's name at the instance's URL; tokens instead of keys."""

    def credential(self, instance: str) -> str:
        return self.ask("/maas-api/v1/tokens", {"expiration": "10m"})["token"]

    def model(self, instance: str, own_id: str) -> str:
        return instance

    def active_keys(self) -> list[str]:
        return []


USERS = {"a": A, "b1": B1, "b2": B2}


def user(sandbox: Sandbox, name: str = "alice") -> User:
    """A user of the generation that the sandbox runs."""
    return USERS[sandbox.state["generation"]](sandbox, name)
