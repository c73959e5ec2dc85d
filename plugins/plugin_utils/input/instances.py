# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the user's list to complete, checked instances.

A normalised instance is plain data and never holds the value of a credential:

    name, namespace, set    whose it is
    provider, provider_type name of the provider, and its type in the server's configuration
    display_name            text; default: the name
    description             text; default: empty
    models                  the provider's ids that callers may use, without what the provider's own list puts
                            around them; None: all
    listed_ids              the same as the server's own model list shows them; empty where all are open
    registered_ids          those that the server lists whether its provider does or not
    published_model         the model behind the published id, or None
    model_prefix            provider_id in the server's configuration, and so the prefix of its model ids
    published_id            the id that MaaS lists and the server answers to as an alias, or None
    image, replicas, resources
    settings                the provider's non-secret fields, with their defaults
    credentials             source ("env", "value", "secret" or "none"), origin (where to mend them), secret {name, managed} or None,
                            fields [{field, key in the Secret, env, file}]
    access                  as the generation of MaaS completes it; as the user wrote it where none is known
    egress                  host:port pairs that the server calls
    key_check               the request that asks the provider about a key, see C(provider_check.check_of), or None
"""

from __future__ import annotations

import re
import typing as t
from urllib.parse import urlsplit

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings, Problem, nearest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership, quantities
from ansible_collections.llamastack.maas.plugins.module_utils.ogx import images
from ansible_collections.llamastack.maas.plugins.module_utils.providers import key_check
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import (
    conversion,
    credentials,
    provider_url,
    registry as provider_registry,
    variables,
)

if t.TYPE_CHECKING:
    from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import Generation
    from ansible_collections.llamastack.maas.plugins.plugin_utils.input.registry import Provider, Registry

PATH = "llamastack_maas_instances"

NOT_GIVEN = (
    "is not given. Was -e @instances.yml forgotten or, with an inventory that holds it, -e llamastack_maas_hosts=...? "
    "A list that is meant to be empty is []"
)

KEYS = (
    "name",
    "provider",
    *credentials.SOURCES,
    "models",
    "published_model",
    "model_prefix",
    "settings",
    "image",
    "replicas",
    "resources",
    "display_name",
    "description",
    "access",
)

ACCESS_SHAPE: conversion.Shape = {
    "groups": "list",
    "users": "list",
    "tiers": "list",
    "token_limits": ({"limit": "int"},),
    "priority": "int",
}

# The parts of an entry that are no text; its settings are their provider's.
_SHAPE: dict[str, conversion.Shape] = {
    "credentials": "dict",
    "credentials_env": "dict",
    "credentials_secret": {"keys": "dict"},
    "models": "list",
    "settings": "dict",
    "replicas": "int",
    "resources": {"requests": "dict", "limits": "dict"},
    "access": ACCESS_SHAPE,
}

DEFAULT_RESOURCES = {
    "requests": {"cpu": "100m", "memory": "256Mi"},
    "limits": {"cpu": "1", "memory": "512Mi"},
}

# "all" makes the server take an id as it is, "publishers" begins the ids that the gateway publishes.
_RESERVED_PREFIXES = ("all", "publishers")
_PREFIX = re.compile(r"[A-Za-z][A-Za-z0-9._-]*\Z")


class Context(t.NamedTuple):
    """What the entries of one list have in common."""

    settings: t.Mapping[str, t.Any]
    registry: Registry
    generation: Generation | None = None
    environment: t.Mapping[str, str] | None = None
    secrets: t.Mapping[str, t.Mapping[str, t.Any]] | None = None
    credentials_of: t.Collection[str] = ()
    list_needed: bool = False


class NormalisedList(t.NamedTuple):
    """The instances, none where there is any problem; the problems; what is only suspicious."""

    instances: list[dict[str, t.Any]]
    problems: list[Problem]
    warnings: list[Problem]


def parse(given: t.Any, findings: Findings) -> list[t.Any] | None:
    """The list itself, from a list or from text that holds one as YAML; None where nothing was given."""
    return conversion.read_list(given, _SHAPE, "instances", findings)


def normalise(given: t.Any, context: Context, path: str = PATH) -> NormalisedList:
    """Check the whole list and complete its entries.

    C(context.generation) None: what only a generation of MaaS knows (the published id, what access it can express)
    is not looked at. C(context.environment), the variables of the process, None: the values of credentials are not
    looked at, and where C(context.credentials_of) holds names, only of these instances. C(context.secrets): see
    L(provider_credentials.normalise). C(context.list_needed): a list that is not given at all is a problem.
    """
    findings = Findings(path)
    entries = parse(given, findings)
    if entries is None and context.list_needed:
        findings.error(NOT_GIVEN)
    result = completed(entries or [], context, findings)
    return NormalisedList(
        [] if findings.errors else [item for item in result if item], findings.errors, findings.warnings
    )


def completed(entries: list[t.Any], context: Context, findings: Findings) -> list[dict[str, t.Any] | None]:
    """What each entry comes to, as far as it can be read; None for one that cannot."""
    result = [_normalise_entry(entry, context, findings.at(index)) for index, entry in enumerate(entries)]
    for key, why in (
        ("name", "every object of an instance is named after it"),
        ("model_prefix", "model ids would be ambiguous"),
    ):
        _refuse_duplicates(result, key, why, findings)
    return result


def names_only(given: t.Any, path: str = PATH) -> NormalisedList:
    """The entries by nothing but their names: what they are besides may be wrong, or not known. A list has to be given."""
    findings = Findings(path)
    entries = parse(given, findings)
    if entries is None:
        findings.error(f"{NOT_GIVEN}. If everything of the set is to go, set {variables.PREFIX}remove_all to true")
    found = []
    for index, entry in enumerate(entries or []):
        at = findings.at(index)
        if not isinstance(entry, dict):
            at.error("must be a mapping with at least name and provider")
            continue
        at.refuse_unknown_keys(entry, KEYS)
        found.append({"name": _name(entry.get("name"), at.at("name"))})
    return NormalisedList([] if findings.errors else found, findings.errors, findings.warnings)


def named_secrets(given: t.Any) -> list[str]:
    """The names under C(credentials_secret) in a list that may still be wrong elsewhere, sorted."""
    entries = parse(given, Findings(PATH)) or []
    found = [entry.get("credentials_secret") for entry in entries if isinstance(entry, dict)]
    return sorted({each["name"] for each in found if isinstance(each, dict) and isinstance(each.get("name"), str)})


def _normalise_entry(entry: t.Any, context: Context, findings: Findings) -> dict[str, t.Any] | None:
    if not isinstance(entry, dict):
        findings.error("must be a mapping with at least name and provider")
        return None
    findings.refuse_unknown_keys(entry, KEYS)
    shown = {key: value for key, value in entry.items() if key not in credentials.SOURCES}
    findings.refuse_broken_text(shown)
    variables.refuse_templates(shown, findings)
    name = _name(entry.get("name"), findings.at("name"))
    provider = _provider(entry.get("provider"), context.registry, findings.at("provider"))
    result = {
        "name": name,
        "namespace": context.settings["namespace"],
        "set": context.settings["set"],
        "provider": entry.get("provider"),
        "display_name": _text(entry, "display_name", findings) or name,
        "description": _text(entry, "description", findings),
        "model_prefix": _model_prefix(entry.get("model_prefix"), name, findings.at("model_prefix")),
        "image": entry.get("image", context.settings["image"]),
        "replicas": _replicas(entry.get("replicas", 1), findings.at("replicas")),
        "resources": _resources(entry.get("resources"), findings.at("resources")),
        "access": _access(entry.get("access"), context.generation, findings.at("access")),
    }
    generation = context.generation
    result["published_id"] = generation.published_id(result["namespace"], name) if generation else None
    _check_image(result["image"], bool(result["published_id"]), findings.at("image"))
    if provider:
        result.update(_of_provider(entry, result, provider, context, findings))
    return result


def _of_provider(
    entry: dict[str, t.Any], result: dict[str, t.Any], provider: Provider, context: Context, findings: Findings
) -> dict[str, t.Any]:
    """The parts of an instance that need its provider's entry."""
    settings = _settings(entry.get("settings"), provider, findings.at("settings"))
    own_ids = _Prefix(result["model_prefix"], _is_own_server(provider, settings))
    models = _models(entry.get("models"), provider, own_ids, findings.at("models"))
    found = credentials.normalise(entry, result["name"], provider, findings, context.secrets)
    wanted = not context.credentials_of or result["name"] in context.credentials_of
    if context.environment is not None and wanted:
        credentials.check_values(entry, provider, findings, context.environment)
    _warn_of_plain_http(settings, provider, bool(found["fields"]), findings.at("settings"))
    published = _published_model(
        entry.get("published_model"), models, provider, result["published_id"], findings.at("published_model")
    )
    named = models or ([published] if published else [])

    def listed(names_of_models: t.Iterable[str]) -> list[str]:
        return [f"{result['model_prefix']}/{provider_registry.listed_id(provider, model)}" for model in names_of_models]

    return {
        "provider_type": provider["type"],
        "models": models,
        "listed_ids": listed(models or []),
        "registered_ids": listed(named) if images.registers_models(str(result["image"])) else [],
        "published_model": published,
        "settings": settings,
        "credentials": found,
        "egress": _egress(provider, settings),
        "key_check": key_check.check_of(provider, settings),
    }


def _name(given: t.Any, findings: Findings) -> str:
    if given is None:
        findings.error("is missing")
    elif not isinstance(given, str) or not ownership.is_dns_1035(given, longest=ownership.INSTANCE_NAME_MAX):
        findings.error(
            f"must be up to {ownership.INSTANCE_NAME_MAX} lower case letters, digits and hyphens, start with a letter and "
            "not end with a hyphen: KServe names Services after it"
        )
    return given if isinstance(given, str) else ""


def _provider(given: t.Any, registry: Registry, findings: Findings) -> Provider | None:
    if given is None:
        findings.error(f"is missing; known: {', '.join(registry)}")
    elif not isinstance(given, str):
        findings.error("must be the name of a provider")
    elif given not in registry:
        findings.error(f"there is no provider {given}; {nearest(given, registry)}")
    else:
        return registry[given]
    return None


def _text(entry: dict[str, t.Any], key: str, findings: Findings) -> str:
    value = entry.get(key)
    if value is not None and not isinstance(value, str):
        findings.at(key).error("must be text")
    return value if isinstance(value, str) else ""


def _model_prefix(given: t.Any, name: str, findings: Findings) -> str:
    if given is not None and (not isinstance(given, str) or not _PREFIX.match(given)):
        findings.error("must start with a letter and hold letters, digits, dots, underscores and hyphens only")
        return name
    prefix = given or name
    if prefix in _RESERVED_PREFIXES:
        findings.error(f"{prefix} has a meaning of its own in model ids; give another model_prefix")
    return prefix


def _replicas(given: t.Any, findings: Findings) -> int:
    if not _is_int(given) or given < 1:
        findings.error("must be a whole number from 1 on")
        return 1
    return given


def _resources(given: t.Any, findings: Findings) -> dict[str, dict[str, str]]:
    """The default resources, with those of the entry laid over them."""
    resources = {kind: dict(amounts) for kind, amounts in DEFAULT_RESOURCES.items()}
    if given is None:
        return resources
    if not isinstance(given, dict):
        findings.error("must be a mapping with requests and limits")
        return resources
    findings.refuse_unknown_keys(given, resources)
    for kind in resources:
        amounts = given.get(kind) or {}
        if not isinstance(amounts, dict):
            findings.at(kind).error("must be a mapping such as {cpu: 500m, memory: 512Mi}")
            continue
        for resource, amount in amounts.items():
            if not quantities.is_quantity(amount):
                findings.at(kind).at(str(resource)).error("must be a quantity such as 500m or 512Mi")
        resources[kind].update((resource, str(amount)) for resource, amount in amounts.items())
    return resources


def _check_image(image: t.Any, needs_alias: bool, findings: Findings) -> None:
    before = len(findings.errors)
    variables.check_image(image, findings)
    if len(findings.errors) > before:
        return
    shortcoming = images.shortcoming(image, needs_alias)
    if shortcoming:
        findings.error(f"{image} {shortcoming}")
    elif images.server_version(image) is None:
        findings.warn(f"the name {image} does not say which OGX it holds; it needs {_oldest(needs_alias)} or newer")


def _oldest(needs_alias: bool) -> str:
    return ".".join(map(str, images.OLDEST_WITH_ALIAS if needs_alias else images.OLDEST))


def _access(given: t.Any, generation: Generation | None, findings: Findings) -> dict[str, t.Any]:
    if generation is None:
        return given if isinstance(given, dict) else {}
    before = len(findings.errors)
    if given is not None:
        generation.check_access(given, findings)
    return generation.normalise_access(None if len(findings.errors) > before else given)


class _Prefix(t.NamedTuple):
    """What the instance's own model ids begin with. C(may_repeat): the provider's may begin with the same."""

    text: str
    may_repeat: bool


def _is_own_server(provider: Provider, settings: t.Mapping[str, t.Any]) -> bool:
    """Whether the entry says where the provider is: then nobody but the user knows the ids that it has."""
    urls = [field for field, spec in provider["settings"].items() if spec["type"] == "url"]
    return any(settings.get(field) != provider["settings"][field].get("default") for field in urls)


def _models(given: t.Any, provider: Provider, prefix: _Prefix, findings: Findings) -> list[str] | None:
    if given is None:
        return None
    if not isinstance(given, list) or not given:
        findings.error("must be a list with at least one of the provider's model ids; leave it out to open all")
        return []
    models: list[str] = []
    for index, model in enumerate(given):
        if not _is_model_id(model, prefix, findings.at(index)):
            continue
        bare = provider_registry.bare_id(provider, model)
        if bare in models:
            findings.at(index).error(f"{bare} is in the list already")
        models.append(bare)
    return models


def _is_model_id(model: t.Any, prefix: _Prefix, findings: Findings) -> bool:
    if not isinstance(model, str) or not model or re.search(r"\s", model):
        findings.error("must be a model id as text, without white space")
        return False
    if model.startswith(f"{prefix.text}/"):
        if not prefix.may_repeat:
            findings.error(
                f"give the provider's own id, without the prefix {prefix.text}/ of the instance's ids; or, if the "
                "provider's own id begins with it, give the entry another model_prefix"
            )
            return False
        findings.warn(
            f"begins as the instance's own ids do, so it is called {prefix.text}/{model}; if {prefix.text}/ is not part of "
            "the provider's own id, take it away, else another model_prefix makes it easier to read"
        )
    if "${" in model:
        findings.error("holds ${, which the server would try to fill in")
        return False
    return True


def _published_model(
    given: t.Any, models: list[str] | None, provider: Provider, published_id: str | None, findings: Findings
) -> str | None:
    if given is None:
        if models:
            return models[0]
        if published_id and models is None:
            findings.error(
                f"is required without models: MaaS lists the instance as {published_id}, and that id has to stand "
                "for one model"
            )
        return None
    if not isinstance(given, str) or re.search(r"\s", given) or "${" in given:
        findings.error("must be one of the provider's model ids as text")
        return None
    bare = provider_registry.bare_id(provider, given)
    if models and bare not in models:
        findings.error(f"{bare} is not in models; {nearest(bare, models)}")
    return bare


def _settings(given: t.Any, provider: Provider, findings: Findings) -> dict[str, t.Any]:
    known = provider["settings"]
    if given is None:
        given = {}
    if not isinstance(given, dict):
        findings.error(f"must be a mapping with the settings of {provider['title']}")
        given = {}
    findings.refuse_unknown_keys(given, known, "setting")
    settings = {}
    for field, spec in known.items():
        value = conversion.shaped(spec["type"], given.get(field, spec.get("default")), findings.at(field))
        if value is not None:
            before = len(findings.errors)
            _check_setting(value, spec["type"], findings.at(field))
            if spec["type"] == "url" and len(findings.errors) == before:
                check_api_url(value, key_check.is_api_base(provider, field), findings.at(field))
            settings[field] = value
        elif spec["required"]:
            findings.at(field).error(f"{provider['title']} needs it: {spec.get('description', 'no default is known')}")
    return settings


def _check_setting(value: t.Any, wanted: str, findings: Findings) -> None:
    if wanted == "url":
        problem = variables.url_problem(value)
    elif wanted == "bool":
        problem = None if isinstance(value, bool) else "must be true or false"
    elif wanted == "int":
        problem = None if _is_int(value) else "must be a whole number"
    else:
        problem = None if isinstance(value, str) else "must be text"
    if isinstance(value, str) and "${" in value:
        problem = "holds ${, which the server would try to fill in"
    if problem:
        findings.error(problem)
    elif isinstance(value, str) and "${" in value:
        findings.error("holds ${, which the server would try to fill in")


def check_api_url(url: str, is_base: bool, findings: Findings) -> None:
    """Report what keeps C(url), which is one, from being where an API is; C(is_base): with the version in it."""
    problems = provider_url.problems(url)
    for problem in problems:
        findings.error(problem)
    for doubt in [] if problems else provider_url.doubts(url, with_version=is_base):
        findings.warn(doubt)


def _warn_of_plain_http(settings: dict[str, t.Any], provider: Provider, has_key: bool, findings: Findings) -> None:
    for field, value in settings.items():
        if has_key and provider["settings"][field]["type"] == "url" and str(value).startswith("http://"):
            findings.at(field).warn("is plain HTTP: the key can be read on its way")


def _egress(provider: Provider, settings: dict[str, t.Any]) -> list[str]:
    found = []
    for target in provider["egress"]:
        if target.startswith("{"):
            url = settings.get(target[1:-1])
            if variables.url_problem(url):
                continue
            parts = urlsplit(url)
            target = f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
        found.append(target)
    return found


def _refuse_duplicates(entries: list[dict[str, t.Any] | None], key: str, why: str, findings: Findings) -> None:
    first: dict[str, int] = {}
    for index, entry in enumerate(entries):
        if entry is None or not entry[key]:
            continue
        if entry[key] in first:
            findings.at(index).at(key).error(f"{entry[key]} is that of entry {first[entry[key]]} too: {why}")
        first.setdefault(entry[key], index)


def _is_int(value: t.Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
