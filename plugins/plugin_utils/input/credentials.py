# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the provider's credentials of an instance come from, and whether they can work.

No message of this file holds any part of a value. That includes values in the wrong place: a key that was put where
the name of an environment variable belongs.
"""

from __future__ import annotations

import re
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership
from ansible_collections.llamastack.maas.plugins.module_utils.providers.values import value_problem
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import registry, variables
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.registry import Provider

# The keys of an entry that say where credentials come from, and what each is called in a normalised instance.
SOURCES = {
    "api_key_env": "env",
    "credentials_env": "env",
    "api_key": "value",
    "credentials": "value",
    "credentials_secret": "secret",
}

_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")

# A name with an underscore and no small letter is no key of any provider, so it can be shown.
_PRINTABLE_ENV_NAME = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+\Z")

Entry = t.Mapping[str, t.Any]
SecretInfo = t.Mapping[str, t.Mapping[str, t.Any]]


def normalise(
    entry: Entry, name: str, provider: Provider, findings: Findings, secrets: SecretInfo | None = None
) -> dict[str, t.Any]:
    """The credentials of one entry without their values: source, Secret, fields.

    C(secrets) describes Secrets in the namespace: name to C({exists, fields, empty_fields}). A name that it does not hold
    was not looked at, and is not checked.
    """
    given = [key for key in SOURCES if entry.get(key) is not None]
    if len(given) > 1:
        findings.at(given[1]).error(f"more than one source of credentials: {', '.join(given)}; give one of them")
        return _none()
    if not given:
        _require(set(), provider, findings)
        return _none()
    source = SOURCES[given[0]]
    if source == "secret":
        return _from_secret(entry["credentials_secret"], provider, findings.at("credentials_secret"), secrets or {})
    fields = _given_fields(entry, given[0], provider, findings)
    return {
        "source": source,
        "origin": _origin(given[0], entry[given[0]]),
        "secret": {"name": ownership.secret_name(name), "managed": True},
        "fields": [_field(provider, field, field) for field in sorted(fields)],
    }


def values(entry: Entry, environment: t.Mapping[str, str]) -> dict[str, str]:
    """The values of one entry's credentials by field, of those that are given and found; {} for a foreign Secret."""
    for key, source in SOURCES.items():
        if source == "secret" or entry.get(key) is None:
            continue
        given = _by_field(key, entry[key])
        if source == "value":
            return {field: str(value) for field, value in given.items()}
        return {field: environment[str(name)] for field, name in given.items() if str(name) in environment}
    return {}


def secret_of(entry: Entry) -> str:
    """The name of the Secret that the credentials of an entry are in, empty where it names none."""
    foreign = entry.get("credentials_secret")
    if foreign is None:
        return ownership.secret_name(str(entry.get("name")))
    return str(foreign.get("name") or "") if isinstance(foreign, dict) else ""


def secret_data(
    entries: t.Iterable[Entry], namespace: str, environment: t.Mapping[str, str]
) -> dict[str, dict[str, str]]:
    """The values for the Secrets that are ours, from the entries of the user's list: C(namespace/secret) to fields."""
    found = {
        f"{namespace}/{ownership.secret_name(str(entry.get('name')))}": values(entry, environment) for entry in entries
    }
    return {key: fields for key, fields in found.items() if fields}


def check_values(entry: Entry, provider: Provider, findings: Findings, environment: t.Mapping[str, str]) -> None:
    """Report values that are not there or cannot work; a shape that is not the provider's is a warning."""
    found = values(entry, environment)
    for key, source in SOURCES.items():
        if source == "secret" or entry.get(key) is None:
            continue
        for field, given in _by_field(key, entry[key]).items():
            spec = provider["credentials"].get(field)
            if spec is None or not isinstance(given, str):
                continue
            place = _place(key, field, findings)
            if field in found:
                _check_value(found[field], spec, provider["title"], place)
            elif _ENV_NAME.match(given):
                place.error(
                    f"{_shown(given)} is not set where Ansible runs; export it, or in AAP attach the credential"
                )


def _check_value(value: str, spec: t.Mapping[str, t.Any], title: str, findings: Findings) -> None:
    problem = value_problem(value, is_file=bool(spec.get("file")))
    if problem:
        findings.error(f"the value {problem}")
    elif spec.get("pattern") and not re.fullmatch(spec["pattern"], value):
        looks_like = f" ({spec['looks_like']})" if spec.get("looks_like") else ""
        findings.warn(f"the value does not look like a credential of {title}{looks_like}")


def _given_fields(entry: Entry, key: str, provider: Provider, findings: Findings) -> set[str]:
    """The known fields of a source that is env or value; unknown, missing and malformed ones are reported."""
    given, known = entry[key], provider["credentials"]
    place = findings.at(key)
    if key.startswith("api_key"):
        if "api_key" not in known:
            other = "credentials_env" if SOURCES[key] == "env" else "credentials"
            place.error(f"{provider['title']} has no field api_key; give {other} with {_list(known)}")
            return set()
    elif not isinstance(given, dict):
        place.error(f"must be a mapping with the fields of {provider['title']}: {_list(known)}")
        return set()
    else:
        place.refuse_unknown_keys(given, known, "field")
    fields = {field: value for field, value in _by_field(key, given).items() if field in known and value is not None}
    for field, value in fields.items():
        _check_given(value, SOURCES[key], _place(key, field, findings))
    _require(set(fields), provider, place)
    return set(fields)


def _check_given(value: t.Any, source: str, findings: Findings) -> None:
    if not isinstance(value, str):
        findings.error("must be text; what consists of digits needs quotes")
    elif source == "env" and not _ENV_NAME.match(value):
        findings.error(
            "must be the name of an environment variable; if a key stands here, take it out: it belongs in the "
            "environment or in a vault, not in the list"
        )


def _require(given: set[str], provider: Provider, findings: Findings) -> None:
    missing = [field for field, spec in provider["credentials"].items() if spec["required"] and field not in given]
    if missing and given:
        findings.error(f"{provider['title']} also needs {_list(missing)}")
    elif missing == ["api_key"]:
        findings.error(
            f"{provider['title']} needs a key: give api_key_env (name of an environment variable), api_key (vaulted) or "
            "credentials_secret (a Secret that exists)"
        )
    elif missing:
        findings.error(
            f"{provider['title']} needs {_list(missing)}: give credentials_env (names of environment variables), "
            "credentials (vaulted) or credentials_secret (a Secret that exists)"
        )


def _from_secret(given: t.Any, provider: Provider, findings: Findings, secrets: SecretInfo) -> dict[str, t.Any]:
    if not isinstance(given, dict):
        findings.error("must be a mapping: name of the Secret and, where its fields are called otherwise, keys")
        return _none()
    findings.refuse_unknown_keys(given, ("name", "keys"))
    variables.check_object_name(given.get("name"), findings.at("name"))
    keys = given.get("keys") or {}
    if not isinstance(keys, dict) or not all(isinstance(key, str) for key in keys.values()):
        findings.at("keys").error("must be a mapping of the provider's field to the key in the Secret")
        return _none()
    known = provider["credentials"]
    findings.at("keys").refuse_unknown_keys(keys, known, "field")
    wanted = [field for field, spec in known.items() if field in keys or spec["required"]] or list(known)
    fields = [_field(provider, field, keys.get(field, field)) for field in sorted(wanted)]
    _check_secret(str(given.get("name")), fields, findings, secrets)
    name = str(given.get("name"))
    return {
        "source": "secret",
        "origin": f"Secret {name}",
        "secret": {"name": name, "managed": False},
        "fields": fields,
    }


def _check_secret(name: str, fields: list[dict[str, t.Any]], findings: Findings, secrets: SecretInfo) -> None:
    seen = secrets.get(name)
    if seen is None or seen.get("exists") is None:
        return
    if not seen["exists"]:
        findings.at("name").error(f"there is no Secret {name} in the namespace; create it or give another source")
        return
    has = seen.get("fields") or []
    for field in fields:
        key, place = field["key"], findings.at("keys").at(field["field"])
        if key not in has:
            place.error(f"the Secret {name} has no key {key}; it has: {_list(has)}")
        elif key in (seen.get("empty_fields") or []):
            place.error(f"the key {key} of the Secret {name} is empty")


def _field(provider: Provider, field: str, key: str) -> dict[str, t.Any]:
    spec = provider["credentials"][field]
    return {"field": field, "key": key, "env": spec.get("env"), "file": registry.credential_file(spec)}


def _by_field(key: str, given: t.Any) -> dict[str, t.Any]:
    """What a source gives, by field: C(api_key) and C(api_key_env) are short for the field of that name."""
    if key.startswith("api_key"):
        return {"api_key": given}
    return given if isinstance(given, dict) else {}


def _place(key: str, field: str, findings: Findings) -> Findings:
    return findings.at(key) if key.startswith("api_key") else findings.at(key).at(field)


def _none() -> dict[str, t.Any]:
    return {"source": "none", "origin": "", "secret": None, "fields": []}


def _origin(key: str, given: t.Any) -> str:
    """Where somebody has to look who wants to mend a credential."""
    if SOURCES[key] != "env":
        return f"{key} of the instance"
    return ", ".join(_shown(str(name)) for name in (given.values() if isinstance(given, t.Mapping) else [given]))


def _shown(env_name: str) -> str:
    return f"environment variable {env_name}" if _PRINTABLE_ENV_NAME.match(env_name) else "the environment variable"


def _list(words: t.Iterable[str]) -> str:
    return ", ".join(sorted(words)) or "none"
