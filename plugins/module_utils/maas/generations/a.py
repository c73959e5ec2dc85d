# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""MaaS v0.0.2 (RHOAI 3.2 and 3.3): tokens and tiers.

An LLMInferenceService is registered by an annotation that names the tiers which may use it; the platform maps groups
of users to tiers, and gives each tier its limits. It is listed under C(spec.model.name).

A credential is the token of a ServiceAccount that MaaS keeps for the user in the namespace of the user's tier. It
cannot be revoked alone: the API's only way would end every token that the user has, and so is not used here.

MaaS probes each model with OPTIONS before it lists it, as the caller: a model whose server does not know this method is
left out although it works. A token that is none of these is exchanged for one on the way, so that asking for the list
may make that ServiceAccount and its namespace, and each probe counts against the caller's limit of requests.
"""

from __future__ import annotations

import json
import re
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base import json_web_token
from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import Answer, Request
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import (
    ACCESS_KEYS,
    Credential,
    Generation,
    Instance,
    Listed,
    Object,
    Registered,
    Settings,
    UnexpectedAnswer,
    Visibility,
    check_names,
)

TIERS_ANNOTATION = "alpha.maas.opendatahub.io/tiers"

# The least that MaaS grants. As there is no way to revoke a token, none lives longer than that.
_EXPIRATION = "10m"

# Whose token it is: an account in the namespace of a tier.
_ACCOUNT_OF_A_TIER = re.compile(r"system:serviceaccount:(?P<gateway>[^:]+)-tier-(?P<tier>[^:]+):[^:]+\Z")


class GenerationA(Generation):
    name = "a"
    releases = ("3.2", "3.3")
    list_is_complete = False
    list_asks_models = True
    why_unlisted = (
        "MaaS hides it: before it lists a model it asks for it with OPTIONS, which the server does not know",
        "Nothing is wrong with the instance: call it at its own URL. Later releases of the platform list it.",
    )

    # Nothing that is registered admits the prober: it is in the tier that the platform's groups give it.
    not_admitted_remedy = "Run as one of them, or give one's token as llamastack_maas_token."

    def published_id(self, namespace: str, name: str) -> str | None:
        return name

    def default_access(self) -> dict[str, t.Any]:
        return {"groups": [], "users": [], "token_limits": [], "priority": 0, "tiers": []}

    def check_access(self, access: t.Any, findings: Findings) -> None:
        if not isinstance(access, t.Mapping):
            findings.error("must hold tiers")
            return
        findings.refuse_unknown_keys(access, ACCESS_KEYS)
        if access.get("tiers") is not None:
            check_names(access["tiers"], findings.at("tiers"), "tier", _check_tier)
            return
        for key in ACCESS_KEYS:
            if key in access and key != "tiers":
                findings.at(key).error(
                    f"MaaS of this generation ({self.platforms()}) knows only tiers: give tiers, [] for all of them"
                )

    def normalise_access(self, access: t.Mapping[str, t.Any] | None) -> dict[str, t.Any]:
        return {**self.default_access(), "tiers": list((access or {}).get("tiers") or [])}

    def open_to_everybody(self, access: t.Mapping[str, t.Any]) -> bool:
        return not access["tiers"]

    def admits(self, access: t.Mapping[str, t.Any], user: str, groups: t.Iterable[str]) -> bool:
        # Which groups make which tier is the platform's secret; a credential shows it, see admits_holder.
        return self.open_to_everybody(access)

    def token_limits(self, access: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]] | None:
        return None

    def describe_access(self, access: t.Mapping[str, t.Any]) -> str:
        return f"tier{'s' if len(access['tiers']) > 1 else ''} {', '.join(access['tiers'])}"

    def instance_annotations(self, instance: Instance) -> dict[str, str]:
        return {TIERS_ANNOTATION: json.dumps(instance["access"]["tiers"], separators=(",", ":"))}

    def registration(self, instance: Instance, settings: Settings) -> dict[str, list[Object]]:
        return {"project": [], "platform": []}

    def registration_kinds(self, settings: Settings) -> list[tuple[str, str, str]]:
        return []

    def registered(
        self, namespace: str, name: str, service: Object | None, objects: t.Iterable[Object]
    ) -> list[Registered]:
        given = ((service or {"metadata": {}})["metadata"].get("annotations") or {}).get(TIERS_ANNOTATION)
        if given is None:
            return []
        try:
            tiers = json.loads(given)
        except ValueError:
            return [Registered(f"annotation {TIERS_ANNOTATION}, which is no list: {given}")]
        return [Registered(self.describe_access({"tiers": tiers}) if tiers else "all tiers")]

    def lists_without_minting(self, token: str) -> bool:
        # Any other token is exchanged for one of MaaS, which makes an account in the namespace of the caller's tier.
        return self.is_credential(token)

    def subscription(self, instance: Instance) -> str | None:
        return None

    def caller_headers(self, token: str, subscription: str | None = None) -> dict[str, str]:
        return {"Authorization": f"Bearer {token}"}

    def is_credential(self, token: str) -> bool:
        return _tier_in(token) is not None

    def accepts_user_token(self, path: str) -> bool:
        return False

    def admits_holder(self, access: t.Mapping[str, t.Any], credential: Credential) -> bool | None:
        tier = _tier_in(credential.token)
        return None if tier is None else self.open_to_everybody(access) or tier in access["tiers"]

    def credential_request(self, subscription: str | None, lifetime: int, name: str) -> Request:
        return Request("POST", "/maas-api/v1/tokens", {"expiration": _EXPIRATION})

    def refuses_credential(self, answer: Answer) -> bool:
        # A caller in no tier gets 500 with the text of every failure; whoever is in one gets no such answer.
        return answer.status in (401, 403) or (answer.status == 500 and "generate token" in answer.error_text())

    def read_credential(self, document: t.Any) -> Credential:
        if not isinstance(document, dict) or not isinstance(document.get("token"), str) or not document["token"]:
            raise UnexpectedAnswer("the answer holds no token")
        return Credential(token=document["token"])

    def revoke_request(self, credential: Credential) -> Request | None:
        return None

    def search_request(self, offset: int) -> Request | None:
        return None

    def read_search(self, document: t.Any) -> tuple[list[tuple[str, str]], bool]:
        return [], False

    def visibility(self, entries: t.Iterable[Listed], instance: Instance) -> Visibility:
        expected = self.published_id(instance["namespace"], instance["name"])
        found = [entry for entry in entries if (entry.owner, entry.id) == (instance["namespace"], expected)]
        if not found:
            return Visibility(missing=[expected])
        if not found[0].ready:
            return Visibility(not_ready=[expected])
        return Visibility(ids=[expected])

    def entitlements_request(self) -> Request | None:
        return None

    def read_entitlements(self, document: t.Any) -> list[str]:
        return []

    def client_base_url(self, maas_url: str, instance_url: str) -> str:
        return f"{instance_url.rstrip('/')}/v1"


def _check_tier(name: str, findings: Findings) -> None:
    if not ownership.is_dns_1123(name):
        findings.error(
            f"{name!r} cannot be the name of a tier: it is part of the name of the tier's namespace, so it holds "
            "lower case letters, digits and hyphens only"
        )


def _tier_in(token: str) -> str | None:
    """The tier whose token it is; None for a token that is not MaaS's own."""
    match = _ACCOUNT_OF_A_TIER.match(json_web_token.subject(token) or "")
    return match["tier"] if match else None
