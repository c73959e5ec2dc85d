# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From instances, models and routes to the public names of a gateway, and what is behind each."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings, nearest
from ansible_collections.llamastack.maas.plugins.module_utils.kserve import served_models
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.conditions import READY
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership
from ansible_collections.llamastack.maas.plugins.module_utils.ogx import images
from ansible_collections.llamastack.maas.plugins.module_utils.openai import model_names
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import (
    credentials,
    instances,
    litemaas_values as values,
    registry as provider_registry,
    variables,
)

if t.TYPE_CHECKING:
    from ansible_collections.llamastack.maas.plugins.plugin_utils.input.registry import Provider, Registry

Object = t.Dict[str, t.Any]

CHAT, COMPLETION, EMBEDDING = MODES = ("chat", "completion", "embedding")

# The keys of an instance, and of its access, that mean nothing to a gateway.
MAAS_ONLY = ("published_model", "image", "replicas", "resources", "display_name", "description")
_MAAS_ONLY_ACCESS = ("priority",)

MODEL_SHAPE: t.Any = {
    "inference_service": {"labels": "dict"},
    "credentials": "dict",
    "credentials_env": "dict",
    "credentials_secret": {"keys": "dict"},
    "access": instances.ACCESS_SHAPE,
    "max_output_tokens": "int",
    "input_cost_per_token": "number",
    "output_cost_per_token": "number",
}
ROUTE_SHAPE: t.Any = {
    "order": "names",
    "on_context": "names",
    "cooldown": "int",
    "timeout": "number",
    "access": instances.ACCESS_SHAPE,
}

_PRICES = ("input_cost_per_token", "output_cost_per_token")
_MODEL_KEYS = (
    *("name", "inference_service", "url", "model", "mode", *credentials.SOURCES, "access", "max_output_tokens"),
    *_PRICES,
)
_ROUTE_KEYS = ("name", "order", "on_context", "cooldown", "timeout", "access")

# The provider that a server of somebody's own is.
_OWN_SERVER = "openai_compatible"


class GatewayContext(t.NamedTuple):
    """What the lists of a run have in common.

    C(namespace): of the Secrets that entries name, and of keys that do not say theirs; C(environment): the variables of
    the process, None where the values of credentials are not looked at; C(secrets): what was seen of the Secrets that
    entries name, see L(credentials.normalise); C(served): by L(served_models.key_of) what is known of models of KServe,
    None where the cluster was not asked; C(reserved): namespace and name of Secrets that no key may be put in;
    C(list_needed): that no list is given at all is a problem.
    """

    namespace: str
    registry: Registry
    environment: t.Mapping[str, str] | None = None
    secrets: t.Mapping[str, t.Mapping[str, t.Any]] | None = None
    served: t.Mapping[str, t.Mapping[str, t.Any]] | None = None
    reserved: t.Collection[tuple[str, str]] = ()
    list_needed: bool = False


class Offer(t.NamedTuple):
    """A public name: the place of its entry, what its API is, whom its access admits."""

    place: Findings
    mode: str
    access: values.Access
    is_route: bool = False


class Offers(t.NamedTuple):
    """What a gateway offers. C(names): by public name, also of entries in which something else is wrong."""

    names: dict[str, Offer]
    models: list[Object]
    routes: list[Object]
    credentials: dict[str, Object]
    notes: list[str]

    def add(self, name: str, offer: Offer, findings: Findings) -> None:
        if name in self.names:
            findings.error(
                f"{name} is the public name of {self.names[name].place.path} too; each may stand for one thing only"
            )
        else:
            self.names[name] = offer


def of_instances(entries: list[t.Any], context: GatewayContext, offers: Offers, findings: Findings) -> None:
    """An instance becomes a model for each that it names, with the provider's key and without a pod."""
    _note_unused(entries, offers, findings)
    found = instances.completed(
        [_without(entry, (*MAAS_ONLY, "access")) for entry in entries],
        instances.Context(
            settings={"namespace": context.namespace, "set": "", "image": images.DEFAULT_IMAGE},
            registry=context.registry,
            environment=context.environment,
            secrets=context.secrets,
        ),
        findings,
    )
    for index, instance in enumerate(found):
        if instance is not None:
            _of_instance(entries[index], instance, context, offers, findings.at(index))


def _note_unused(entries: list[t.Any], offers: Offers, findings: Findings) -> None:
    """Once for the whole list."""
    given = [entry for entry in entries if isinstance(entry, dict)]
    unused = {key for entry in given for key in MAAS_ONLY if key in entry}
    accesses = [entry["access"] for entry in given if isinstance(entry.get("access"), dict)]
    unused |= {f"access.{key}" for access in accesses for key in _MAAS_ONLY_ACCESS if key in access}
    if unused:
        offers.notes.append(f"{findings.path}: {', '.join(sorted(unused))}: for MaaS only, and not used here")


def _without(entry: t.Any, keys: t.Collection[str]) -> t.Any:
    return {key: value for key, value in entry.items() if key not in keys} if isinstance(entry, dict) else entry


def _of_instance(entry: Object, instance: Object, context: GatewayContext, offers: Offers, findings: Findings) -> None:
    access = values.access(entry.get("access"), findings.at("access"))
    if "provider_type" not in instance:
        return
    if instance["models"] is None:
        findings.at("models").error(
            "is missing: a gateway has no way to open all models; name those that callers may use"
        )
    provider = context.registry[instance["provider"]]
    litellm = _litellm_part(provider, instance["provider"], findings.at("provider"))
    if litellm is None:
        return
    credential = _credential(instance["name"], instance["credentials"], provider, context, offers, findings)
    for model in dict.fromkeys(instance["models"] or []):
        name = f"{instance['model_prefix']}/{model}"
        mode = EMBEDDING if model_names.looks_like_embeddings(model) else CHAT
        values.public_name(name, findings.at("models"))
        offers.add(name, Offer(findings, mode, access), findings.at("models"))
        offers.models.append(
            {
                "name": name,
                "model": provider_registry.litellm_model(provider, model),
                "mode": mode,
                "params": _params(litellm, instance["settings"]),
                "info": {},
                "credential": credential,
            }
        )


def _litellm_part(provider: Provider, name: str, findings: Findings) -> Object | None:
    shortcoming = provider_registry.litellm_shortcoming(provider)
    if shortcoming:
        findings.error(f"LiteLLM cannot call {name}: llamastack_maas_providers.{name} {shortcoming}")
        return None
    return provider["litellm"]


def _params(litellm: Object, settings: Object) -> Object:
    found = {param: settings[field] for field, param in litellm["params"].items() if field in settings}
    return {**litellm["config"], **{param: _base(value) for param, value in found.items()}}


def _base(value: t.Any) -> t.Any:
    return value.rstrip("/") if isinstance(value, str) and "://" in value else value


def _credential(
    name: str, found: Object, provider: Provider, context: GatewayContext, offers: Offers, findings: Findings
) -> str | None:
    """Keep which values a model needs under the name of its entry; None where it needs none."""
    params = (provider["litellm"] or {"params": {}})["params"]
    if not found["fields"]:
        return None
    if name in offers.credentials:
        findings.at("name").error(f"{name} is the name of an instance too; give another one")
        return None
    keys = {params[field["field"]]: field["key"] for field in found["fields"]}
    secret = None
    if found["source"] == "secret":
        secret = {"namespace": context.namespace, "name": found["secret"]["name"], "keys": keys}
    offers.credentials[name] = {
        "origin": found["origin"],
        "params": {field["field"]: params[field["field"]] for field in found["fields"]},
        "secret": secret,
    }
    return name


def of_models(entries: list[t.Any], context: GatewayContext, offers: Offers, findings: Findings) -> None:
    """A model that is not a provider's: a server at a URL, or one that KServe runs."""
    for index, entry in enumerate(entries):
        place = findings.at(index)
        if not isinstance(entry, dict):
            place.error("must be a mapping with a name and either url or inference_service")
            continue
        place.refuse_unknown_keys(entry, _MODEL_KEYS)
        values.plain(_without(entry, credentials.SOURCES), place)
        _of_model(entry, context, offers, place)


def _of_model(entry: Object, context: GatewayContext, offers: Offers, findings: Findings) -> None:
    name = values.public_name(entry.get("name"), findings.at("name"))
    model = _model_id(entry.get("model"), findings.at("model"))
    url, model = _place(entry, model, name or "", context, offers, findings)
    mode = entry.get("mode") or (EMBEDDING if model_names.looks_like_embeddings(model or name or "") else CHAT)
    findings.at("mode").require_one_of(mode, MODES)
    access = values.access(entry.get("access"), findings.at("access"))
    info = {
        "max_output_tokens": values.whole(entry.get("max_output_tokens"), findings.at("max_output_tokens")),
        **{key: values.price(entry.get(key), findings.at(key)) for key in _PRICES},
    }
    provider = context.registry.get(_OWN_SERVER)
    if provider is None:
        findings.error(
            f"is a server that providers.{_OWN_SERVER} stands for, and llamastack_maas_providers takes it away"
        )
        return
    found = credentials.normalise(entry, name or "", provider, findings, context.secrets)
    if context.environment is not None:
        credentials.check_values(entry, provider, findings, context.environment)
    if found["fields"] and str(entry.get("url")).startswith("http://"):
        findings.at("url").warn("is plain HTTP: the key can be read on its way")
    litellm = _litellm_part(provider, _OWN_SERVER, findings)
    if name is None or litellm is None:
        return
    offers.add(name, Offer(findings, mode, access), findings.at("name"))
    credential = _credential(name, found, provider, context, offers, findings)
    offers.models.append(
        {
            "name": name,
            "model": provider_registry.litellm_model(provider, model or ""),
            "mode": mode,
            "params": _params(litellm, {"base_url": url}),
            "info": {key: value for key, value in info.items() if value is not None},
            "credential": credential,
        }
    )


def _model_id(given: t.Any, findings: Findings) -> str | None:
    if given is not None and (not isinstance(given, str) or not given or given != "".join(given.split())):
        findings.error("must be the id of a model as the server lists it, as text without white space")
        return None
    return given


def _place(
    entry: Object, model: str | None, name: str, context: GatewayContext, offers: Offers, findings: Findings
) -> tuple[str, str | None]:
    """The base URL and the id of a model."""
    url, service = entry.get("url"), entry.get("inference_service")
    if (url is None) == (service is None):
        findings.error(f"needs {'one' if url is None else 'only one'} of url and inference_service")
        return "", model
    if service is None:
        _check_url(url, findings.at("url"))
        if entry.get("model") is None:
            findings.at("model").error("is missing: the id of the model as the server lists it")
        return str(url), model
    wanted = wanted_service(service, findings.at("inference_service"))
    if wanted is None or context.served is None:
        return "", model
    served = context.served.get(served_models.key_of(wanted)) or {"problem": "it was not looked for in the cluster"}
    if served["problem"]:
        findings.at("inference_service").error(served["problem"])
        return "", model
    if served["state"] != READY:
        what = f"{served['kind']} {served['namespace']}/{served['name']}"
        offers.notes.append(
            f"{name}: {what} is {served['state']}: {served['reason']}; it answers once that has changed"
        )
    return served["url"], model or served["model"]


def _check_url(url: t.Any, findings: Findings) -> None:
    problem = variables.url_problem(url)
    if problem:
        findings.error(problem)
    else:
        instances.check_api_url(url, True, findings)


def wanted_service(given: t.Any, findings: Findings) -> Object | None:
    """The C(inference_service) of an entry as L(served_models) wants it; None where it cannot be meant."""
    if not isinstance(given, dict):
        findings.error("must be a mapping with a name or labels, and the namespace")
        return None
    before = len(findings.errors)
    findings.refuse_unknown_keys(given, ("name", "labels", "namespace"))
    name, labels, namespace = given.get("name"), given.get("labels"), given.get("namespace")
    if not isinstance(namespace, str) or not ownership.is_dns_1123(namespace):
        findings.at("namespace").error(
            "is missing"
            if namespace is None
            else "must be the name of a namespace: lower case letters, digits and hyphens"
        )
    if (name is None) == (labels is None):
        findings.error(f"needs {'one' if name is None else 'only one'} of name and labels")
    elif name is not None:
        variables.check_object_name(name, findings.at("name"))
    elif not isinstance(labels, dict) or not labels or not all(isinstance(each, str) for each in labels.values()):
        findings.at("labels").error("must be a mapping of at least one label to its value, as text")
    if len(findings.errors) > before:
        return None
    return {"namespace": namespace, **({"labels": labels} if name is None else {"name": name})}


def of_routes(entries: list[t.Any], offers: Offers, findings: Findings) -> None:
    """A route is several models behind one name; it has no other route in it, so that none can lead to itself."""
    found = []
    for index, entry in enumerate(entries):
        place = findings.at(index)
        if not isinstance(entry, dict):
            place.error("must be a mapping with a name and order, the models behind it")
            continue
        place.refuse_unknown_keys(entry, _ROUTE_KEYS)
        values.plain(entry, place)
        name = values.public_name(entry.get("name"), place.at("name"))
        if name is not None:
            access = values.access(entry.get("access"), place.at("access"))
            offers.add(name, Offer(place, "", access, is_route=True), place.at("name"))
        found.append((name, entry, place))
    for name, entry, place in found:
        route = {
            "name": name,
            "order": _members(entry.get("order"), offers, place.at("order"), required=True),
            "on_context": _members(entry.get("on_context"), offers, place.at("on_context"), required=False),
            "cooldown": values.whole(entry.get("cooldown"), place.at("cooldown")),
            "timeout": values.positive(entry.get("timeout"), place.at("timeout")),
        }
        _check_members(route, offers, place)
        offers.routes.append(route)


def _members(given: t.Any, offers: Offers, findings: Findings, *, required: bool) -> list[str]:
    if given is None and not required:
        return []
    members = values.names(given, findings)
    for index, member in enumerate(given if isinstance(given, list) else []):
        if member not in members:
            continue
        offer = offers.names.get(member)
        if offer is None:
            models = [name for name, each in offers.names.items() if not each.is_route]
            findings.at(index).error(f"there is no model {member}; {nearest(member, models)}")
        elif offer.is_route:
            findings.at(index).error(f"{member} is a route; give the models behind it")
    return members


def _check_members(route: Object, offers: Offers, findings: Findings) -> None:
    order, on_context = route["order"], route["on_context"]
    if order and order[0] in on_context:
        findings.at("on_context").error(
            f"{order[0]} is the first of order, whose context is too small when these are asked"
        )
    known = [name for name in [*order, *on_context] if name in offers.names]
    modes = sorted({offers.names[name].mode for name in known} - {""})
    if len(modes) > 1:
        findings.error(
            f"holds models for {' and '.join(modes)}, which callers ask in different ways; give those of one kind"
        )
