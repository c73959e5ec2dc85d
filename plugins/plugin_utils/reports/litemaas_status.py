# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a gateway stands: where it is, its programs and models, and of teams, users and keys what they have spent of what.

The same status gives the same text.
"""

from __future__ import annotations

import typing as t
from functools import partial

from ansible_collections.llamastack.maas.plugins.module_utils.base.text import tally, wrapped
from ansible_collections.llamastack.maas.plugins.plugin_utils.reports import entries, html_page
from ansible_collections.llamastack.maas.plugins.plugin_utils.reports.entries import Entry, card, table, told, worst

Object = t.Mapping[str, t.Any]

TITLE = "LiteMaaS: status"

READY, ABSENT, BLOCKED, EXPIRED, USED_UP = "ready", "absent", "blocked", "expired", "used up"

_CONTENT = "Run llamastack.maas.litemaas_content, which makes it as the list has it."
_DIAGNOSE = "Run llamastack.maas.litemaas_diagnose, which finds the cause and says what to do."
_AGREE, _DIFFERS, _NOT_MANAGED = "agree", "differs", "not managed by this collection"

_COLUMNS = {
    "programs": ("PROGRAM", "STATE"),
    "models": ("MODEL", "STATE", "LIST"),
    "teams": ("TEAM", "SPEND", "BUDGET", "LIST"),
    "users": ("USER", "SPEND", "BUDGET", "LIST"),
    "keys": ("KEY", "STATE", "SPEND", "BUDGET", "END", "LIST"),
}
_NOUNS = {"programs": "program", "models": "model", "teams": "team", "users": "user", "keys": "key"}
_GROUPS = {html_page.BAD: "not usable", html_page.NEUTRAL: "waiting, or not as in the list", html_page.GOOD: "usable"}


class Gateway(t.NamedTuple):
    """All that a status is made of.

    C(content) is what the lists ask for, C(found) what M(llamastack.maas.litellm_info) returned, None where LiteLLM could
    not be asked; C(programs) and C(served) are what the cluster shows, C(programs) None where it was not looked at.
    """

    content: t.Mapping[str, t.Sequence[Object]]
    found: t.Mapping[str, t.Any] | None
    programs: t.Mapping[str, Object] | None
    served: t.Mapping[str, Object]
    set: str
    now: str
    differences: t.Mapping[tuple[str, str], t.Sequence[str]]
    """By kind and name, the fields that the list asks for and LiteLLM has otherwise."""
    proof_prefix: str
    """How the aliases of keys begin that are made for a proof."""


def of(gateway: Gateway) -> dict[str, t.Any]:
    """The status as plain data."""
    found = gateway.found
    programs = {name: _program(seen) for name, seen in (gateway.programs or {}).items()}
    return {
        "programs": {**programs, **_salt((found or {}).get("salt") or {})},
        "models": None if found is None else _models(gateway, found),
        "teams": None if found is None else _accounts("teams", found["teams"], gateway),
        "users": None if found is None else _accounts("users", found["users"], gateway),
        "keys": None if found is None else _keys(gateway, found["virtual_keys"]),
    }


def _program(seen: Object) -> dict[str, t.Any]:
    parts = [seen.get("what"), seen.get("reason"), seen.get("message")]
    ready = bool(seen.get("ready"))
    state = READY if ready else seen.get("state") or "waiting"
    return {"state": state, "reason": "" if ready else ": ".join(str(part) for part in parts if part)}


def _salt(found: Object) -> dict[str, dict[str, t.Any]]:
    """The salt key, where it is not the one that the database was written with: nothing else looks ill then."""
    if found.get("state") not in ("wrong", "mixed"):
        return {}
    reason = f"it is not the one that the database was written with, so models are gone: {found['detail']}"
    return {"salt key": {"state": "failed", "reason": reason}}


def _models(gateway: Gateway, found: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    rows: dict[str, list[Object]] = {}
    for row in found["models"]:
        rows.setdefault(row["name"], []).append(row)
    asked = {each["name"]: each for kind in ("models", "routes") for each in gateway.content[kind]}
    names = [*asked, *sorted(set(rows) - set(asked))]
    return {name: _model(gateway, name, asked.get(name), rows.get(name, [])) for name in names}


def _model(gateway: Gateway, name: str, entry: Object | None, rows: t.Sequence[Object]) -> dict[str, t.Any]:
    served = gateway.served.get(name)
    state, reason = READY, ""
    if not rows:
        state, reason = ABSENT, "LiteLLM has no model of this name"
    elif served and served["state"] != READY:
        state = served["state"]
        reason = f"{served['kind']} {served['namespace']}/{served['name']}: {served['reason']}"
    return {
        **_place(gateway, entry, rows),
        "differences": list(gateway.differences.get(("models", name), ())),
        "state": state,
        "reason": reason,
        "models": sorted({str(row.get("model")) for row in rows}),
        "order": list((entry or {}).get("order") or []),
        "on_context": list((entry or {}).get("on_context") or []),
    }


def _place(gateway: Gateway, entry: Object | None, rows: t.Iterable[Object]) -> dict[str, t.Any]:
    """Whether the lists have it, and whose it is."""
    sets = {row.get("set") for row in rows}
    return {"in_list": entry is not None, "managed": bool(sets) and sets == {gateway.set}}


def _accounts(kind: str, rows: t.Sequence[Object], gateway: Gateway) -> dict[str, dict[str, t.Any]]:
    """Teams or users: those of the lists in their order, then those that only LiteLLM has."""
    wanted, there = {each["id"]: each for each in gateway.content[kind]}, {row["id"]: row for row in rows}
    return {
        name: _account(gateway, (kind, name), wanted.get(name), there.get(name))
        for name in [*wanted, *sorted(set(there) - set(wanted))]
    }


def _account(gateway: Gateway, ref: tuple[str, str], entry: Object | None, row: Object | None) -> dict[str, t.Any]:
    spend, budget = (row or {}).get("spend"), (row or {}).get("budget")
    return {
        **_place(gateway, entry, [row] if row else []),
        "differences": list(gateway.differences.get(ref, ())),
        "state": ABSENT if row is None else USED_UP if _is_used_up(spend, budget) else READY,
        "spend": spend,
        "budget": budget,
        "budget_duration": (row or {}).get("budget_duration"),
        "tpm": (row or {}).get("tpm"),
        "rpm": (row or {}).get("rpm"),
        "models": list((row or {}).get("models") or []),
    }


def _keys(gateway: Gateway, rows: t.Sequence[Object]) -> dict[str, dict[str, t.Any]]:
    wanted = {each["alias"]: each for each in gateway.content["keys"]}
    there = {row["alias"] or f"(without alias, {index})": row for index, row in enumerate(rows, start=1)}
    there = {name: row for name, row in there.items() if not name.startswith(gateway.proof_prefix)}
    found = {}
    for name in [*wanted, *sorted(set(there) - set(wanted))]:
        entry, row = wanted.get(name), there.get(name)
        status = _account(gateway, ("keys", name), entry, row)
        end = str((row or {}).get("expires") or "") or None
        if row and row.get("blocked"):
            status["state"] = BLOCKED
        elif end and end[:19] <= gateway.now[:19]:
            status["state"] = EXPIRED
        found[name] = {
            **status,
            "end": end,
            "team": (row or {}).get("team"),
            "user": (row or {}).get("user"),
            "secret": "{namespace}/{name}, key {key}".format(**entry["secret"]) if entry else None,
        }
    return found


def _is_used_up(spend: t.Any, budget: t.Any) -> bool:
    return isinstance(spend, (int, float)) and isinstance(budget, (int, float)) and spend >= budget


def as_text(status: Object, form: str, places: t.Mapping[str, str], time: str = "") -> str:
    """In one of C(variables.OUTPUTS). C(places) are lines for people on where everything is, by their labels."""
    table_of, html = partial(as_table, status, places), partial(as_html, status, places, time)
    return entries.as_text({**places_as_data(places), **status}, form, table_of, html)


def places_as_data(places: t.Mapping[str, str]) -> dict[str, str]:
    """The lines as data."""
    return {label.lower().replace(" ", "_").replace("'", ""): place for label, place in places.items()}


def as_table(status: Object, places: t.Mapping[str, str]) -> str:
    """A table for each kind of thing, and where everything is at the end, where one looks first."""
    lines: list[str] = []
    for kind, found in _sections(status).items():
        lines += [*table(_COLUMNS[kind], found), ""]
    lines += _counts(status)
    width = max((len(label) for label in places), default=0)
    for label, place in places.items():
        lines += wrapped(f"{label:<{width}}  ", place, width + 2)
    return "\n".join(lines) + "\n"


def as_html(status: Object, places: t.Mapping[str, str], time: str) -> str:
    """One page that needs nothing else."""
    sections = _sections(status)
    cards = [card(entry, _NOUNS[kind]) for kind, found in sections.items() for entry in found]
    colour = worst(entry for found in sections.values() for entry in found)
    headline = "; ".join(_counts(status)) or "Nothing could be seen"
    return html_page.page(TITLE, colour, headline, {**places, "Time": time}, cards, _GROUPS)


def _counts(status: Object) -> list[str]:
    return [
        tally(_NOUNS[kind], [each["state"] for each in status[kind].values()]) for kind in _COLUMNS if status.get(kind)
    ]


def _sections(status: Object) -> dict[str, list[Entry]]:
    makers: dict[str, t.Callable[[str, Object], Entry]] = {
        "programs": _program_entry,
        "models": _model_entry,
        "teams": _account_entry,
        "users": _account_entry,
        "keys": _key_entry,
    }
    return {
        kind: [make(name, each) for name, each in status[kind].items()]
        for kind, make in makers.items()
        if status.get(kind)
    }


def _program_entry(name: str, status: Object) -> Entry:
    return Entry(
        (name, status["state"]),
        told({"why": [status["reason"]]}),
        "why",
        {"why": _DIAGNOSE},
        _colour(status, as_wished=True),
        status["state"],
    )


def _model_entry(name: str, status: Object) -> Entry:
    agreement = _agreement(status)
    leads = [" then ".join(status["order"])] if status["order"] else status["models"]
    context = [f"{', '.join(status['on_context'])} where a context is too long"] if status["on_context"] else []
    remedy = _CONTENT if status["state"] == ABSENT else _DIAGNOSE
    return Entry(
        (name, status["state"], agreement),
        told({"why": [status["reason"]], "differs": _differs(status), "leads to": [*leads, *context]}),
        "why",
        {"why": remedy, "differs": _CONTENT},
        _colour(status, agreement == _AGREE),
        f"{status['state']}; list: {agreement}",
    )


def _account_entry(name: str, status: Object) -> Entry:
    agreement = _agreement(status)
    spend, budget = _money(status["spend"]), _budget(status)
    return Entry(
        (name, spend, budget, agreement),
        told(
            {
                "differs": _differs(status),
                "limits": [_limits(status)],
                "models": [", ".join(status["models"])],
            }
        ),
        "",
        {"differs": _CONTENT},
        _colour(status, agreement == _AGREE),
        f"{status['state']}; spent {spend} of {budget}; list: {agreement}",
    )


def _key_entry(name: str, status: Object) -> Entry:
    agreement = _agreement(status)
    spend, budget, end = _money(status["spend"]), _budget(status), (status["end"] or "-")[:16].replace("T", " ")
    owner = [f"{kind} {status[kind]}" for kind in ("team", "user") if status[kind]]
    why = [f"it is {status['state']}"] if status["state"] not in (READY, ABSENT) else []
    return Entry(
        (name, status["state"], spend, budget, end, agreement),
        told(
            {
                "why": why,
                "differs": _differs(status),
                "of": [", ".join(owner)],
                "limits": [_limits(status)],
                "models": [", ".join(status["models"])],
                "value in": [f"Secret {status['secret']}" if status["secret"] else ""],
            }
        ),
        "why",
        {"differs": _CONTENT},
        _colour(status, agreement == _AGREE),
        f"{status['state']}; spent {spend} of {budget}; ends {end}; list: {agreement}",
    )


def _agreement(status: Object) -> str:
    if not status["in_list"]:
        return "not in the list" if status["managed"] else _NOT_MANAGED
    if status["state"] == ABSENT:
        return "missing"
    if not status["managed"]:
        return _NOT_MANAGED
    return _DIFFERS if status["differences"] else _AGREE


def _differs(status: Object) -> list[str]:
    """What the list asks for otherwise, where it decides."""
    return [", ".join(status["differences"])] if _agreement(status) == _DIFFERS else []


def _money(amount: t.Any) -> str:
    return f"{amount:.4f}" if isinstance(amount, (int, float)) else "-"


def _budget(status: Object) -> str:
    if status["budget"] is None:
        return "no limit" if status["state"] != ABSENT else "-"
    return f"{status['budget']:g}" + (f" per {status['budget_duration']}" if status["budget_duration"] else "")


def _limits(status: Object) -> str:
    found = {"tokens": status["tpm"], "requests": status["rpm"]}
    return ", ".join(f"{number} {what} a minute" for what, number in found.items() if number is not None)


def _colour(status: Object, as_wished: bool) -> str:
    if status["state"] == READY:
        return html_page.GOOD if as_wished else html_page.NEUTRAL
    return html_page.NEUTRAL if status["state"] in ("waiting", "scaled to 0") else html_page.BAD
