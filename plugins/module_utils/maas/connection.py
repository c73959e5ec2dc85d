# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the modules that call MaaS have in common: their options, and the way from these to a client and a caller."""

from __future__ import annotations

import typing as t

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule

from ansible_collections.llamastack.maas.plugins.module_utils.base import resend
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import HttpClient, url_problem
from ansible_collections.llamastack.maas.plugins.module_utils.http.transport import TRUST_ARGUMENTS, sender
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.masking import (
    ARGUMENTS as MASKING_ARGUMENTS,
    Masking,
)
from ansible_collections.llamastack.maas.plugins.module_utils.maas.caller import NoCaller, find_caller
from ansible_collections.llamastack.maas.plugins.module_utils.maas.credentials import Caller, Connect
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import known
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import Generation

GATEWAY: dict[str, t.Any] = {
    "type": "dict",
    "apply_defaults": True,
    "options": {
        "name": {"type": "str", "default": "maas-default-gateway"},
        "namespace": {"type": "str", "default": "openshift-ingress"},
    },
}
GENERATION: dict[str, t.Any] = {"type": "str", "required": True}

ARGUMENTS: dict[str, t.Any] = {**AUTH_ARG_SPEC, **TRUST_ARGUMENTS, "url": {"type": "str"}}

_OF_CALLERS: dict[str, t.Any] = {
    **MASKING_ARGUMENTS,
    "url": {"type": "str", "required": True},
    "token": {"type": "str", "no_log": True},
    "prober": {"type": "bool", "default": False},
    "namespace": {"type": "str", "default": "llm"},
    "generation": GENERATION,
    "instances": {"type": "list", "elements": "dict", "required": True},
    "urls": {"type": "dict", "default": {}},
    "request_timeout": {"type": "float", "default": 30.0},
}


def connect_to(url: str, params: t.Mapping[str, t.Any], timeout: float) -> Connect:
    """The way to MaaS by the options that say whom to trust; C(timeout) is in seconds for one request.

    Raises ValueError where the file of authorities cannot be used.
    """
    send = sender(ca_file=params["ca_file"], validate_certs=params["validate_maas_certs"])
    return lambda headers=None: HttpClient(send, url, headers=headers, timeout=timeout)


class MaasModule:
    """An Ansible module that may call MaaS. It fails by itself on a URL and authorities that cannot work."""

    def __init__(self, argument_spec: dict[str, t.Any], **how: t.Any) -> None:
        self.ansible = AnsibleK8SModule(argument_spec={**ARGUMENTS, **argument_spec}, supports_check_mode=True, **how)
        resend.report(self.ansible)
        self.params: dict[str, t.Any] = self.ansible.params
        self.url: str = (self.params["url"] or "").rstrip("/")
        problem = self.url and url_problem(self.url)
        if problem:
            self.ansible.fail_json(msg=f"url: {problem}")

    def cluster(self) -> Cluster:
        """The API server that the options name."""
        self.ansible.requires("kubernetes")
        return Cluster(self.ansible)

    def connect(self, timeout: float, url: str | None = None) -> Connect:
        """The way to MaaS, at the URL given unless another one was found."""
        try:
            return connect_to(url or self.url, self.params, timeout)
        except ValueError as error:
            return self.ansible.fail_json(msg=f"ca_file: {error}")


class CallingModule(MaasModule):
    """One that calls instances as somebody. It fails by itself on instances that cannot be called."""

    def __init__(self, argument_spec: dict[str, t.Any], *, urls_needed: bool) -> None:
        # The Kubernetes client is only needed, and only looked for, where the caller is to be had from it.
        super().__init__({**_OF_CALLERS, **argument_spec}, check_k8s=False, check_pyyaml=False)
        masking = Masking(self.ansible)
        try:
            self.generation: Generation = known.get(self.params["generation"])
        except ValueError as error:
            self.ansible.fail_json(msg=f"generation: {error}")
        if not self.ansible.check_mode:  # in which there may be nothing yet to have a URL
            self._check_instances(("name", "namespace", "url") if urls_needed else ("name", "namespace"))
            if self.ansible.has_at_least("kubernetes"):
                masking.read(self.cluster, self.params["namespace"])

    def _check_instances(self, needed: t.Sequence[str]) -> None:
        for index, instance in enumerate(self.params["instances"]):
            instance["url"] = (self.params["urls"].get(instance.get("name")) or instance.get("url") or "").rstrip("/")
            missing = [key for key in needed if not instance.get(key)]
            if missing:
                name = instance.get("name") or f"instances[{index}]"
                self.ansible.fail_json(msg=f"{name} has no {' and no '.join(missing)}")

    def caller(self) -> Caller:
        """Whoever calls MaaS by the options."""
        found = self.caller_or_reason()
        if isinstance(found, str):
            self.ansible.fail_json(msg=found)
        return t.cast(Caller, found)

    def caller_or_reason(self) -> Caller | str:
        """Whoever calls MaaS by the options, or why nobody can."""
        params = self.params
        try:
            return find_caller(
                self.cluster, token=params["token"], prober=params["prober"], namespace=params["namespace"]
            )
        except NoCaller as error:
            return str(error)
