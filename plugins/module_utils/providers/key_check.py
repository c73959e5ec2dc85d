# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a provider accepts a credential, by one request for its list of models.

What is asked for is said by C(check) of the provider's entry in C(registry.yml).
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.http.client import (
    FAILURE_TLS,
    Answer,
    HttpClient,
    Request,
    Send,
)
from ansible_collections.llamastack.maas.plugins.module_utils.openai import errors

ACCEPTED = "accepted"
REFUSED = "refused"
UNKNOWN = "unknown"
UNDECIDED = "undecided"
SKIPPED = "skipped"

# What no provider takes for a key.
NO_KEY = "llamastack-maas-no-key"

_WITHOUT = (
    "go on without the check: llamastack_maas_rotate_check=false. The new key is then proven once it is in use, and "
    "callers may see it fail."
)
_OTHER_KEY = "Give a valid key of this provider."
_NOT_ALLOWED = f"Give a key with the permission to list models; or, if it may chat all the same, {_WITHOUT}"
_NO_WAY = (
    "Let the machine that runs this reach the provider (llamastack_maas_egress is used here, too); or " f"{_WITHOUT}"
)


class KeyVerdict(t.NamedTuple):
    """What came of a check; C(state) is one of this module's constants."""

    state: str
    reason: str
    remedy: str = ""
    cause: str = ""
    """What a refusal is about, as C(openai.errors) names it."""


def check_of(provider: t.Mapping[str, t.Any], settings: t.Mapping[str, t.Any]) -> dict[str, t.Any] | None:
    """What to ask a provider about the credentials of an instance; None where the provider's entry does not say.

    C(url) is complete, from the instance's complete C(settings); C(headers) still have the names of credentials in them.
    """
    check = provider["check"]
    if not check:
        return None
    without_slash = {name: value.rstrip("/") for name, value in settings.items() if isinstance(value, str)}
    return {"url": _filled(check["url"], without_slash), "headers": dict(check["headers"])}


# Their adapters put more behind their base_url than the name of the call.
_ADDS_TO_ITS_BASE = ("remote::databricks", "remote::watsonx")


def is_api_base(provider: t.Mapping[str, t.Any], field: str) -> bool:
    """Whether the setting C(field) is where the API itself is, so that calls are made right behind it."""
    if provider["check"]:
        return provider["check"]["url"] == f"{{{field}}}/models"
    return provider["settings"][field]["config"] == "base_url" and provider["type"] not in _ADDS_TO_ITS_BASE


def headers_of(check: t.Mapping[str, t.Any], values: t.Mapping[str, str]) -> dict[str, str]:
    """The header fields, with credentials by field from C(values); those whose credential is not given are left out."""
    forms = check["headers"].items()
    return {name: _filled(form, values) for name, form in forms if all(values.get(each) for each in _fields(form))}


def _fields(form: str) -> list[str]:
    return re.findall(r"\{(\w+)\}", form)


def _filled(form: str, values: t.Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda match: values.get(match.group(1), ""), form)


def judge(answer: Answer) -> KeyVerdict:
    """What the provider's answer to the request means."""
    if answer.failure == FAILURE_TLS:
        return KeyVerdict(UNKNOWN, f"the certificate of the provider is not trusted here: {answer.describe()}", _NO_WAY)
    document = answer.json()
    if 200 <= answer.status < 300:
        refusal = errors.in_success(document)
    else:
        refusal = errors.read(answer.status, document, answer.text)
    if refusal is None:
        return KeyVerdict(ACCEPTED, answer.describe())
    kind = errors.kind_of(refusal)
    meaning, remedy = errors.CAUSES[kind]
    if answer.failure or kind not in _DECIDED:
        return KeyVerdict(UNKNOWN, f"the provider did not say whether it accepts the key: {answer.describe()}", _NO_WAY)
    if kind == errors.KEY_REFUSED:
        return KeyVerdict(REFUSED, f"{meaning}: {answer.describe()}", _OTHER_KEY, kind)
    if kind == errors.PROVIDER_REFUSES:
        return KeyVerdict(REFUSED, f"the provider refused to list its models: {answer.describe()}", _NOT_ALLOWED, kind)
    if kind == errors.PATH_UNKNOWN:
        reason = f"the provider has no list of models at this path: {answer.describe()}"
        return KeyVerdict(UNKNOWN, reason, f"{remedy} Where it has none, {_WITHOUT}")
    return KeyVerdict(REFUSED, f"{meaning}: {answer.describe()}", f"{remedy} Once that is done, run this again.", kind)


def compare(verdict: KeyVerdict, without_key: Answer) -> KeyVerdict:
    """What an acceptance is worth, by the answer to the same request with C(NO_KEY) in place of the key."""
    if verdict.state != ACCEPTED:
        return verdict
    if judge(without_key).state == ACCEPTED:
        why = "the provider lists its models whatever the key"
    elif without_key.failure or without_key.status == 429 or without_key.status >= 500:
        why = f"the same request without the key was not answered ({without_key.describe()})"
    else:
        return verdict
    reason = f"it cannot be seen whether the provider accepts the key: {why}"
    return KeyVerdict(
        UNDECIDED, reason, "Only an answer of a model shows it: it is asked for one once the key is in use."
    )


def ask(send: Send, instance: t.Mapping[str, t.Any], values: t.Mapping[str, str], timeout: float) -> KeyVerdict:
    """Make the request of one instance, and see whether it says anything of its key."""
    check = instance.get("key_check")
    if not check:
        return KeyVerdict(SKIPPED, f"provider {instance['provider']} names no request to check a key with")

    def list_models(used: t.Mapping[str, str]) -> Answer:
        headers = headers_of(check, used)
        client = HttpClient(send, check["url"], headers=headers, timeout=timeout)
        return client.request(Request("GET", check["url"]))

    verdict = judge(list_models(values))
    if verdict.state != ACCEPTED or not values:
        return verdict
    return compare(verdict, list_models(dict.fromkeys(values, NO_KEY)))


_DECIDED = (errors.ABOUT_THE_ACCOUNT | {errors.PATH_UNKNOWN}) - errors.PASSING
