# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Models and routes: which deployments of LiteLLM there have to be, and what brings those that there are to that.

A model is one deployment of its public name. A route is several, one for each of its members, with C(order): the
router takes the next one where a call to the one before failed. A context that is too long is no such failure, so
C(on_context) is a fallback of the router.

LiteLLM cannot take a parameter away, so a model that loses one is replaced: the new deployment comes first, the old one
goes after. A deployment is known by its mark, not by its id.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
import typing as t
from dataclasses import dataclass, field, replace

from ansible_collections.llamastack.maas.plugins.module_utils.litellm import objects
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.objects import (
    MODEL,
    ROUTE,
    Call,
    Change,
    Operation,
    Row,
)

HIGHEST_PRICE = 0.001
"""US dollars for one token: the dearest models cost six tenths of that, a price per million tokens is more."""

_PARAMS, _INFO = "litellm_params.", "model_info."
_CONTEXT = "context_window_fallbacks"

# Parameters that LiteLLM stores as text where they are given as text.
_NUMERIC = re.compile(r"tpm|rpm|(stream_)?timeout|max_retries|order|weight|cooldown_time|.*_cost_.*|.*_tokens")
# Those that it does not give back, or gives back masked.
_SECRET = re.compile(
    r"(?!.*_per_token)(.*_)?(api_?key|access_key(_id)?|secret|token|password|private_key|headers)"
    r"|.*(secret|password|credential)(?!.*_name).*"
)
_PRICE = re.compile(r".*cost_per_token.*")


@dataclass(frozen=True)
class Deployment:
    """One deployment that there is to be."""

    name: str
    """The public name."""
    member: str
    """The model that it stands for within a route; empty for a model itself."""
    params: Row
    secrets: t.Mapping[str, str | None] = field(repr=False)
    """None is one that is not known here, and taken to be the same."""
    info: Row

    @property
    def kind(self) -> str:
        return ROUTE if self.member else MODEL

    @property
    def asked(self) -> list[str]:
        """The names of all that is asked for."""
        return [_PARAMS + name for name in (*self.params, *self.secrets)] + [_INFO + name for name in self.info]


def deployment(model: t.Mapping[str, t.Any], credentials: t.Mapping[str, t.Mapping[str, str | None]]) -> Deployment:
    """The deployment of a model of the list; ``credentials`` has the values of those that models name."""
    given = {"model": model["model"], **(model.get("params") or {})}
    given = {name: value for name, value in given.items() if value is not None}
    params = {name: _coerced(name, value) for name, value in given.items() if not _SECRET.fullmatch(name)}
    hidden = {name: value for name, value in given.items() if _SECRET.fullmatch(name)}
    hidden.update(credentials.get(model.get("credential") or "") or {})
    info = {"mode": model.get("mode"), "max_output_tokens": model.get("max_output_tokens"), **(model.get("info") or {})}
    info = {name: _coerced(name, value) for name, value in info.items() if value is not None}
    return Deployment(model["name"], "", params, hidden, info)


def route_deployments(route: t.Mapping[str, t.Any], models: t.Mapping[str, Deployment]) -> list[Deployment]:
    """The deployments of a route, in its order; ``models`` are those that it may name."""
    own = {"cooldown_time": route.get("cooldown"), "timeout": route.get("timeout")}
    own = {name: value for name, value in own.items() if value is not None}
    return [
        replace(
            models[member],
            name=route["name"],
            member=member,
            params={**models[member].params, **own, "order": position},
        )
        for position, member in enumerate(route["order"], start=1)
    ]


def _coerced(name: str, value: t.Any) -> t.Any:
    found = objects.number(value) if isinstance(value, str) and _NUMERIC.fullmatch(name) else None
    return value if found is None else int(found) if found == int(found) else found


def price_problems(model: t.Mapping[str, t.Any]) -> list[tuple[str, str]]:
    """Prices that can only be a slip, each as the key below the model and a sentence."""
    problems = []
    for place in ("params", "info"):
        for name, value in (model.get(place) or {}).items():
            if value is None or not _PRICE.fullmatch(name):
                continue
            price = objects.number(value)
            if price is None or price < 0:
                problems.append((f"{place}.{name}", "must be a number of US dollars, not below 0"))
            elif price > HIGHEST_PRICE:
                problems.append(
                    (
                        f"{place}.{name}",
                        f"is {price:g} US dollars for one token, {price * 1e6:,.0f} for a million: every budget would"
                        f" be used up at once. Is it the price of a million tokens? Then it is {price / 1e6:g}",
                    )
                )
    return problems


def credential_problems(model: t.Mapping[str, t.Any]) -> list[tuple[str, str]]:
    """Parameters that are credentials and stand where everybody sees them."""
    return [
        (f"params.{name}", "is a credential: hand it over in credentials, under the name that credential gives")
        for name, value in (model.get("params") or {}).items()
        if value is not None and _SECRET.fullmatch(name) and not str(value).startswith("os.environ/")
    ]


def priced_without_limit(found: Deployment) -> bool:
    """Whether a key with a budget sets aside the price of 16384 tokens for every call of this model."""
    prices = [value for place in (found.params, found.info) for name, value in place.items() if _PRICE.fullmatch(name)]
    return any(objects.number(price) for price in prices) and "max_output_tokens" not in found.info


def shown_params(params: Row) -> Row:
    """The parameters of a deployment that have a value and are no credential."""
    return {name: value for name, value in params.items() if value not in (None, False) and not _SECRET.fullmatch(name)}


def is_ours(row: Row, set_name: str) -> bool:
    """Whether a deployment belongs to this instance set."""
    return objects.set_of(row.get("model_info")) == set_name


def _key(row: Row) -> tuple[str, str]:
    return row["model_name"], row["model_info"].get("member") or ""


def plan(
    wanted: t.Sequence[Deployment],
    rows: t.Sequence[Row],
    *,
    set_name: str,
    adopt: bool,
    prune: bool,
    absent: t.Collection[tuple[str, str]] = (),
) -> tuple[list[Operation], list[str]]:
    """What is to be done to the deployments that there are, and why some must not be touched.

    ``absent`` are the kinds and names of what is to be deleted whether or not everything else is.
    """
    ours: dict[tuple[str, str], list[Row]] = {}
    others: dict[str, list[Row]] = {}
    for row in rows:
        if is_ours(row, set_name):
            ours.setdefault(_key(row), []).append(row)
        else:
            others.setdefault(row["model_name"], []).append(row)
    routes = {name for name, member in ours if member}
    adopted = _adopted_by_routes(wanted, others) if adopt else {}
    operations, refusals = [], []
    for each in wanted:
        mine = ours.pop((each.name, each.member), [])
        if mine:
            operations += filter(None, [_brought_to(each, mine, set_name)])
            continue
        there = others.get(each.name, [])
        if adopt and each.kind == MODEL and len(there) == 1 and _adoptable(there):
            operations.append(_update(each, there[0], set_name, objects.ADOPTED))
        elif (each.name, each.member) in adopted:
            operations.append(_update(each, adopted[each.name, each.member], set_name, objects.ADOPTED))
        elif there and each.name not in {name for name, _member in adopted}:
            refusals.append(_refused(each, there, adopt))
        else:
            action = objects.UPDATED if there or each.name in routes else objects.CREATED
            operations.append(_creation(each, set_name, action))
    names = {each.name for each in wanted if each.kind == ROUTE}
    for (name, member), left in ours.items():
        kind = ROUTE if member else MODEL
        is_member = bool(member) and name in names
        if is_member or prune or (kind, name) in absent:
            # What a route has lost belongs to that route; everything else that goes is an object of its own.
            operations.append(_deletion(kind, name, left, objects.UPDATED if is_member else objects.DELETED, member))
    gone = {name for name, _member in ours}
    for kind, name in sorted(absent):
        if kind in (MODEL, ROUTE) and name in others and name not in gone:
            if not adopt:
                refusals.append(objects.refusal(kind, name, objects.set_of(others[name][0].get("model_info"))))
            elif kind == MODEL:
                operations.append(_deletion(kind, name, others[name], objects.DELETED, ""))
    return operations, refusals


def leftovers(wanted: t.Sequence[Deployment], rows: t.Sequence[Row], set_name: str) -> list[tuple[str, str]]:
    """Kind and name of what is ours and is not asked for."""
    asked = {each.name for each in wanted}
    found = {(ROUTE if _key(row)[1] else MODEL, row["model_name"]) for row in rows if is_ours(row, set_name)}
    return sorted(ref for ref in found if ref[1] not in asked)


def _adoptable(rows: t.Sequence[Row]) -> bool:
    return all(row["model_info"].get("db_model") and not objects.set_of(row["model_info"]) for row in rows)


def _adopted_by_routes(
    wanted: t.Sequence[Deployment], others: t.Mapping[str, t.Sequence[Row]]
) -> dict[tuple[str, str], Row]:
    """By route and member the deployment of others that stands for that member; of a name all of them, or none."""
    found = {}
    for name, rows in others.items():
        members = [each for each in wanted if each.name == name and each.kind == ROUTE]
        matches = {}
        for row in rows:
            same = (each for each in members if each.member not in matches and _is_same_model(each.params, row))
            match = next(same, None)
            if match:
                matches[match.member] = row
        if members and len(matches) == len(rows) and _adoptable(rows):
            found.update({(name, member): row for member, row in matches.items()})
    return found


def _is_same_model(params: Row, row: Row) -> bool:
    """Whether a deployment is of the model that these parameters name; a server of one's own has several kinds in LiteLLM."""
    found = row["litellm_params"]
    place, its_place = (str(each.get("api_base") or "").rstrip("/") for each in (params, found))
    if params["model"] == found.get("model"):
        return its_place in ("", place)
    ids = [str(each.get("model") or "").partition("/")[2] for each in (params, found)]
    return bool(place) and place == its_place and ids[0] == ids[1]


def _refused(wanted: Deployment, rows: t.Sequence[Row], adopt: bool) -> str:
    if any(not row["model_info"].get("db_model") for row in rows):
        return (
            f"{wanted.kind} {wanted.name} stands in the configuration file of LiteLLM, where nothing but that file"
            " changes it. Take it out of there, or choose another name"
        )
    found = objects.set_of(rows[0]["model_info"])
    if adopt and found is None:
        number = "several deployments" if len(rows) > 1 else "a deployment"
        return (
            f"{wanted.kind} {wanted.name} exists in LiteLLM as {number} of others, which cannot be adopted as one"
            f" {wanted.kind}. Delete what is not needed, or choose another name"
        )
    return objects.refusal(wanted.kind, wanted.name, found)


def _brought_to(wanted: Deployment, rows: t.Sequence[Row], set_name: str) -> Operation | None:
    """What brings the deployments of one mark to what is asked for. After a run that was killed there may be two."""

    def lost(row: Row) -> set[str]:
        before = objects.asked_before(row["model_info"])
        return {name for name in before if name.startswith((_PARAMS, _INFO))} - set(wanted.asked)

    kept = [row for row in rows if not lost(row)]
    best = min(kept, key=lambda row: len(_differences(wanted, row)), default=None)
    if best is None:
        made = _creation(wanted, set_name, objects.REPLACED, taken={row["model_info"]["id"] for row in rows})
        gone = sorted(set().union(*map(lost, rows)))
        changes = [Change(name, _value(rows[0], name), None) for name in gone]
        return replace(made, changes=[*changes, *_differences(wanted, rows[0])], cleanup=_deletes(rows))
    rest = _deletes([row for row in rows if row is not best])
    if _differences(wanted, best) or objects.asked_before(best["model_info"]) != set(wanted.asked):
        return replace(_update(wanted, best, set_name, objects.UPDATED), cleanup=rest)
    return Operation(wanted.kind, wanted.name, objects.UPDATED, cleanup=rest, part=wanted.member) if rest else None


def _creation(wanted: Deployment, set_name: str, action: str, taken: t.Collection[str] = ()) -> Operation:
    # The same content has the same id, so that a creation whose answer was lost is not carried out twice.
    content = [set_name, wanted.name, wanted.member, wanted.params, sorted(wanted.secrets), wanted.info]
    for attempt in range(len(taken) + 1):
        text = json.dumps([*content, attempt], sort_keys=True, default=str)
        new_id = "llamastack-maas-" + hashlib.sha256(text.encode()).hexdigest()[:24]
        if new_id not in taken:
            break
    body = {
        "model_name": wanted.name,
        "litellm_params": {**wanted.params, **wanted.secrets},
        "model_info": {"id": new_id, **wanted.info, **_mark(wanted, set_name, None)},
    }
    shown = f"order.{wanted.member}" if wanted.member else "model"
    changes = [] if action == objects.REPLACED else [Change(shown, None, wanted.params["model"])]
    call = Call("POST", "/model/new", body)
    return Operation(wanted.kind, wanted.name, action, changes, [call], new_id=new_id, part=wanted.member)


def _update(wanted: Deployment, row: Row, set_name: str, action: str) -> Operation:
    changes = _differences(wanted, row)
    params = {name: value for name, value in wanted.params.items() if not _same(row["litellm_params"], name, value)}
    if not _same_secrets(wanted, row):
        params.update(wanted.secrets)
    body: Row = {"model_info": {**wanted.info, **_mark(wanted, set_name, row)}}
    if params:
        body["litellm_params"] = params
    call = Call("PATCH", f"/model/{row['model_info']['id']}/update", body)
    return Operation(wanted.kind, wanted.name, action, changes, [call], part=wanted.member)


def _deletion(kind: str, name: str, rows: t.Sequence[Row], action: str, member: str) -> Operation:
    if action == objects.UPDATED:
        changes = [Change(f"order.{member}", "a member", None)]
        return Operation(kind, name, action, changes, cleanup=_deletes(rows), part=member)
    changes = [Change("model", rows[0]["litellm_params"].get("model"), None)]
    return Operation(kind, name, action, changes, _deletes(rows), part=member)


def _deletes(rows: t.Sequence[Row]) -> list[Call]:
    return [Call("POST", "/model/delete", {"id": row["model_info"]["id"]}) for row in rows]


def _differences(wanted: Deployment, row: Row) -> list[Change]:
    changes = []
    route = f"order.{wanted.member}." if wanted.member else ""
    for place, given in (("litellm_params", wanted.params), ("model_info", wanted.info)):
        found = row[place]
        changes += [
            Change(f"{route}{place}.{name}", found.get(name), value)
            for name, value in given.items()
            if not _same(found, name, value)
        ]
    if not _same_secrets(wanted, row):
        before = objects.asked_before(row["model_info"])
        changes += [
            objects.hidden_change(route + _PARAMS + name, _PARAMS + name in before) for name in sorted(wanted.secrets)
        ]
    return changes


def _same(found: Row, name: str, value: t.Any) -> bool:
    return name in found and objects.same(value, found[name])


def _value(row: Row, asked: str) -> t.Any:
    place, name = asked.split(".", 1)
    return "(hidden)" if _SECRET.fullmatch(name) else row.get(place, {}).get(name)


def _mark(wanted: Deployment, set_name: str, row: Row | None) -> Row:
    more = {"member": wanted.member} if wanted.member else {}
    # An old hash that is right stays, so that nothing changes where nothing does.
    if row is not None and wanted.secrets and _same_secrets(wanted, row):
        more["secret_hash"] = row["model_info"]["secret_hash"]
    elif wanted.secrets:
        more["secret_hash"] = _hash_of(wanted.secrets, secrets.token_hex(8))
    return objects.mark(set_name, wanted.asked, **more)


def _same_secrets(wanted: Deployment, row: Row) -> bool:
    """Whether the deployment has these credentials, which LiteLLM does not give back."""
    if not wanted.secrets:
        return True
    found = str(row["model_info"].get("secret_hash") or "")
    if None in wanted.secrets.values():
        return bool(found)
    return hmac.compare_digest(found, _hash_of(wanted.secrets, found.partition(":")[0]))


def _hash_of(values: t.Mapping[str, t.Any], salt: str) -> str:
    text = json.dumps(dict(values), sort_keys=True, default=str)
    return f"{salt}:{hmac.new(salt.encode(), text.encode(), hashlib.sha256).hexdigest()}"


def context_fallbacks(settings: t.Mapping[str, t.Any]) -> dict[str, list[t.Any]]:
    """What the router falls back to where a context is too long, by public name, of its settings."""
    return _fallbacks(settings.get(_CONTEXT))


def general_fallbacks(settings: t.Mapping[str, t.Any]) -> dict[str, list[t.Any]]:
    """What the router falls back to after any failure, by public name; C(*) is every name."""
    return _fallbacks(settings.get("fallbacks"))


def _fallbacks(entries: t.Any) -> dict[str, list[t.Any]]:
    found: dict[str, list[t.Any]] = {}
    for entry in entries or []:
        # One without a name is that of all.
        for name, models in (entry if isinstance(entry, dict) else {"*": [entry]}).items():
            found.setdefault(name, []).extend(models)
    return found


def plan_fallbacks(
    routes: t.Sequence[t.Mapping[str, t.Any]], gone: t.Collection[str], settings: t.Mapping[str, t.Any]
) -> list[Operation]:
    """What brings the router's fallbacks to those of the routes; ``gone`` are routes that are no more.

    The router's list is replaced as a whole, so what others have put there is written with it.
    """
    found = context_fallbacks(settings)
    wanted = {route["name"]: list(route.get("on_context") or []) for route in routes}
    wanted.update({name: [] for name in gone})
    changed = {name: models for name, models in wanted.items() if models != found.get(name, [])}
    if not changed:
        return []
    after = {**found, **changed}
    value = [{name: models} for name, models in after.items() if models]
    calls = [Call("POST", "/config/update", {"router_settings": {_CONTEXT: value}})]
    if not value:
        # LiteLLM 1.81 takes no empty list.
        calls += [
            Call("DELETE", f"/fallback/{name}?fallback_type=context_window") for name in changed if "/" not in name
        ]
    # One request for all of them.
    return [
        Operation(
            ROUTE, name, objects.UPDATED, [Change("on_context", found.get(name), models or None)], calls, part=_CONTEXT
        )
        for name, models in changed.items()
    ]
