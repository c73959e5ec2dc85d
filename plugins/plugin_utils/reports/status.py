# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How things stand, as a table for the terminal and as a page. The same status gives the same text."""

from __future__ import annotations

import typing as t
from functools import partial

from ansible_collections.llamastack.maas.plugins.module_utils.base.text import tally
from ansible_collections.llamastack.maas.plugins.plugin_utils.reports import entries, html_page
from ansible_collections.llamastack.maas.plugins.plugin_utils.reports.entries import Entry, card, table, told, worst

Status = t.Mapping[str, t.Any]

TITLE = "Models-as-a-Service: status"

_COLUMNS = ("INSTANCE", "STATE", "PODS", "RESTARTS", "KEY", "LIST AND CLUSTER")
_GROUPS = {
    html_page.BAD: "not ready",
    html_page.NEUTRAL: "waiting, or not as in the list",
    html_page.GOOD: "ready and as in the list",
}
_DEPLOY = "Run llamastack.maas.deploy, which makes the objects as the list has them."
_REMEDIES = {
    "why": "Run llamastack.maas.diagnose, which finds the cause and says what to do.",
    "missing": _DEPLOY,
    "changed": _DEPLOY,
}
_PRUNE = (
    "Run llamastack.maas.deploy with llamastack_maas_prune=true, which deletes what left the list, or list it again."
)
_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def as_table(instances: t.Mapping[str, Status]) -> str:
    """A line for each instance and, indented, what does not fit on it."""
    return "\n".join([*table(_COLUMNS, _entries(instances)), "", _states_in_words(instances)]) + "\n"


def as_html(instances: t.Mapping[str, Status], title: str, time: str, about: t.Mapping[str, str]) -> str:
    """One page that needs nothing else."""
    found = _entries(instances)
    headline, cards = _states_in_words(instances), list(map(card, found))
    return html_page.page(title, worst(found), headline, {**about, "Time": time}, cards, _GROUPS)


def as_text(
    instances: t.Mapping[str, Status],
    form: str,
    title: str = TITLE,
    time: str = "",
    about: t.Mapping[str, str] | None = None,
) -> str:
    """In one of C(variables.OUTPUTS)."""
    html = partial(as_html, instances, title, time, about or {})
    return entries.as_text(instances, form, partial(as_table, instances), html)


def _entries(instances: t.Mapping[str, Status]) -> list[Entry]:
    return [_entry(name, status) for name, status in instances.items()]


def _entry(name: str, status: Status) -> Entry:
    cells = _cells(name, status)
    _name, state, pods, restarts, age, agreement = cells
    short = f"{state}; pods {pods}; restarts {restarts}; key {age}; list and cluster: {agreement}"
    return Entry(cells, _details(status), "why", _remedies(status), _colour(status), short)


def _states_in_words(instances: t.Mapping[str, Status]) -> str:
    return tally("instance", [status["state"] for status in instances.values()])


def _cells(name: str, status: Status) -> tuple[str, ...]:
    replicas = status["replicas"]
    pods = f"{replicas['ready']}/{replicas['wanted']}" if replicas else "-"
    return name, status["state"], pods, str(status["restarts"]), _age(status["credential"]), _agreement(status)


def _age(credential: Status) -> str:
    seconds = credential["age"]
    if seconds is None:
        return "-"
    return next((f"{int(seconds // size)} {unit}" for size, unit in _UNITS if seconds >= size), "0 s")


def _agreement(status: Status) -> str:
    if not status["in_list"]:
        return "not in the list"
    numbers = [f"{len(found)} {kind}" for kind, found in status["drift"].items() if found]
    return ", ".join(numbers) or "agree"


def _details(status: Status) -> dict[str, list[str]]:
    """What is to be said beside the line, by label, each as texts."""
    credential = status["credential"]
    key = [part for part in (credential["source"], credential["secret"] and f"Secret {credential['secret']}") if part]
    written = credential["written"] and f"written {credential['written']}"
    ids = status["ids"] or [] if status["ids_note"] else status["ids"] or ["none"]
    details = {
        "why": [status["reason"]],
        "since": [status["since"] or ""],
        "URL": [status["url"] or ""],
        "listed": [*ids, status["ids_note"]],
        "registered": [_registered(each) for each in status["registered"]],
        "key": [", ".join(filter(None, [*dict.fromkeys(key), written, credential["note"]]))],
        "image": [status["image"] or ""],
        "config": [status["config_revision"] or ""],
        **{kind: list(found) for kind, found in status["drift"].items()},
    }
    return told(details)


def _remedies(status: Status) -> dict[str, str]:
    """What to do, by the label of what it is for."""
    if not status["in_list"]:
        return {"extra": _PRUNE}
    return {label: text for label, text in _REMEDIES.items() if label != "why" or _colour(status) == html_page.BAD}


def _registered(each: Status) -> str:
    limits = ", ".join(f"{limit['limit']} tokens in {limit['window']}" for limit in each["limits"])
    return "; ".join(filter(None, [f"{each['what']} {each['phase']}".strip(), each["admits"], limits]))


def _colour(status: Status) -> str:
    if status["state"] == "ready":
        return html_page.GOOD if _agreement(status) == "agree" else html_page.NEUTRAL
    return html_page.NEUTRAL if status["state"] in ("waiting", "scaled to 0") else html_page.BAD
