# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The providers as data: read the collection's own file, lay the user's entries over it, check the outcome.

The shape of an entry is described at the top of C(registry.yml), next to this file.
"""

from __future__ import annotations

import re
import typing as t
from pathlib import Path

from ansible_collections.llamastack.maas.plugins.module_utils.base import yaml_text
from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import conversion

DATA_FILE = Path(__file__).with_name("registry.yml")

# Where credentials that are files are mounted in the container.
CREDENTIAL_DIRECTORY = "/var/run/secrets/llamastack.maas"

SETTING_TYPES = ("bool", "int", "str", "url")

_NAME = re.compile(r"[a-z]([a-z0-9_]{0,61}[a-z0-9])?\Z")
_FIELD = re.compile(r"[a-z][a-z0-9_]*\Z")
_ENV_NAME = re.compile(r"[A-Z_][A-Z0-9_]*\Z")
_LITELLM_MODEL = re.compile(r"[a-z0-9_-]+/[^{}\s]*\{id\}[^{}\s]*\Z")
_LITELLM_MODEL_WORDS = "LiteLLM's name of the provider, a slash and {id}, such as openai/{id}"
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")

# What each level of an entry holds: key -> the Python type it must have.
_PROVIDER_KEYS = {
    "title": str,
    "type": str,
    "credentials": dict,
    "settings": dict,
    "config": dict,
    "model_ids": dict,
    "packages": list,
    "egress": list,
    "check": dict,
    "litellm": dict,
}
_CREDENTIAL_KEYS = {
    "env": str,
    "file": str,
    "config": str,
    "required": bool,
    "pattern": str,
    "looks_like": str,
    "description": str,
}
_SETTING_KEYS = {
    "type": str,
    "config": str,
    "required": bool,
    "default": object,
    "description": str,
}
_MODEL_ID_KEYS = {"called": str, "listed": str}
_CHECK_KEYS = {"url": str, "headers": dict}
_LITELLM_KEYS = {"model": str, "params": dict, "config": dict}

# The parts of an entry that are no text.
_SHAPE: dict[str, conversion.Shape] = {
    "credentials": {"*": {"required": "bool"}},
    "settings": {"*": {"required": "bool"}},
    "config": "dict",
    "model_ids": "dict",
    "packages": "list",
    "egress": "list",
    "check": {"headers": "dict"},
    "litellm": {"params": "dict", "config": "dict"},
}

_TYPE_WORDS = {str: "text", dict: "a mapping", list: "a list", bool: "true or false"}


class Provider(t.TypedDict):
    """One entry with every default filled in; see C(registry.yml) for what the parts mean."""

    title: str
    type: str
    credentials: dict[str, dict[str, t.Any]]
    settings: dict[str, dict[str, t.Any]]
    config: dict[str, t.Any]
    model_ids: dict[str, str]
    packages: list[str]
    egress: list[str]
    check: dict[str, t.Any] | None
    litellm: dict[str, t.Any] | None


Registry = t.Dict[str, Provider]


def load(override: t.Any = None, path: str = "llamastack_maas_providers") -> tuple[Registry, Findings]:
    """Read the collection's providers and lay C(override), mapping of name to (part of) an entry, over them.

    Entries that are not sound are reported in the findings, below C(path), and left out.
    """
    findings = Findings(path)
    entries = yaml_text.load(DATA_FILE.read_text(encoding="utf-8"))
    if override is not None and not isinstance(override, dict):
        findings.error("must be a mapping of provider name to entry")
    elif override:
        entries = _overlay(entries, conversion.shaped({"*": _SHAPE}, override, findings))
    registry: Registry = {}
    for key in sorted(entries, key=str):
        before = len(findings.errors)
        findings.at(str(key)).refuse_dates(entries[key])
        name, entry = yaml_text.plain(key), yaml_text.plain(entries[key])
        _check_entry(str(name), entry, findings.at(str(name)))
        if len(findings.errors) == before:
            registry[name] = _complete(name, entry)
    return registry, findings


def called_id(provider: Provider, model: str) -> str:
    """The provider's id of C(model) as a request has to give it; C(model) may be in either form."""
    return provider["model_ids"]["called"].replace("{id}", bare_id(provider, model))


def listed_id(provider: Provider, model: str) -> str:
    """The provider's id of C(model) as its own list of models shows it; C(model) may be in either form."""
    return provider["model_ids"]["listed"].replace("{id}", bare_id(provider, model))


def bare_id(provider: Provider, model: str) -> str:
    """C(model) without what the provider's forms of an id put around it."""
    for form in provider["model_ids"].values():
        before, after = form.split("{id}")
        if (before or after) and model.startswith(before) and model.endswith(after):
            return model[len(before) : len(model) - len(after)]
    return model


def litellm_model(provider: Provider, model: str) -> str:
    """LiteLLM's id of the provider's C(model), which may be in either form. The provider has its part for LiteLLM."""
    litellm = provider["litellm"] or {}
    return litellm["model"].replace("{id}", called_id(provider, model))


def litellm_shortcoming(provider: Provider) -> str | None:
    """What the provider's entry lacks to be called by LiteLLM, or None.

    Runs that do without LiteLLM do without these parts, too, so that they are looked at only here.
    """
    litellm, fields = provider["litellm"], {**provider["credentials"], **provider["settings"]}
    if litellm is None:
        return f"has no part litellm; add litellm: {{model: …, params: {{…}}}}, where model is {_LITELLM_MODEL_WORDS}"
    unknown = [field for field in litellm["params"] if field not in fields]
    if unknown:
        return f"has litellm.params for {', '.join(unknown)}, which is no credential and no setting of it"
    unmapped = [field for field in provider["credentials"] if field not in litellm["params"]]
    if unmapped:
        return (
            f"does not say in which parameter LiteLLM takes {', '.join(unmapped)}; add litellm.params, such as "
            f"{{{unmapped[0]}: api_key}}"
        )
    return None


def credential_file(field: t.Mapping[str, t.Any]) -> str | None:
    """The path of a credential that is mounted as a file, or None for one that is an environment variable."""
    return f"{CREDENTIAL_DIRECTORY}/{field['file']}" if field.get("file") else None


def _overlay(below: t.Any, above: t.Any) -> t.Any:
    if not isinstance(below, dict) or not isinstance(above, dict):
        return above
    merged = {**below, **{key: _overlay(below.get(key), value) for key, value in above.items()}}
    return {key: value for key, value in merged.items() if value is not None}


def _complete(name: str, entry: dict[str, t.Any]) -> Provider:
    return {
        "title": entry.get("title", name),
        "type": entry["type"],
        "credentials": {field: {"required": True, **spec} for field, spec in entry.get("credentials", {}).items()},
        "settings": {
            field: {"type": "str", "required": False, "config": field, **spec}
            for field, spec in entry.get("settings", {}).items()
        },
        "config": entry.get("config", {}),
        "model_ids": {"called": "{id}", "listed": "{id}", **entry.get("model_ids", {})},
        "packages": entry.get("packages", []),
        "egress": entry.get("egress", []),
        "check": {"headers": {}, **entry["check"]} if "check" in entry else None,
        "litellm": {"params": {}, "config": {}, **entry["litellm"]} if "litellm" in entry else None,
    }


def _check_entry(name: str, entry: t.Any, findings: Findings) -> None:
    if not _NAME.match(name):
        findings.error(
            "a provider's name holds up to 63 lower case letters, digits and underscores, starts with a letter and does "
            "not end with an underscore: objects carry it as a label"
        )
    if not _check_keys(entry, _PROVIDER_KEYS, findings):
        return
    if "type" not in entry:
        findings.error("needs type, the OGX provider type, such as remote::openai")
    for field, spec in entry.get("credentials", {}).items():
        _check_credential(str(field), spec, findings.at("credentials").at(str(field)))
    for field, spec in entry.get("settings", {}).items():
        _check_setting(str(field), spec, findings.at("settings").at(str(field)))
    _check_model_ids(entry.get("model_ids", {}), findings.at("model_ids"))
    if "check" in entry:
        _check_check(entry, findings.at("check"))
    if "litellm" in entry:
        _check_litellm(entry["litellm"], findings.at("litellm"))
    for key in ("packages", "egress"):
        for index, item in enumerate(entry.get(key, [])):
            if not isinstance(item, str):
                findings.at(key).at(index).error("must be text")


def _check_keys(given: t.Any, known: t.Mapping[str, type], findings: Findings) -> bool:
    """Check names and types of the keys; False where nothing below them can be looked at."""
    if not isinstance(given, dict):
        findings.error("must be a mapping")
        return False
    findings.refuse_unknown_keys(given, known)
    sound = True
    for key, wanted in known.items():
        if key in given and not isinstance(given[key], wanted):
            findings.at(key).error(f"must be {_TYPE_WORDS[wanted]}")
            sound = False
    return sound


def _check_credential(name: str, spec: t.Any, findings: Findings) -> None:
    _check_field_name(name, findings)
    if not _check_keys(spec, _CREDENTIAL_KEYS, findings):
        return
    if "env" not in spec and "file" not in spec:
        findings.error("needs env, the environment variable that carries it, or file, the name of a file that holds it")
    if "env" in spec and not _ENV_NAME.match(spec["env"]):
        findings.at("env").error("must be the name of an environment variable in capitals, such as OPENAI_API_KEY")
    if "file" in spec and not _FILE_NAME.match(spec["file"]):
        findings.at("file").error("must be a plain file name without a directory")
    try:
        re.compile(spec.get("pattern", ""))
    except re.error as error:
        findings.at("pattern").error(f"is no regular expression: {error}")


def _check_setting(name: str, spec: t.Any, findings: Findings) -> None:
    _check_field_name(name, findings)
    if _check_keys(spec, _SETTING_KEYS, findings):
        findings.at("type").require_one_of(spec.get("type", "str"), SETTING_TYPES)


def _check_field_name(name: str, findings: Findings) -> None:
    if not _FIELD.match(name):
        findings.error("a field's name holds lower case letters, digits and underscores and starts with a letter")


def _check_model_ids(forms: t.Any, findings: Findings) -> None:
    if not _check_keys(forms, _MODEL_ID_KEYS, findings):
        return
    for key, form in forms.items():
        if form.count("{id}") != 1:
            findings.at(key).error("must hold {id} exactly once")


def _check_check(entry: dict[str, t.Any], findings: Findings) -> None:
    check = entry["check"]
    if not _check_keys(check, _CHECK_KEYS, findings):
        return
    if "url" not in check:
        findings.error("needs url, where the provider lists its models")
    _check_placeholders(check.get("url", ""), entry.get("settings", {}), "setting", findings.at("url"))
    for name, form in check.get("headers", {}).items():
        place = findings.at("headers").at(str(name))
        if not isinstance(form, str):
            place.error("must be text")
        else:
            _check_placeholders(form, entry.get("credentials", {}), "credential", place)


def _check_litellm(litellm: dict[str, t.Any], findings: Findings) -> None:
    if not _check_keys(litellm, _LITELLM_KEYS, findings):
        return
    if not _LITELLM_MODEL.match(litellm.get("model", "")):
        findings.at("model").error(f"must be {_LITELLM_MODEL_WORDS}")
    for field, param in litellm.get("params", {}).items():
        if not isinstance(param, str) or not _FIELD.match(param):
            findings.at("params").at(str(field)).error("must be the name of a parameter of LiteLLM, such as api_base")


def _check_placeholders(form: str, known: t.Mapping[str, t.Any], what: str, findings: Findings) -> None:
    unknown = sorted(set(re.findall(r"\{(\w+)\}", form)) - set(known))
    if unknown:
        findings.error(f"{', '.join(unknown)} is no {what} of the provider")
