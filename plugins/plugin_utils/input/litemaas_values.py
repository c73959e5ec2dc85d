# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Single values in the lists of LiteMaaS: names, amounts, durations, limits, access.

LiteLLM takes almost anything and drops what it does not know, so that all of it is looked at here.
"""

from __future__ import annotations

import math
import re
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import base as maas
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import variables

Entry = t.Mapping[str, t.Any]

LIMIT_KEYS = ("budget", "budget_duration", "tpm", "rpm")
LIMIT_SHAPE = {"budget": "number", "tpm": "int", "rpm": "int"}

# LiteLLM's word for an owner that may call nothing: to it, an empty list of models means all of them.
NO_MODELS = "no-default-models"

# Words of LiteLLM's that mean models, and so can be the name of none.
_WORDS = (NO_MODELS, "all-proxy-models", "all-team-models", "all-org-models", "default")

_DURATION = re.compile(r"([1-9][0-9]{0,4})(s|mo|m|h|d|w)\Z")
_LONGEST = 255
_SECRET_KEY = re.compile(r"[A-Za-z0-9._-]{1,253}\Z")

# Beyond a thousand dollars for a million tokens: a price of a million typed as that of one.
_DEAREST = 0.001


class Access(t.NamedTuple):
    """Who may call a model beside keys that name it: teams, and the tokens that each has in a minute, or None."""

    groups: tuple[str, ...] = ()
    tpm: int | None = None


def plain(entry: Entry, findings: Findings) -> None:
    """Report texts in an entry, which is without credentials, that cannot be meant."""
    findings.refuse_broken_text(entry)
    _refuse_templates(entry, findings)


def _refuse_templates(value: t.Any, findings: Findings) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            _refuse_templates(item, findings.at(str(key)))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _refuse_templates(item, findings.at(index))
    elif isinstance(value, str) and variables.holds_template(value):
        findings.error("holds a literal {{ or {%: a template that was not filled in")


def public_name(given: t.Any, findings: Findings) -> str | None:
    """The name under which callers name a model or a route."""
    name = identifier(given, findings)
    if name is None:
        return None
    if re.search(r"[\s*]", name):
        findings.error("must be without white space and asterisks: to LiteLLM an asterisk stands for any model")
    elif name in _WORDS:
        findings.error(f"{name} is a word of LiteLLM's that stands for models; give another name")
    else:
        return name
    return None


def identifier(given: t.Any, findings: Findings) -> str | None:
    """What tells a team, a user, a key or a model from others."""
    if given is None or given == "":
        findings.error("is missing")
    elif not isinstance(given, str):
        findings.error("must be text; what consists of digits needs quotes")
    elif given != given.strip() or len(given) > _LONGEST:
        findings.error(f"must be up to {_LONGEST} characters without white space around them")
    else:
        return given
    return None


def field_of_secret(given: Entry, namespace: str, key: str, findings: Findings) -> dict[str, str] | None:
    """A field of a Secret, as C(name), C(namespace) and C(key), with these for what is not given; None where it is wrong."""
    before = len(findings.errors)
    findings.refuse_unknown_keys(given, ("name", "namespace", "key"))
    found = {"namespace": namespace, "key": key, **given}
    variables.check_object_name(found.get("name"), findings.at("name"))
    if "namespace" in given and not (
        isinstance(namespace := given["namespace"], str) and ownership.is_dns_1123(namespace)
    ):
        findings.at("namespace").error("must be the name of a namespace: lower case letters, digits and hyphens")
    if not isinstance(found["key"], str) or not _SECRET_KEY.match(found["key"]):
        findings.at("key").error("must be the field of a Secret: letters, digits, dots, underscores and hyphens")
    return None if len(findings.errors) > before else {part: found[part] for part in ("name", "namespace", "key")}


def names(given: t.Any, findings: Findings) -> list[str]:
    """A list of names, each once; whether they are known is for the caller to say."""
    if not isinstance(given, list) or not given:
        findings.error("must be a list with at least one name")
        return []
    found: list[str] = []
    for index, name in enumerate(given):
        if not isinstance(name, str) or not name:
            findings.at(index).error("must be a name as text; what consists of digits needs quotes")
        elif name in found:
            findings.at(index).error(f"{name} is in the list already")
        else:
            found.append(name)
    return found


def whole(given: t.Any, findings: Findings) -> int | None:
    """A whole number from 1 on; None where nothing is given."""
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        findings.error("must be a whole number from 1 on")
        return None
    return given


def positive(given: t.Any, findings: Findings) -> float | None:
    """A number above 0; None where nothing is given."""
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not 0 < given < math.inf:
        findings.error("must be a number above 0")
        return None
    return given


def price(given: t.Any, findings: Findings) -> float | None:
    """Dollars for one token; None where nothing is given."""
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, (int, float)) or not 0 <= given < math.inf:
        findings.error("must be a number from 0 on: dollars for one token, such as 1.5e-07")
        return None
    if given > _DEAREST:
        findings.error(
            f"is the price of one token, and {given} dollars would use up every budget at once; where it is that of a "
            f"million tokens, give {given / 1e6:.3g}"
        )
        return None
    return given


def duration(given: t.Any, findings: Findings) -> str | None:
    """A span as every version of LiteLLM reads it: old ones take weeks for a day."""
    if given is None:
        return None
    found = _DURATION.match(given) if isinstance(given, str) else None
    if not found:
        findings.error("must be a whole number and s, m, h, d, w or mo, such as 24h, 30d or 1mo")
        return None
    return f"{int(found[1]) * 7}d" if found[2] == "w" else str(given)


def limits(entry: Entry, findings: Findings) -> dict[str, t.Any]:
    """The budget and the limits of a team, a user or a key, with all of C(LIMIT_KEYS)."""
    found = {
        "budget": positive(entry.get("budget"), findings.at("budget")),
        "budget_duration": duration(entry.get("budget_duration"), findings.at("budget_duration")),
        "tpm": whole(entry.get("tpm"), findings.at("tpm")),
        "rpm": whole(entry.get("rpm"), findings.at("rpm")),
    }
    if entry.get("budget_duration") is not None and entry.get("budget") is None:
        findings.at("budget_duration").error("says how often the budget begins anew, and there is no budget; give one")
    return found


def access(given: t.Any, findings: Findings) -> Access:
    """Whom the C(access) of an entry admits. What LiteLLM cannot keep is an error: it would be a wider grant."""
    if given is None:
        return Access()
    if not isinstance(given, dict):
        findings.error("must hold groups and, to limit them, token_limits")
        return Access()
    findings.refuse_unknown_keys(given, maas.ACCESS_KEYS)
    if given.get("tiers"):
        findings.at("tiers").error("LiteLLM has no tiers: give groups, each of which becomes a team")
    if given.get("users"):
        findings.at("users").error(
            "LiteLLM admits teams and keys, no users by their names: give groups, or a key of each user's"
        )
    groups = _groups(given["groups"], findings.at("groups")) if given.get("groups") is not None else ()
    tpm = None
    if given.get("token_limits") is not None:
        tpm = _tpm(given["token_limits"], findings.at("token_limits"))
        if not groups and not given.get("groups"):
            findings.at("token_limits").error(
                "are those of groups, and there is none: give groups, or leave them out and limit keys by their tpm"
            )
    return Access(groups, tpm)


def _groups(given: t.Any, findings: Findings) -> tuple[str, ...]:
    if given == []:
        findings.error(
            "names nobody: give at least one group, or leave access out, so that only keys may call what they name"
        )
        return ()
    before = len(findings.errors)
    maas.check_names(given, findings, "group", _check_group)
    return () if len(findings.errors) > before else tuple(dict.fromkeys(given))


def _check_group(name: str, findings: Findings) -> None:
    identifier(name, findings)
    if name == maas.EVERYBODY:
        findings.warn("becomes a team of that name: to LiteLLM nobody is in it who has no key of that team")


def _tpm(given: t.Any, findings: Findings) -> int | None:
    """The tokens of a minute; where several are given, each of them holds."""
    if not isinstance(given, list) or not given:
        findings.error("must be a list such as [{limit: 50000, window: 1m}]")
        return None
    found = []
    for index, item in enumerate(given):
        place = findings.at(index)
        if not isinstance(item, dict):
            place.error("must be a mapping such as {limit: 50000, window: 1m}")
            continue
        place.refuse_unknown_keys(item, ("limit", "window"))
        if item.get("window") not in ("1m", "60s"):
            place.at("window").error("LiteLLM limits the tokens of a minute: give 1m, or a budget to the team")
        limit = whole(item.get("limit", ""), place.at("limit"))
        found += [limit] if limit else []
    return min(found, default=None)
