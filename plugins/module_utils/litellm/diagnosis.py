# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the chain from a key to an answer of a model behind LiteLLM breaks, as far as LiteLLM itself and calls show it."""

from __future__ import annotations

import typing as t
from datetime import datetime

from ansible_collections.llamastack.maas.plugins.module_utils.base.checks import FAILED
from ansible_collections.llamastack.maas.plugins.module_utils.base.diagnosis import (
    BROKEN,
    OK,
    SKIPPED,
    Explanation,
    Link,
)
from ansible_collections.llamastack.maas.plugins.module_utils.base.redaction import redact
from ansible_collections.llamastack.maas.plugins.module_utils.litellm import access, answers, salt
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.access import Known, Lists
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.client import Litellm, LitellmError
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.proof_keys import moment
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.stored import Stored

# Of the gateway.
URL, DATABASE, MASTER_KEY, SALT = "url", "database", "master_key", "salt"
# Of a model or route.
SERVED, STORED, CALL = "served", "stored", "call"
# Of a key.
KEY, VALID, MODELS = "key", "valid", "models"

Row = t.Mapping[str, t.Any]
Ask = t.Callable[[str, str], answers.Meaning]
"""Calls a model, by its public name and its mode, and says what the answer means."""

_CONTENT = "Run llamastack.maas.litemaas_content, which makes it as the list has it."


def gateway(admin: Litellm) -> list[Link]:
    """Whether LiteLLM answers, gets to its database, takes its master key and can decrypt what it has stored."""
    reached = answers.refusal(admin.answer("GET", "/health/liveliness"))
    if reached:
        why = Explanation(reached.meaning, reached.detail, reached.remedy)
        rest = [Link(link, SKIPPED, "LiteLLM does not answer") for link in (DATABASE, MASTER_KEY, SALT)]
        return [Link.broken(URL, why), *rest]
    links = [Link(URL, OK, evidence=admin.url), _database(admin)]
    if links[-1].state == BROKEN:
        return [*links, Link(MASTER_KEY, SKIPPED, "keys are in the database"), Link(SALT, SKIPPED, "it is not reached")]
    accepted = answers.refusal(admin.answer("GET", "/router/settings"))
    if accepted:
        why = Explanation(
            "LiteLLM does not take the master key",
            accepted.detail,
            answers.MASTER_KEY_REFUSED,
        )
        return [*links, Link.broken(MASTER_KEY, why), Link(SALT, SKIPPED, "it takes the master key to ask")]
    return [*links, Link(MASTER_KEY, OK), _salt(admin)]


def _database(admin: Litellm) -> Link:
    answer = admin.answer("GET", "/health/readiness")
    document = answer.json()
    state = document.get("db") if isinstance(document, dict) else None
    if answer.status == 200 and state == "connected":
        return Link(DATABASE, OK)
    seen = f"db: {state}; {answer.describe()}" if state else answer.describe()
    remedy = "Look at PostgreSQL: whether it runs, whether its volume is full, and max_connections."
    return Link.broken(DATABASE, Explanation("LiteLLM has no connection to its database", seen, remedy))


def _salt(admin: Litellm) -> Link:
    try:
        found = salt.read(admin)
    except LitellmError as error:
        return Link(SALT, SKIPPED, redact(str(error)))
    outcome = salt.outcome(found)
    if outcome.state == FAILED:
        return Link.broken(SALT, Explanation("the salt key is the wrong one", found.detail, outcome.remedy))
    return Link(SALT, OK, evidence=found.detail) if found.state == salt.RIGHT else Link(SALT, SKIPPED, found.detail)


def model(entry: Row, stored: Stored, served: Row | None, ask: Ask | None) -> list[Link]:
    """Whether a model is there, stored and answers. C(served): what KServe shows of it; C(ask): None where nothing is
    called."""
    links = [*([_served(served)] if served else []), _stored(stored.model(entry))]
    return [*links, _call(entry["name"], entry.get("mode") or "chat", links, ask)]


def route(
    entry: Row, stored: Stored, modes: t.Mapping[str, str], asleep: t.Mapping[str, str], ask: Ask | None
) -> list[Link]:
    """Whether a route is stored and answers. C(asleep): by name the models that no call is to start."""
    first = entry["order"][0]
    links = [_stored(stored.route(entry))]
    if first in asleep:
        return [*links, Link(CALL, SKIPPED, f"{first} is {asleep[first]}, and a call would start it")]
    return [*links, _call(entry["name"], modes.get(first) or "chat", links, ask)]


def _served(served: Row) -> Link:
    what = f"{served['kind']} {served['namespace']}/{served['name']}"
    if served["state"] == "ready":
        return Link(SERVED, OK, evidence=what)
    seen = f"{what}: {served['reason']}" if served.get("reason") else what
    if served["state"] == "scaled to 0":
        remedy = (
            "Give it a replica (minReplicas), take the stop annotation off, or, where KServe is serverless, call it."
        )
        return Link.broken(SERVED, Explanation("the model is scaled to 0, so nothing answers", seen, remedy))
    return Link.broken(
        SERVED, Explanation("the model is not ready", seen, f"Look at {what}: its conditions and its pods.")
    )


def _stored(outcome: t.Any) -> Link:
    if outcome.state == FAILED:
        return Link.broken(
            STORED, Explanation("LiteLLM does not have it as the list has it", outcome.detail, outcome.remedy)
        )
    return Link(
        STORED, OK if outcome.state == "passed" else SKIPPED, "" if outcome.state == "passed" else outcome.detail
    )


def _call(name: str, mode: str, links: t.Iterable[Link], ask: Ask | None) -> Link:
    broken = next((each.link for each in links if each.state == BROKEN), None)
    if broken:
        return Link(CALL, SKIPPED, f"not called: the link {broken} is broken")
    if ask is None:
        return Link(CALL, SKIPPED, "nothing is called")
    found = ask(name, mode)
    if found.ok:
        return Link(CALL, OK)
    return Link.broken(CALL, Explanation(found.meaning, found.detail, found.remedy))


class KeyHolders(t.NamedTuple):
    """The keys, teams and users that LiteLLM has, and its models."""

    keys: t.Sequence[Row]
    teams: t.Mapping[str, Row]
    users: t.Mapping[str, Row]
    models: t.Mapping[str, Known]

    @classmethod
    def of(
        cls, keys: t.Sequence[Row], teams: t.Iterable[Row], users: t.Iterable[Row], models: t.Iterable[Row]
    ) -> KeyHolders:
        """From the rows of LiteLLM's lists."""
        by_team = {each["team_id"]: each for each in teams}
        return cls(keys, by_team, {each["user_id"]: each for each in users}, access.known(models))

    def lists(self, row: Row) -> Lists:
        return Lists(row, self.teams.get(row.get("team_id") or ""), self.users.get(row.get("user_id") or ""))


def key(entry: Row, callers: KeyHolders, now: datetime) -> list[Link]:
    """Whether a key of the lists is there, is valid, and may call what it is for."""
    row = next((each for each in callers.keys if each.get("key_alias") == entry["alias"]), None)
    if row is None:
        why = Explanation("LiteLLM has no key of this alias", entry["alias"], _CONTENT)
        return [
            Link.broken(KEY, why),
            Link(VALID, SKIPPED, "there is no key"),
            Link(MODELS, SKIPPED, "there is no key"),
        ]
    team = callers.teams.get(row.get("team_id") or "") or {}
    wanted = list(entry.get("models") or team.get("models") or [])
    return [Link(KEY, OK), _valid(row, callers, now), _models(row, wanted, callers)]


def other_key(row: Row, callers: KeyHolders, now: datetime) -> list[Link]:
    """The same of a key that others have made: what it names, or everything where it names nothing.

    No link where nobody wants to know: it works, or it has come to its end, as was meant.
    """
    valid = _valid(row, callers, now)
    if valid.state == BROKEN:
        return []
    wanted = [name for name in row.get("models") or [] if name not in (access.ALL_MODELS, access.TEAM_MODELS)]
    models = _models(row, wanted or sorted(callers.models), callers)
    return [Link(KEY, OK), valid, models] if models.state == BROKEN else []


def _valid(row: Row, callers: KeyHolders, now: datetime) -> Link:
    end = moment(row.get("expires"))
    if row.get("blocked"):
        why = Explanation("the key is blocked", "blocked: true", "Unblock it on the admin page, or by /key/unblock.")
        return Link.broken(VALID, why)
    if end is not None and end < now:
        why = Explanation(
            "the key has expired",
            f"it ended at {row['expires']}",
            "Give it another duration, or have it made anew: delete it and run llamastack.maas.litemaas_content.",
        )
        return Link.broken(VALID, why)
    lists = callers.lists(row)
    for what, found in (("key", row), ("team", lists.team), ("user", lists.user if not lists.team else None)):
        spend, budget = (found or {}).get("spend") or 0, (found or {}).get("max_budget")
        if budget is not None and spend >= budget:
            reset = (found or {}).get("budget_reset_at")
            seen = f"{spend:.4f} of {budget:g} are spent" + (f"; it is reset at {reset}" if reset else "")
            remedy = f"Raise the budget of the {what}, or wait until it is reset."
            return Link.broken(VALID, Explanation(f"the budget of the {what} is used up", seen, remedy))
    return Link(VALID, OK)


def _models(row: Row, wanted: t.Sequence[str], callers: KeyHolders) -> Link:
    lists = callers.lists(row)
    if not wanted:
        return Link(MODELS, SKIPPED, "neither the key nor its team names a model")
    refused = {}
    for name in wanted:
        known = callers.models.get(name)
        if known is None and "*" not in name and not any(name in each.groups for each in callers.models.values()):
            upstream = [each.name for each in callers.models.values() if name in each.upstream]
            told = f"its public name is {', '.join(upstream)}" if upstream else "LiteLLM takes any name in a list"
            remedy = f"Name {upstream[0]} in its place." if upstream else "Correct the name, or have the model made."
            why = Explanation(f"there is no model {name}", f"models: {', '.join(wanted)}; {told}", remedy)
            return Link.broken(MODELS, why)
        why_not = access.refusal(known, lists) if known else None
        if why_not:
            refused[name] = why_not
    if not refused:
        return Link(MODELS, OK, evidence=", ".join(wanted))
    first = next(iter(refused.values()))
    return Link.broken(MODELS, first._replace(cause=f"{first.cause}: {', '.join(refused)}"))
