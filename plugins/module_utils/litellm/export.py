# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From what a LiteLLM holds, whoever made it, to the lists of this collection, and what has no counterpart in them.

Nothing is exported that would grant more than is granted: what cannot be said is left out, and noted. Of parameters
only those go into the lists that are no credential; of the others the name is noted.
"""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base import yaml_text
from ansible_collections.llamastack.maas.plugins.module_utils.base.text import plural, wrapped
from ansible_collections.llamastack.maas.plugins.module_utils.litellm import export_callers, export_models, salt
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.client import Litellm, LitellmError, in_parallel
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.objects import Row

# Lists of LiteLLM's that no list here has: what is in them, and which field holds the entries, none where it is the answer.
_OTHERS = (
    ("budgets", "/budget/list", ""),
    ("customers", "/customer/list", ""),
    ("guardrails", "/v2/guardrails/list", "guardrails"),
    ("MCP servers", "/v1/mcp/server", ""),
    ("organizations", "/organization/list", ""),
    ("tags", "/tag/list", ""),
    ("vector stores", "/vector_store/list", "data"),
)

INSTANCES, MODELS, ROUTES = "llamastack_maas_instances", "litemaas_models", "litemaas_routes"
TEAMS, USERS, KEYS = "litemaas_teams", "litemaas_users", "litemaas_keys"


class Reading(t.NamedTuple):
    """What was read: the entries of LiteLLM's lists as they came, and the settings of its router.

    C(others): how many there are of what none of the lists here has; C(now): when, in ISO 8601.
    """

    models: t.Sequence[Row] = ()
    router: t.Mapping[str, t.Any] = {}
    teams: t.Sequence[Row] = ()
    users: t.Sequence[Row] = ()
    keys: t.Sequence[Row] = ()
    others: t.Mapping[str, int] = {}
    now: str = ""


class Export(t.NamedTuple):
    """C(lists): the entries by the variable that takes them. C(notes): C(object) and C(what) of all that has no
    counterpart. C(variables): by environment variable that is to hold a credential of a provider, the name of its entry.
    """

    lists: dict[str, list[Row]]
    notes: list[dict[str, str]]
    variables: dict[str, str]


class Unreadable(Exception):
    """Why what would be read is not what there is."""


def read(litellm: Litellm, now: str) -> Reading:
    """All that an export is made of. Raises LitellmError for what there always is, and Unreadable with a wrong salt."""
    judged = salt.read(litellm)
    if judged.state == salt.WRONG:
        raise Unreadable(f"{judged.detail}. {salt.REMEDY}")
    others = in_parallel([lambda p=path: litellm.get(p) for _what, path, _field in _OTHERS])
    found = [
        answer if isinstance(answer, LitellmError) else _entries(answer, each) for answer, each in zip(others, _OTHERS)
    ]
    return Reading(
        models=litellm.pages("/v2/model/info", "data", size="size"),
        router=litellm.get("/router/settings"),
        teams=litellm.get("/team/list"),
        users=litellm.pages("/user/list", "users"),
        keys=litellm.pages("/key/list", "keys", size="size", return_full_object=True),
        # What needs a licence, or is not served by this version, there is none of.
        others={each[0]: len(rows) for each, rows in zip(_OTHERS, found) if not isinstance(rows, LitellmError)},
        now=now,
    )


def _entries(answer: t.Any, other: tuple[str, str, str]) -> list[t.Any]:
    found = answer.get(other[2]) if other[2] and isinstance(answer, dict) else answer
    return found if isinstance(found, list) else []


def export(reading: Reading, providers: t.Mapping[str, Row], namespace: str) -> Export:
    """The lists of what was read.

    C(providers): the registry's, with C(litellm), C(settings), C(credentials) and C(model_ids) as they stand there;
    C(namespace): that of the Secrets that the values of keys are to be in.
    """
    notes: list[dict[str, str]] = []

    def note(kind: str, name: t.Any, what: str) -> None:
        entry = {"object": f"{kind} {name}".strip(), "what": what}
        if entry not in notes:
            notes.append(entry)

    offered = export_models.offers(reading.models, reading.router, providers, note)
    callers = export_callers.callers(reading.teams, reading.users, reading.keys, offered, namespace, reading.now, note)
    for what, number in sorted(reading.others.items()):
        if number:
            note(what, "", f"there are {number}, and none of the lists has such entries")
    lists = {
        INSTANCES: offered.instances,
        MODELS: offered.models,
        ROUTES: offered.routes,
        TEAMS: callers.teams,
        USERS: callers.users,
        KEYS: callers.keys,
    }
    return Export(lists, notes, offered.variables)


def text(found: Export, url: str, now: str) -> str:
    """The lists as a file of variables; what is to be done to it, and what has no counterpart, as comments."""
    comments = [f"Exported by llamastack.maas from the LiteLLM at {url}, {now}."]
    if found.variables:
        comments.append(
            "LiteLLM does not give credentials of providers away: set these variables in the environment of a run, or"
            " change the entries. Take the line out where a server needs no key."
        )
        comments += [f"  {name}: {entry}" for name, entry in found.variables.items()]
    if found.lists[KEYS]:
        comments.append(
            "Values of virtual keys are not given away either. Each key names the Secret that holds its value, field"
            " LITELLM_API_KEY: put the value there for a key that is to live on, or have a new one made."
        )
    if found.notes:
        comments.append("Without a counterpart:")
        comments += [f"  {each['object']}: {each['what']}" for each in found.notes]
    lines = [line for each in comments for line in _comment(each)]
    return "\n".join(["---", *lines, ""]) + yaml_text.dump(found.lists)


def _comment(comment: str) -> list[str]:
    indent = len(comment) - len(comment.lstrip())
    return [f"# {line}" for line in wrapped(" " * indent, comment.strip(), indent + 2)]


def summary(found: Export) -> list[str]:
    """What there is, a line each."""
    words = {INSTANCES: "instance", MODELS: "model", ROUTES: "route", TEAMS: "team", USERS: "user", KEYS: "key"}
    counts = [plural(len(entries), words[name]) for name, entries in found.lists.items() if entries]
    return [
        ", ".join(counts) or "nothing that the lists have",
        *(f"{each['object']}: {each['what']}" for each in found.notes),
    ]
