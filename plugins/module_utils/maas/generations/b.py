# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the generations of MaaS with API keys and subscriptions (v0.1.0 and later) have in common.

A model is registered by a MaaSModelRef beside it, and by a MaaSAuthPolicy and a MaaSSubscription of the platform's
namespace that both name it. A caller who owns the subscription gets API keys that are bound to it.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings
from ansible_collections.llamastack.maas.plugins.module_utils.http.client import Answer, Request
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import (
    ACCESS_KEYS,
    EVERYBODY,
    Credential,
    Generation,
    Instance,
    Object,
    Registered,
    Settings,
    UnexpectedAnswer,
    check_names,
    prober_user,
)

API_VERSION = "maas.opendatahub.io/v1alpha1"

# Bounds of MaaSSubscription.spec.modelRefs[].tokenRateLimits[] and spec.priority in the CRDs. Two are narrower: the
# controllers accept a longer window and then write none of the subscription's limits; MaaS counts a negative priority
# as 0.
_TOKENS_MAX = 1_000_000_000
_WINDOW = re.compile(r"[1-9]\d{0,3}[smh]\Z", flags=re.ASCII)
_WINDOW_MAX_HOURS = 366 * 24
_PRIORITY_MAX = 2**31 - 1

# An ephemeral API key lives an hour at most. Below a minute it could expire before the gateway's caches know it.
_LIFETIME_MIN = 60
_LIFETIME_MAX = 3600

_PAGE = 50
_API_KEY_PREFIX = "sk-oai-"


class GenerationB(Generation):
    list_is_complete = True
    not_admitted_remedy = (
        "Run as one of them, give one's token as llamastack_maas_token, or deploy with llamastack_maas_prober."
    )

    def default_access(self) -> dict[str, t.Any]:
        return {
            "groups": [EVERYBODY],
            "users": [],
            "token_limits": [{"limit": 100_000, "window": "1m"}],
            "priority": 0,
            "tiers": None,
        }

    def check_access(self, access: t.Any, findings: Findings) -> None:
        if not isinstance(access, t.Mapping):
            findings.error("must hold groups, users or token_limits")
            return
        findings.refuse_unknown_keys(access, ACCESS_KEYS)
        for key, what, check in (("groups", "group", _check_group), ("users", "user", _check_subject)):
            if key in access:
                check_names(access[key], findings.at(key), what, check)
        if not access.get("groups") and not access.get("users"):
            if "groups" in access or "users" in access:
                findings.error("names nobody: give at least one group or user")
            elif access.get("tiers") is not None:
                findings.at("tiers").error(
                    f"MaaS of this generation ({self.platforms()}) has no tiers: give groups or users"
                )
        if "token_limits" in access:
            _check_token_limits(access["token_limits"], findings.at("token_limits"))
        if "priority" in access and not _is_integer(access["priority"], 0, _PRIORITY_MAX):
            findings.at("priority").error(
                f"must be a whole number from 0 to {_PRIORITY_MAX}, not {access['priority']!r}: MaaS takes a negative "
                "one for 0"
            )

    def normalise_access(self, access: t.Mapping[str, t.Any] | None) -> dict[str, t.Any]:
        result = self.default_access()
        given = {key: value for key, value in (access or {}).items() if key in result}
        if "groups" in given or "users" in given:
            result["groups"] = []
        result.update(given)
        return result

    def open_to_everybody(self, access: t.Mapping[str, t.Any]) -> bool:
        return EVERYBODY in access["groups"]

    def admits(self, access: t.Mapping[str, t.Any], user: str, groups: t.Iterable[str]) -> bool:
        return user in access["users"] or bool(set(groups) & set(access["groups"]))

    def token_limits(self, access: t.Mapping[str, t.Any]) -> list[dict[str, t.Any]] | None:
        return access["token_limits"]

    def describe_access(self, access: t.Mapping[str, t.Any]) -> str:
        return _in_words(access["groups"], access["users"])

    def instance_annotations(self, instance: Instance) -> dict[str, str]:
        return {}

    def registration(self, instance: Instance, settings: Settings) -> dict[str, list[Object]]:
        return {
            "project": [_model_ref(instance, settings)],
            "platform": [_auth_policy(instance, settings), _subscription(instance, settings)],
        }

    def registration_kinds(self, settings: Settings) -> list[tuple[str, str, str]]:
        return [
            (API_VERSION, "MaaSModelRef", settings["namespace"]),
            (API_VERSION, "MaaSAuthPolicy", settings["subscription_namespace"]),
            (API_VERSION, "MaaSSubscription", settings["subscription_namespace"]),
        ]

    def registered(
        self, namespace: str, name: str, service: Object | None, objects: t.Iterable[Object]
    ) -> list[Registered]:
        return [found for obj in objects for found in _registered(obj, namespace, name)]

    def lists_without_minting(self, token: str) -> bool:
        return True

    def subscription(self, instance: Instance) -> str | None:
        return ownership.shared_name(instance["namespace"], instance["name"])

    def caller_headers(self, token: str, subscription: str | None = None) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {token}"}
        if subscription and not self.is_credential(token):
            headers["X-MaaS-Subscription"] = subscription
        return headers

    def is_credential(self, token: str) -> bool:
        return token.startswith(_API_KEY_PREFIX)

    def admits_holder(self, access: t.Mapping[str, t.Any], credential: Credential) -> bool | None:
        return None

    def refuses_credential(self, answer: Answer) -> bool:
        document = answer.json()
        code = document.get("code") if isinstance(document, dict) else None
        # A subscription that is not ready is refused with 403 too, but to everybody.
        return code == "invalid_subscription" or (answer.status in (401, 403) and code != "subscription_not_ready")

    def why_no_credential(self, answer: Answer) -> str:
        document = answer.json()
        if isinstance(document, dict) and document.get("exceptionCode") == "AUTH_FAILURE":
            return " (the gateway passes no user name to MaaS as long as no MaaSAuthPolicy is in force)"
        return ""

    def credential_request(self, subscription: str | None, lifetime: int, name: str) -> Request:
        seconds = max(_LIFETIME_MIN, min(lifetime, _LIFETIME_MAX))
        # Without a subscription MaaS binds the one of highest priority, even one that cannot work.
        document = {"ephemeral": True, "name": name, "subscription": subscription, "expiresIn": f"{seconds}s"}
        return Request("POST", "/maas-api/v1/api-keys", document)

    def read_credential(self, document: t.Any) -> Credential:
        if not isinstance(document, dict) or not document.get("key") or not document.get("id"):
            raise UnexpectedAnswer("the answer holds no API key and id")
        return Credential(token=document["key"], id=document["id"])

    def revoke_request(self, credential: Credential) -> Request | None:
        return Request("DELETE", f"/maas-api/v1/api-keys/{credential.id}")

    def search_request(self, offset: int) -> Request | None:
        # MaaS ignores a filter for the name, and leaves ephemeral keys out unless they are asked for.
        filters = {"status": ["active"], "includeEphemeral": True}
        pagination = {"limit": _PAGE, "offset": offset}
        return Request("POST", "/maas-api/v1/api-keys/search", {"filters": filters, "pagination": pagination})

    def read_search(self, document: t.Any) -> tuple[list[tuple[str, str]], bool]:
        found = (document.get("data") or []) if isinstance(document, dict) and "data" in document else None
        if not isinstance(found, list) or not all(isinstance(key, dict) and key.get("id") for key in found):
            raise UnexpectedAnswer("the answer is not a list of API keys")
        return [(key.get("name") or "", key["id"]) for key in found], bool(document.get("has_more"))

    def entitlements_request(self) -> Request | None:
        return Request("GET", "/maas-api/v1/subscriptions")

    def read_entitlements(self, document: t.Any) -> list[str]:
        if not isinstance(document, list) or not all(isinstance(item, dict) for item in document):
            raise UnexpectedAnswer("the answer is not a list of subscriptions")
        return sorted(item["subscription_id_header"] for item in document if item.get("subscription_id_header"))


def _registered(obj: Object, namespace: str, name: str) -> t.Iterator[Registered]:
    """What the object says of the instance; nothing where it does not name it."""
    metadata, spec = obj["metadata"], obj.get("spec") or {}
    what = f"{obj['kind']} {metadata['namespace']}/{metadata['name']}"
    phase = (obj.get("status") or {}).get("phase") or "no phase"
    if obj["kind"] == "MaaSModelRef":
        if metadata["namespace"] == namespace and (spec.get("modelRef") or {}).get("name") == name:
            yield Registered(what, phase)
        return
    for ref in spec.get("modelRefs") or []:
        if (ref.get("namespace"), ref.get("name")) == (namespace, name):
            whom = spec.get("subjects") or spec.get("owner") or {}
            yield Registered(what, phase, _describe_subjects(whom), ref.get("tokenRateLimits") or [])


def _describe_subjects(whom: t.Mapping[str, t.Any]) -> str:
    """Groups and users of a policy or subscription in words; users are plain names, groups have a name."""
    groups = [group["name"] for group in whom.get("groups") or []]
    return _in_words(groups, list(whom.get("users") or []))


def _in_words(groups: t.Sequence[str], users: t.Sequence[str]) -> str:
    named = (("group", groups), ("user", users))
    return ", ".join(f"{word}{'s' if len(called) > 1 else ''} {', '.join(called)}" for word, called in named if called)


def _is_integer(value: t.Any, lowest: int, highest: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest


def _check_token_limits(value: t.Any, findings: Findings) -> None:
    if not isinstance(value, list) or not value:
        findings.error("must be a list with at least one {limit, window}")
        return
    for index, item in enumerate(value):
        entry = findings.at(index)
        if not isinstance(item, dict) or set(item) != {"limit", "window"}:
            entry.error("must hold limit and window, and nothing else")
            continue
        if not _is_integer(item["limit"], 1, _TOKENS_MAX):
            entry.at("limit").error(f"must be a number of tokens from 1 to {_TOKENS_MAX}, not {item['limit']!r}")
        _check_window(item["window"], entry.at("window"))


def _check_window(value: t.Any, findings: Findings) -> None:
    if not isinstance(value, str) or not _WINDOW.match(value):
        findings.error(f"must be a time such as 30s, 1m or 24h, in up to four digits, not {value!r}")
    elif value.endswith("h") and int(value[:-1]) > _WINDOW_MAX_HOURS:
        findings.error(
            f"{value} is longer than {_WINDOW_MAX_HOURS}h (366 days): MaaS takes it, and then enforces no limit at all"
        )


def _check_group(name: str, findings: Findings) -> None:
    _check_subject(name, findings)
    if " " in name.strip():
        findings.warn(
            f"{name!r} holds a space: some parts of MaaS separate the groups of a caller by spaces, so it may admit "
            "nobody"
        )


def _check_subject(name: str, findings: Findings) -> None:
    """Report what no policy of MaaS can hold in the name of a group or user."""
    shown = name if name.isprintable() else repr(name)
    if name != name.strip():
        findings.error(f"{name!r} begins or ends with white space, so it is nobody's name")
    elif shown != name:
        findings.error(f"{shown} holds a control character, or white space that is no plain space")
    for character, called in (('"', "a double quote"), ("\\", "a backslash")):
        if character in name:
            findings.error(
                f"{shown} holds {called}: MaaS cannot write a policy with it, and fails those of other models, too; "
                "name a group or user without one"
            )


def _metadata(instance: Instance, name: str, namespace: str) -> dict[str, t.Any]:
    return {"name": name, "namespace": namespace, "labels": ownership.instance_labels(instance)}


def _model_ref(instance: Instance, settings: Settings) -> Object:
    # The gateway takes the model's identity from the path, so the reference must be named like the service.
    metadata = _metadata(instance, instance["name"], instance["namespace"])
    metadata["annotations"] = {"openshift.io/display-name": instance["display_name"]}
    if instance.get("description"):
        metadata["annotations"]["openshift.io/description"] = instance["description"]
    spec: dict[str, t.Any] = {"modelRef": {"kind": "LLMInferenceService", "name": instance["name"]}}
    if settings.get("tenant"):
        spec["tenantRef"] = settings["tenant"]
    return {"apiVersion": API_VERSION, "kind": "MaaSModelRef", "metadata": metadata, "spec": spec}


def _users(instance: Instance, settings: Settings) -> list[str]:
    users = list(instance["access"]["users"])
    prober = prober_user(instance["namespace"])
    if settings.get("prober") and prober not in users:
        users.append(prober)
    return users


def _subjects(instance: Instance, settings: Settings) -> dict[str, t.Any]:
    """Groups and users. A list that is empty is left out: the controllers drop it when they first write the object."""
    subjects = {
        "groups": [{"name": group} for group in instance["access"]["groups"]],
        "users": _users(instance, settings),
    }
    return {key: named for key, named in subjects.items() if named}


def _shared_metadata(instance: Instance, settings: Settings) -> dict[str, t.Any]:
    name = ownership.shared_name(instance["namespace"], instance["name"])
    return _metadata(instance, name, settings["subscription_namespace"])


def _auth_policy(instance: Instance, settings: Settings) -> Object:
    return {
        "apiVersion": API_VERSION,
        "kind": "MaaSAuthPolicy",
        "metadata": _shared_metadata(instance, settings),
        "spec": {
            "modelRefs": [{"name": instance["name"], "namespace": instance["namespace"]}],
            "subjects": _subjects(instance, settings),
        },
    }


def _subscription(instance: Instance, settings: Settings) -> Object:
    return {
        "apiVersion": API_VERSION,
        "kind": "MaaSSubscription",
        "metadata": _shared_metadata(instance, settings),
        "spec": {
            "owner": _subjects(instance, settings),
            "modelRefs": [
                {
                    "name": instance["name"],
                    "namespace": instance["namespace"],
                    "tokenRateLimits": [dict(limit) for limit in instance["access"]["token_limits"]],
                }
            ],
            "priority": instance["access"]["priority"],
        },
    }
