# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the deployments and the router of a LiteLLM to instances, models and routes.

A deployment of a provider that is known becomes a model of an instance, so that MaaS can have it, too; one of any other
server that speaks OpenAI's protocol an entry of its own. Callers keep the names that they have: where an instance cannot
have a name, a route does.
"""

from __future__ import annotations

import re
import typing as t
from collections import defaultdict
from dataclasses import dataclass, field

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership
from ansible_collections.llamastack.maas.plugins.module_utils.litellm import objects
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.objects import Row
from ansible_collections.llamastack.maas.plugins.module_utils.openai import model_names

Note = t.Callable[[str, t.Any, str], None]

# LiteLLM's names of servers that speak OpenAI's protocol wherever they are.
_COMPLETION = "text-completion-openai"
_OPENAI_LIKE = ("openai", "hosted_vllm", "openai_like", "custom_openai", _COMPLETION)
_CHAT, _EMBEDDING = "chat", "embedding"
_MODES = (_CHAT, "completion", _EMBEDDING)

# Parameters that are read here, credentials, and what a route has.
_READ = {"model", "api_base", "api_key", "custom_llm_provider", "litellm_credential_name", "order"}
_OF_ROUTE = {"cooldown": "cooldown_time", "timeout": "timeout"}
_PRICES = ("input_cost_per_token", "output_cost_per_token")

_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9._-]*\Z")
_RESERVED = ("all", "publishers")
_WITH_FALLBACK = "-with-fallback"


class FoundDeployment(t.NamedTuple):
    """A deployment as far as it is understood: the name that callers have for it, its provider in LiteLLM, the model as
    that calls it. C(member): for which model it stands in a route of ours."""

    name: str
    kind: str
    id: str
    params: Row
    info: Row

    @property
    def mode(self) -> str:
        return "completion" if self.kind == _COMPLETION else self.info.get("mode") or _CHAT

    @property
    def member(self) -> str | None:
        return self.info.get("member") if objects.set_of(self.info) is not None else None

    @property
    def order(self) -> float:
        return objects.number(self.params.get("order")) or 0


class Match(t.NamedTuple):
    """How a provider of the registry has a deployment: its own id of the model, and the settings of the instance."""

    provider: str
    model: str
    settings: tuple[tuple[str, t.Any], ...]
    credential: str


@dataclass
class Offered:
    """What callers can name. C(made): names that only the export made, each with those whose callers may call it; C(members): by
    access group of LiteLLM, the names in it."""

    instances: list[Row] = field(default_factory=list)
    models: list[Row] = field(default_factory=list)
    routes: list[Row] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=dict)
    made: dict[str, list[str]] = field(default_factory=dict)
    members: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def entries(self) -> list[tuple[Row, list[str]]]:
        """Every entry with the names that callers have for what it offers."""
        found = [(each, [f"{_prefix(each)}/{model}" for model in each["models"]]) for each in self.instances]
        return found + [(each, [each["name"]]) for each in [*self.models, *self.routes]]

    def names(self) -> list[str]:
        return [name for _entry, names in self.entries() for name in names]


def offers(rows: t.Sequence[Row], router: Row, providers: t.Mapping[str, Row], note: Note) -> Offered:
    """What the deployments come to. C(router): its current settings, and where each comes from."""
    offered = Offered()
    groups: dict[str, list[FoundDeployment]] = defaultdict(list)
    # LiteLLM lists them in another order each time.
    for row in sorted(
        rows, key=lambda each: (str(each.get("model_name")), str((each.get("model_info") or {}).get("id")))
    ):
        found = _understood(row, note)
        if found:
            groups[found.name].append(found)
    _Placing(offered, providers, note).place(groups)
    _Routing(offered, {**(router.get("current_values") or {})}, note).add(router.get("source") or {})
    for entries in (offered.instances, offered.models, offered.routes):
        entries.sort(key=lambda each: each["name"])
    for instance in offered.instances:
        instance["models"].sort()
    return offered


def _understood(row: Row, note: Note) -> FoundDeployment | None:
    params, info = row.get("litellm_params") or {}, row.get("model_info") or {}
    name, model = str(row.get("model_name") or ""), str(params.get("model") or "")
    given = params.get("custom_llm_provider")
    kind, slash, model_id = model.partition("/")
    if given or not slash:
        kind, model_id = str(given or info.get("litellm_provider") or ""), model.removeprefix(f"{given}/")
    why = _unfit(name, model, info)
    if why:
        note("model", name, f"is left out: {why}")
        return None
    return FoundDeployment(name, kind, model_id, params, info)


def _unfit(name: str, model: str, info: Row) -> str:
    if info.get("team_id"):
        return f"it belongs to team {info['team_id']} alone, as no model of the lists does"
    if info.get("blocked"):
        return "it is blocked"
    if "*" in name or "*" in model:
        return "it stands for every model of a provider; name those that callers may use"
    if re.search(r"\s", name) or name in objects.WORDS:
        return "the lists have no such name"
    return ""


class _Placing:
    """Gives every deployment its place in the lists."""

    def __init__(self, offered: Offered, providers: t.Mapping[str, Row], note: Note) -> None:
        self._offered = offered
        self._providers = {name: each for name, each in providers.items() if each.get("litellm")}
        self._note = note
        self._of: dict[str, Match] = {}
        """By prefix of the names, what the instance with it stands for."""
        self._known: t.Collection[str] = ()
        """The names that callers have already."""

    def place(self, groups: t.Mapping[str, list[FoundDeployment]]) -> None:
        """All deployments, by the name that callers have for them."""
        self._known = groups
        # A name that says of which instance it is, is that of the instance before anything else is called so.
        for name, group in sorted(groups.items(), key=lambda item: not self._says_instance(item[1])):
            order = self._order(name, sorted(group, key=lambda each: each.order))
            if order and order != [name]:
                self._add_route(name, order, group)
            for member in {str(each) for each in group[0].info.get("access_groups") or ()} if order else ():
                self._offered.members[member].append(name)

    def _says_instance(self, group: list[FoundDeployment]) -> bool:
        match = self._match(group[0])
        return len(group) == 1 and match is not None and group[0].name.endswith(f"/{match.model}")

    def _order(self, name: str, group: list[FoundDeployment]) -> list[str]:
        """The models that a name stands for, in their order."""
        if all(each.member for each in group):
            return [str(each.member) for each in group]
        if len({each.order for each in group}) < len(group):
            self._note(
                "model",
                name,
                f"has {len(group)} deployments that share its calls; a route asks the next one where one fails",
            )
        placed = [self._placed(each, taken=name if len(group) > 1 else "") for each in group]
        return list(dict.fromkeys(filter(None, placed)))

    def _add_route(self, name: str, order: list[str], group: list[FoundDeployment]) -> None:
        route: Row = {"name": name, "order": order}
        for key, param in _OF_ROUTE.items():
            values = {objects.number(each.params.get(param)) for each in group}
            if len(values) == 1 and None not in values and min(t.cast("set[float]", values)) > 0:
                route[key] = _whole(values.pop())
        self._offered.routes.append(route)
        for model in order:
            if model not in self._known:
                self._offered.made.setdefault(model, []).append(name)

    def _placed(self, deployment: FoundDeployment, taken: str) -> str | None:
        """The name that a deployment has in the lists, other than ``taken``; None where no entry can have it."""
        match = self._match(deployment)
        if match:
            return self._in_instance(deployment, match, taken)
        url = str(deployment.params.get("api_base") or "")
        if deployment.kind in _OPENAI_LIKE and _is_base(url) and deployment.mode in _MODES:
            return self._as_model(deployment, url.rstrip("/"), taken)
        what = f"LiteLLM's provider {deployment.kind}" if deployment.kind else "a provider that LiteLLM does not name"
        if deployment.kind in _OPENAI_LIKE:
            what = f"a server without a URL that can be used, or of mode {deployment.mode}"
        self._note("model", deployment.name, f"is left out: it is of {what}, and no provider of the registry is that")
        return None

    def _match(self, deployment: FoundDeployment) -> Match | None:
        """The provider that a deployment is of; of several, the one that was made for a URL of its own, if it has one."""
        found = [match for name in self._providers for match in [self._matched(name, deployment)] if match]
        return next(iter(sorted(found, key=lambda match: not self._is_required(match))), None)

    def _is_required(self, match: Match) -> bool:
        settings = self._providers[match.provider].get("settings") or {}
        return any(settings[name].get("required") for name, _value in match.settings)

    def _matched(self, name: str, deployment: FoundDeployment) -> Match | None:
        provider, params = self._providers[name], deployment.params
        litellm, settings = provider["litellm"], provider.get("settings") or {}
        form = re.escape(litellm["model"]).replace(re.escape("{id}"), "(.+)")
        model = re.fullmatch(form, f"{deployment.kind}/{deployment.id}")
        if not model or any(params.get(param) != value for param, value in (litellm.get("config") or {}).items()):
            return None
        found = {}
        for setting, param in litellm["params"].items():
            value = params.get(param)
            value = value.rstrip("/") if isinstance(value, str) and "://" in value else value
            if setting not in settings or value == settings[setting].get("default"):
                continue
            if value is None and settings[setting].get("required"):
                return None
            if value is not None:
                found[setting] = value
        own = _bare(provider, model.group(1))
        if found and not deployment.name.endswith(f"/{own}"):
            return None  # a server of somebody's own, by a name of its own
        if params.get("api_base") and "api_base" not in [litellm["params"].get(each) for each in settings]:
            return None
        if not all(_is_base(value) for value in found.values() if "://" in str(value)):
            return None
        return Match(name, own, tuple(sorted(found.items())), str(params.get("litellm_credential_name") or ""))

    def _in_instance(self, deployment: FoundDeployment, match: Match, taken: str) -> str:
        prefix = deployment.name[: -len(match.model) - 1] if deployment.name.endswith(f"/{match.model}") else ""
        same, number = match._replace(model=""), 2
        if not _PREFIX.match(prefix) or prefix in _RESERVED:
            # Who has the same provider, URL and credential is taken to have the same key: LiteLLM shows none.
            prefix = next((each for each, other in self._of.items() if other == same), self._new_prefix(match))
        wanted = prefix
        while f"{prefix}/{match.model}" == taken or self._of.get(prefix, same) != same:
            prefix, number = f"{wanted}-{number}", number + 1
        if prefix not in self._of:
            self._of[prefix] = same
            self._offered.instances.append(self._instance(prefix, match))
        entry = next(each for each in self._offered.instances if _prefix(each) == prefix)
        if match.model not in entry["models"]:
            entry["models"].append(match.model)
        name = f"{prefix}/{match.model}"
        mode = _EMBEDDING if model_names.looks_like_embeddings(match.model) else _CHAT
        more = [] if deployment.mode == mode else [f"mode {deployment.mode}"]
        more += [f"model_info.{key}" for key in ("max_output_tokens",) if _asked(deployment, key)]
        self._note_left(name, deployment, {*self._params_of(match.provider)}, more)
        return name

    @staticmethod
    def _new_prefix(match: Match) -> str:
        return match.credential if _PREFIX.match(match.credential) else match.provider.replace("_", "-")

    def _instance(self, prefix: str, match: Match) -> Row:
        name = _unique(_dns_name(prefix), [each["name"] for each in self._offered.instances])
        fields = self._providers[match.provider].get("credentials") or {}
        entry: Row = {"name": name, "provider": match.provider}
        if list(fields) == ["api_key"]:
            entry["api_key_env"] = self._variable(name, "api_key")
        elif fields:
            needed = [key for key, spec in fields.items() if spec.get("required", True)] or list(fields)
            entry["credentials_env"] = {key: self._variable(name, key) for key in needed}
        if prefix != name:
            entry["model_prefix"] = prefix
        entry["models"] = []
        if match.settings:
            entry["settings"] = dict(match.settings)
        return entry

    def _variable(self, entry: str, what: str) -> str:
        """The environment variable for a credential of an entry."""
        name = re.sub(r"[^A-Z0-9]+", "_", f"{entry}_{what}".upper()).lstrip("_0123456789")
        name = _unique(name, self._offered.variables, "_")
        self._offered.variables[name] = entry
        return name

    def _as_model(self, deployment: FoundDeployment, url: str, taken: str) -> str:
        names = self._offered.names()
        name = f"{deployment.name}-{deployment.id.rpartition('/')[2]}" if taken else deployment.name
        name = _unique(name, [*names, taken])
        entry: Row = {"name": name, "url": url, "model": deployment.id, "api_key_env": self._variable(name, "api_key")}
        looks = _EMBEDDING if model_names.looks_like_embeddings(deployment.id) else _CHAT
        if deployment.mode != looks:
            entry["mode"] = deployment.mode
        if _asked(deployment, "max_output_tokens"):
            entry["max_output_tokens"] = _whole(objects.number(deployment.info["max_output_tokens"]))
        prices = {key: objects.number(deployment.params.get(key)) for key in _PRICES}
        entry.update({key: value for key, value in prices.items() if value is not None})
        self._offered.models.append(entry)
        self._note_left(name, deployment, {*_PRICES}, [])
        return name

    def _params_of(self, provider: str) -> list[str]:
        litellm = self._providers[provider]["litellm"]
        return [*litellm["params"].values(), *(litellm.get("config") or {})]

    def _note_left(self, name: str, deployment: FoundDeployment, said: set[str], more: list[str]) -> None:
        """Of what its entry does not say the names: a value may be a credential."""
        shared = {*_READ, *said, *(_OF_ROUTE.values() if deployment.member else ())}
        left = sorted(key for key, value in deployment.params.items() if value not in (None, False, [], {}, ""))
        left = [*(key for key in left if key not in shared), *more]
        if left:
            self._note("model", name, f"has {', '.join(left)}, which its entry cannot say")


class _Routing:
    """Makes routes of what the router does with names."""

    def __init__(self, offered: Offered, settings: Row, note: Note) -> None:
        self._offered = offered
        self._settings = settings
        self._note = note

    def add(self, sources: t.Mapping[str, t.Any]) -> None:
        """C(sources): by setting of the router, where it comes from."""
        for alias, model in (self._settings.pop("model_group_alias", None) or {}).items():
            self._add_alias(alias, model.get("model") if isinstance(model, dict) else model)
        for setting, key in (("fallbacks", "order"), ("context_window_fallbacks", "on_context")):
            for name, fallbacks in _pairs(self._settings.pop(setting, None)):
                self._fall_back(name, fallbacks, key)
        for name, fallbacks in _pairs(self._settings.pop("content_policy_fallbacks", None)):
            said = f"a provider that refuses the content is followed by {', '.join(fallbacks)}, as in no route"
            self._note("model", name, said)
        chosen = sorted(each for each in self._settings if sources.get(each) in ("db", "config"))
        for setting in chosen:
            self._note("router setting", setting, "the lists have no settings of the router")

    def _route(self, name: str) -> Row | None:
        return next((each for each in self._offered.routes if each["name"] == name), None)

    def _members(self, name: str) -> list[str]:
        """The models behind a name, itself where it is one."""
        route = self._route(name)
        return list(route["order"]) if route else [name] * (name in self._offered.names())

    def _add_alias(self, alias: str, model: t.Any) -> None:
        members = self._members(str(model))
        if not members or self._members(alias):
            why = f"there is no model {model}" if not members else "a model has that name"
            self._note("route", alias, f"is left out: it stands for {model}, and {why} here")
        else:
            self._offered.routes.append({"name": alias, "order": members})

    def _fall_back(self, name: str, fallbacks: t.Sequence[str], key: str) -> None:
        members = list(dict.fromkeys(member for each in fallbacks for member in self._members(each)))
        for each in fallbacks:
            if not self._members(each):
                self._note("route", name, f"is followed by {each} where it fails, and there is no such model here")
        if name == "*" or not self._members(name):
            self._note("route", name, "is left out: where it fails others are asked, and there is no such model here")
            return
        route = self._route(name) or self._route(name + _WITH_FALLBACK)
        first = route["order"][0] if route else name
        members = [
            each for each in members if self._mode(each) == self._mode(first) and (key == "order" or each != first)
        ]
        if not members:
            return
        if route is None:
            route = {"name": name + _WITH_FALLBACK, "order": [name]}
            self._offered.routes.append(route)
            self._offered.made[route["name"]] = [name]
            self._note(
                "model", name, f"is followed by others where it fails; callers get that by the route {route['name']}"
            )
        route[key] = list(dict.fromkeys([*(route.get(key) or []), *members]))

    def _mode(self, name: str) -> str:
        found = next((each for each in self._offered.models if each["name"] == name), {})
        looks = _EMBEDDING if model_names.looks_like_embeddings(found.get("model") or name) else _CHAT
        return found.get("mode") or looks


def _pairs(given: t.Any) -> list[tuple[str, list[str]]]:
    """The fallbacks of LiteLLM, each a mapping of one name to others."""
    found = []
    for each in given if isinstance(given, list) else []:
        for name, others in each.items() if isinstance(each, dict) else ():
            found.append((str(name), [str(other) for other in others if isinstance(other, str)]))
    return found


def _asked(deployment: FoundDeployment, key: str) -> bool:
    """Whether somebody said it of the model: LiteLLM fills in what it knows itself."""
    value = deployment.info.get(key)
    if objects.set_of(deployment.info) is not None:
        return f"model_info.{key}" in objects.asked_before(deployment.info)
    return bool(objects.number(value)) and value != deployment.info.get("max_tokens")


def _is_base(url: str) -> bool:
    return bool(re.match(r"https?://[^\s?#@]+\Z", url))


def _bare(provider: Row, model: str) -> str:
    """The model without what the provider's forms of an id put around it."""
    for form in (provider.get("model_ids") or {}).values():
        before, after = form.split("{id}")
        if (before or after) and model.startswith(before) and model.endswith(after):
            return model[len(before) : len(model) - len(after)]
    return model


def _prefix(instance: Row) -> str:
    return instance.get("model_prefix") or instance["name"]


def _dns_name(text: str) -> str:
    """A name for an instance that is like C(text)."""
    name = re.sub(r"[^a-z0-9-]+", "-", text.lower()).strip("-").lstrip("0123456789-")
    return name[: ownership.INSTANCE_NAME_MAX - 4].strip("-") or "instance"


def _unique(name: str, taken: t.Container[str], joint: str = "-") -> str:
    found, number = name, 2
    while found in taken:
        found, number = f"{name}{joint}{number}", number + 1
    return found


def _whole(value: float | None) -> float | int | None:
    return int(value) if value is not None and value == int(value) else value
