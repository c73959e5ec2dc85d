# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules that call a LiteLLM have in common: their options, and the way from these to a client.

The Kubernetes client is only needed, and only imported, where an option names a Secret.
"""

from __future__ import annotations

import typing as t

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule

from ansible_collections.llamastack.maas.plugins.module_utils.base import resend
from ansible_collections.llamastack.maas.plugins.module_utils.base.redaction import hide
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import HttpClient, Send, url_problem
from ansible_collections.llamastack.maas.plugins.module_utils.http.transport import sender
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import decode
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.client import Litellm

if t.TYPE_CHECKING:
    from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster

MASTER_KEY = "LITELLM_MASTER_KEY"
"""The field of a Secret in which deployments of LiteLLM keep the master key."""


def secret_options(key: str) -> dict[str, t.Any]:
    """An option that names a field of a Secret."""
    return {
        "type": "dict",
        "no_log": False,
        "options": {
            "name": {"type": "str", "required": True},
            "namespace": {"type": "str", "required": True},
            "key": {"type": "str", "default": key, "no_log": False},
        },
    }


ARGUMENTS: dict[str, t.Any] = {
    **AUTH_ARG_SPEC,
    "url": {"type": "str", "required": True},
    "token": {"type": "str", "no_log": True},
    "token_secret": secret_options(MASTER_KEY),
    "ca_file": {"type": "path"},
    "validate_litellm_certs": {"type": "bool", "default": True},
    "request_timeout": {"type": "float", "default": 30.0},
}
"""Documented by the fragment C(litellm)."""


class SecretUnusable(Exception):
    """Why a Secret does not give what is wanted of it."""


class LitellmModule:
    """An Ansible module that calls a LiteLLM. It fails by itself on a URL, a token and authorities that cannot work."""

    _key: str | None = None
    """The token, once it is read."""

    def __init__(self, argument_spec: dict[str, t.Any], **how: t.Any) -> None:
        self.ansible = AnsibleK8SModule(
            argument_spec={**ARGUMENTS, **argument_spec},
            supports_check_mode=True,
            check_k8s=False,
            check_pyyaml=False,
            mutually_exclusive=[("token", "token_secret"), *how.pop("mutually_exclusive", ())],
            required_one_of=[("token", "token_secret"), *how.pop("required_one_of", ())],
            **how,
        )
        resend.report(self.ansible)
        self.params: dict[str, t.Any] = self.ansible.params
        self.url: str = (self.params["url"] or "").rstrip("/")
        self._cluster: Cluster | None = None
        self._send: Send | None = None
        problem = self.url and url_problem(self.url)
        if problem:
            self.fail(f"url: {problem}")

    @property
    def check_mode(self) -> bool:
        return self.ansible.check_mode

    @property
    def shows_diff(self) -> bool:
        return self.ansible._diff

    def fail(self, message: str, **results: t.Any) -> t.NoReturn:
        """End with an error."""
        self.ansible.fail_json(msg=message, **results)
        raise AssertionError("unreachable")

    def exit(self, **results: t.Any) -> None:
        """End with success."""
        self.ansible.exit_json(**results)

    def cluster(self) -> Cluster:
        """The API server that the options name. Raises ApiError."""
        if self._cluster is None:
            self.ansible.requires("kubernetes")
            from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster

            self._cluster = Cluster(self.ansible)
        return self._cluster

    def litellm(self, key: str | None = None) -> Litellm:
        """The LiteLLM that the options name, called with ``key``, else with their token."""
        return Litellm(self._sender(), self.url, key or self._token(), timeout=self.params["request_timeout"])

    def nobody(self) -> Litellm:
        """The same, called without a key."""
        return Litellm(self._sender(), self.url, None, timeout=self.params["request_timeout"])

    def client(self, url: str, token: str) -> HttpClient:
        """What else is at another URL of the same installation, with a token or, where it is empty, none."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return HttpClient(self._sender(), url, headers=headers, timeout=self.params["request_timeout"])

    def _sender(self) -> Send:
        if self._send is None:
            try:
                self._send = sender(
                    ca_file=self.params["ca_file"], validate_certs=self.params["validate_litellm_certs"]
                )
            except ValueError as error:
                self.fail(f"ca_file: {error}")
        return self._send

    def _token(self) -> str:
        if self._key is None:
            secret = self.params["token_secret"]
            self._key = self.secret_value("token_secret", secret) if secret else self.params["token"]
        return self._key

    def secret_value(self, option: str, secret: t.Mapping[str, str]) -> str:
        """What the field of a Secret holds that an option names; ends with an error where it holds nothing."""
        try:
            return self.read_secret(secret)
        except SecretUnusable as error:
            self.fail(f"{option}: {error}")

    def read_secret(self, secret: t.Mapping[str, str]) -> str:
        """What the field of a Secret holds. Raises SecretUnusable."""
        place = "Secret {namespace}/{name}".format(**secret)
        try:
            found = self.cluster().get("v1", "Secret", secret["name"], secret["namespace"])
        except ApiError as error:
            raise SecretUnusable(f"{place} could not be read: {error}") from error
        if found is None:
            raise SecretUnusable(f"there is no {place}")
        value = (found.get("data") or {}).get(secret["key"])
        if not value:
            fields = ", ".join(sorted(found.get("data") or {})) or "nothing"
            raise SecretUnusable(f"{place} has no field {secret['key']}; it holds {fields}")
        token = decode(value).strip()
        hide([token])
        return token
