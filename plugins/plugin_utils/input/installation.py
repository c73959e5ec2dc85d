# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of LiteMaaS is to be installed: the variables about it checked, and completed by what the cluster is.

L(check) knows no cluster. L(complete) makes an installation of its outcome and of what M(llamastack.maas.litemaas_info)
returned: plain data, from which all objects are built.
"""

from __future__ import annotations

import copy
import re
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import quantities
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import images, names
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import conversion, variables
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.table import Variable

Object = t.Dict[str, t.Any]
At = t.Callable[[str], Findings]

AUTO, ROUTE, INGRESS, NONE = "auto", "route", "ingress", "none"
EXPOSE = (AUTO, ROUTE, INGRESS, NONE)
SERVICE_ACCOUNT, OIDC = "service_account", "oidc"
SSL_MODES = ("disable", "prefer", "require", "verify-ca", "verify-full")
KEEPS = ("database", "namespace")

# What one pod of LiteLLM opens, the Job that migrates, the backend, and what the server keeps for its administrator.
POOL, _MIGRATION_POOL, _BACKEND_POOL, _RESERVED = 10, 10, 20, 3
SURGE = 1

_RESOURCES: conversion.Shape = {"requests": "dict", "limits": "dict"}
_LOGIN: dict[str, conversion.Shape] = {"port": "int", "secret": {"keys": "dict"}}

SHAPES: dict[str, conversion.Shape] = {
    "resources": _RESOURCES,
    "redis": {"port": "int", "ssl": "bool", "secret": {}},
    "database": {
        "max_connections": "int",
        "resources": _RESOURCES,
        "external": {**_LOGIN, "ca": {}, "app": _LOGIN},
    },
    "app": {
        "replicas": "int",
        "admin_users": "names",
        "oidc": {"client_secret": {}},
        "ca": {},
        "env": "dict",
        "backend_resources": _RESOURCES,
        "frontend_resources": _RESOURCES,
    },
    "secrets": {},
}

VARIABLES = (
    Variable("image", "str", images.LITELLM, "Image of LiteLLM; its tag names the version.", True),
    Variable("replicas", "int", 1, "Number of pods of LiteLLM.", True),
    Variable("resources", "dict", {}, "Resources of a pod of LiteLLM: requests, limits.", True),
    Variable(
        "redis",
        "dict",
        {},
        "Redis by which several pods of LiteLLM know at once what has changed: host, port, ssl, secret {name, key}.",
        True,
    ),
    Variable("image_pull_secrets", "names", [], "Names of the Secrets to pull the images with.", True),
    Variable("host", "str", None, "Host of the gateway; on OpenShift the router gives one where it is left out.", True),
    Variable("app_host", "str", None, "Host of the pages of LiteMaaS, likewise.", True),
    Variable(
        "expose",
        "str",
        AUTO,
        "How callers find the gateway: route, ingress, none, or auto for a Route where the cluster has them.",
        True,
    ),
    Variable("ingress_class", "str", None, "Class of the Ingress; default: that of the cluster.", True),
    Variable("tls_secret", "str", None, "Secret with the certificate of the Route or Ingress.", True),
    Variable(
        "database",
        "dict",
        {},
        "PostgreSQL: image, storage, storage_class, max_connections, resources; or external {secret {name, keys}, host,"
        " port, database, username, sslmode, ca {kind, name, key}, app {the same for LiteMaaS}}.",
        True,
    ),
    Variable(
        "app",
        "dict",
        None,
        "The pages of LiteMaaS, absent for none: version, backend_image, frontend_image, replicas, auth, issuer, oidc"
        " {issuer, client_id, client_secret_env or client_secret {name, key}, scopes, groups_claim}, admin_users, ca"
        " {name, key}, env, backend_resources, frontend_resources.",
        True,
    ),
    Variable(
        "secrets",
        "dict",
        {},
        "Secrets of yours to use in place of those that are made: litellm, database, backend.",
        True,
    ),
    Variable("keep", "names", [], "What remove leaves: database, namespace."),
    Variable("confirm_data_loss", "bool", False, "Whether remove may delete the database with all keys and spend."),
)

_DATABASE_KEYS = ("image", "storage", "storage_class", "max_connections", "resources", "external")
_LOGIN_KEYS = ("secret", "host", "port", "database", "username", "sslmode")
_APP_KEYS = (
    *("version", "backend_image", "frontend_image", "replicas", "auth", "issuer", "oidc", "admin_users", "ca", "env"),
    *("backend_resources", "frontend_resources"),
)
_OIDC_KEYS = ("issuer", "client_id", "client_secret_env", "client_secret", "scopes", "groups_claim")
_PARTS_OF_LOGIN = ("uri", "username", "password", "host", "port", "database")
_SECRETS = {"litellm": names.LITELLM_SECRET, "database": names.DATABASE_SECRET, "backend": names.BACKEND_SECRET}

#: The fields that each Secret must have.
FIELDS = {
    "litellm": (names.MASTER_KEY, names.SALT_KEY, names.UI_USERNAME, names.UI_PASSWORD),
    "database": (names.ADMIN_PASSWORD, names.LITELLM_PASSWORD, names.LITEMAAS_PASSWORD),
    "backend": (names.JWT_SECRET, names.ADMIN_API_KEY, names.ENCRYPTION_KEY),
}

# How the fields are called in the Secrets of CloudNativePG and of Crunchy.
_CONVENTIONAL = {
    "uri": ("uri",),
    "username": ("username", "user"),
    "password": ("password",),
    "host": ("host",),
    "port": ("port",),
    "database": ("dbname", "database"),
}

_DEFAULTS: dict[str, Object] = {
    "resources": {"requests": {"cpu": "250m", "memory": "1Gi"}, "limits": {"memory": "2Gi"}},
    "database": {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "1Gi"}},
    "backend": {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"memory": "512Mi"}},
    "frontend": {"requests": {"cpu": "50m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}},
}

_ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/@-]*\Z")


def check(values: Object, at: At) -> None:
    """Report what is wrong with the variables about the installation, and bring them into their full shape."""
    _check_image(values["image"], images.litellm_problem, at("image"))
    if values["replicas"] < 1:
        at("replicas").error("must be 1 or more")
    values["resources"] = _resources(values["resources"], _DEFAULTS["resources"], at("resources"))
    values["redis"] = _redis(values["redis"], at("redis"))
    for name in ("host", "app_host"):
        if values[name] is not None and not variables.is_host(values[name]):
            at(name).error("must be the name of a host, without https:// and without a port")
    at("expose").require_one_of(values["expose"], EXPOSE)
    for name in ("ingress_class", "tls_secret"):
        if values[name] is not None:
            variables.check_object_name(values[name], at(name))
    for index, name in enumerate(values["image_pull_secrets"]):
        variables.check_object_name(name, at("image_pull_secrets").at(index))
    values["database"] = _database(values["database"], at("database"))
    if values["app"] is not None:
        values["app"] = _app(values["app"], at("app"))
    values["secrets"] = _secrets(values["secrets"], at("secrets"))
    for index, each in enumerate(values["keep"]):
        at("keep").at(index).require_one_of(each, KEEPS)


def _check_image(given: t.Any, problem: t.Callable[[str], str], findings: Findings) -> None:
    if not isinstance(given, str) or not _IMAGE.match(given):
        findings.error("must be the name of an image")
        return
    found = problem(given)
    if found:
        findings.error(found)


def _resources(given: t.Any, default: Object, findings: Findings) -> Object:
    found = copy.deepcopy(default)
    if conversion.is_blank(given):
        return found
    if not isinstance(given, dict):
        findings.error("must be a mapping with requests and limits")
        return found
    findings.refuse_unknown_keys(given, ("requests", "limits"))
    for kind in ("requests", "limits"):
        amounts = given.get(kind)
        if amounts is None:
            continue
        if not isinstance(amounts, dict):
            findings.at(kind).error("must be a mapping of resource to amount")
            continue
        for name, amount in amounts.items():
            if not quantities.is_quantity(amount):
                findings.at(kind).at(str(name)).error("must be an amount, such as 500m or 2Gi")
        found[kind].update({name: str(amount) for name, amount in amounts.items()})
    return found


def _key_of(given: t.Any, keys: t.Sequence[str], findings: Findings) -> Object | None:
    """A Secret or ConfigMap and a key of it."""
    if not isinstance(given, dict):
        findings.error(f"must be a mapping with {' and '.join(keys)}")
        return None
    findings.refuse_unknown_keys(given, keys)
    for key in keys:
        if key == "name":
            variables.check_object_name(given.get("name"), findings.at("name"))
        elif not isinstance(given.get(key), str) or not given[key]:
            findings.at(key).error("is missing")
    return dict(given)


def _redis(given: Object, findings: Findings) -> Object | None:
    if not given:
        return None
    findings.refuse_unknown_keys(given, ("host", "port", "ssl", "secret"))
    if not isinstance(given.get("host"), str) or not variables.is_host(given["host"]):
        findings.at("host").error("must be the name of the host of Redis")
    secret = given.get("secret")
    return {
        "host": given.get("host"),
        "port": _port(given.get("port", 6379), findings.at("port")),
        "ssl": given.get("ssl", False),
        "secret": _key_of(secret, ("name", "key"), findings.at("secret")) if secret else None,
    }


def _port(given: t.Any, findings: Findings) -> t.Any:
    if not isinstance(given, int) or isinstance(given, bool) or not 0 < given < 65536:
        findings.error("must be the number of a port")
    return given


def _database(given: Object, findings: Findings) -> Object:
    findings.refuse_unknown_keys(given, _DATABASE_KEYS)
    image = given.get("image", images.POSTGRES)
    _check_image(image, _postgres_problem, findings.at("image"))
    if given.get("storage") is not None and not quantities.is_quantity(given["storage"]):
        findings.at("storage").error("must be an amount, such as 10Gi")
    if given.get("storage_class") is not None:
        variables.check_object_name(given["storage_class"], findings.at("storage_class"))
    connections = given.get("max_connections")
    if connections is not None and (not isinstance(connections, int) or connections < 1):
        findings.at("max_connections").error("must be a number of connections")
    external = given.get("external")
    if external is not None:
        for key in ("storage", "storage_class", "resources"):
            if key in given:
                findings.at(key).error("is for a server that is deployed, and external names another one")
        external = _external(external, findings.at("external"))
    return {
        "image": image,
        "storage": given.get("storage"),
        "storage_class": given.get("storage_class"),
        "max_connections": connections,
        "resources": _resources(given.get("resources"), _DEFAULTS["database"], findings.at("resources")),
        "external": external,
    }


def _postgres_problem(image: str) -> str:
    if images.postgres(image):
        return ""
    return (
        "is of no family of images that is known: those of sclorg are called like postgresql-16-c9s or"
        " rhel9/postgresql-16, those of docker-library postgres:16"
    )


def _external(given: t.Any, findings: Findings) -> Object | None:
    if not isinstance(given, dict):
        findings.error("must be a mapping with secret")
        return None
    findings.refuse_unknown_keys(given, (*_LOGIN_KEYS, "ca", "app"))
    found = _login(given, findings)
    authority = given.get("ca")
    found["ca"] = _authority(authority, findings.at("ca")) if authority else None
    found["app"] = None
    if given.get("app") is not None:
        app = findings.at("app")
        if isinstance(given["app"], dict):
            app.refuse_unknown_keys(given["app"], _LOGIN_KEYS)
            found["app"] = _login(given["app"], app)
        else:
            app.error("must be a mapping with secret, as that of LiteLLM")
    return found


def _authority(given: t.Any, findings: Findings) -> Object | None:
    kind = given.get("kind", "Secret") if isinstance(given, dict) else "Secret"
    findings.at("kind").require_one_of(kind, ("Secret", "ConfigMap"))
    found = _key_of({**given, "kind": kind} if isinstance(given, dict) else given, ("kind", "name", "key"), findings)
    return found


def _login(given: Object, findings: Findings) -> Object:
    secret = given.get("secret")
    if isinstance(secret, dict):
        findings.at("secret").refuse_unknown_keys(secret, ("name", "keys"))
        variables.check_object_name(secret.get("name"), findings.at("secret").at("name"))
        keys = secret.get("keys") or {}
        if isinstance(keys, dict):
            findings.at("secret").at("keys").refuse_unknown_keys(keys, _PARTS_OF_LOGIN)
        else:
            findings.at("secret").at("keys").error("must be a mapping, such as password: the name of the field")
            keys = {}
        secret = {"name": secret.get("name"), "keys": keys}
    else:
        findings.at("secret").error("must be a mapping with the name of the Secret that holds the password")
        secret = {"name": None, "keys": {}}
    if given.get("host") is not None and not variables.is_host(given["host"]):
        findings.at("host").error("must be the name of a host, without a port")
    if given.get("port") is not None:
        _port(given["port"], findings.at("port"))
    if given.get("sslmode") is not None:
        findings.at("sslmode").require_one_of(given["sslmode"], SSL_MODES)
    return {**{key: given.get(key) for key in _LOGIN_KEYS}, "secret": secret}


def _app(given: Object, findings: Findings) -> Object:
    findings.refuse_unknown_keys(given, _APP_KEYS)
    version = given.get("version", images.LITEMAAS)
    found: Object = {
        "backend_image": given.get("backend_image", images.BACKEND.rpartition(":")[0] + f":{version}"),
        "frontend_image": given.get("frontend_image", images.FRONTEND.rpartition(":")[0] + f":{version}"),
        "replicas": given.get("replicas", 1),
        "auth": given.get("auth"),
        "issuer": given.get("issuer"),
        "client_id": None,
        "client_secret": None,
        "client_secret_env": None,
        "scopes": None,
        "groups_claim": None,
        "admin_users": given.get("admin_users") or [],
        "ca": _key_of(given["ca"], ("name", "key"), findings.at("ca")) if given.get("ca") else None,
        "env": given.get("env") or {},
    }
    for part in ("backend", "frontend"):
        _check_image(found[f"{part}_image"], lambda image: "", findings.at(f"{part}_image"))
        key = f"{part}_resources"
        found[key] = _resources(given.get(key), _DEFAULTS[part], findings.at(key))
    if not isinstance(found["replicas"], int) or found["replicas"] < 1:
        findings.at("replicas").error("must be 1 or more")
    if found["auth"] is not None:
        findings.at("auth").require_one_of(found["auth"], (SERVICE_ACCOUNT, OIDC))
    _check_issuer(found["issuer"], findings.at("issuer"))
    if not isinstance(found["env"], dict) or not all(
        isinstance(name, str) and _ENVIRONMENT_NAME.match(name) and not isinstance(text, (dict, list))
        for name, text in found["env"].items()
    ):
        findings.at("env").error("must be a mapping of environment variable to text")
        found["env"] = {}
    found["oidc"] = given.get("oidc") is not None
    if found["oidc"]:
        _oidc(given["oidc"], found, findings.at("oidc"))
    elif found["auth"] == OIDC:
        findings.at("oidc").error("is missing: issuer, client_id, and client_secret_env or client_secret")
    return found


def _check_issuer(issuer: t.Any, findings: Findings) -> None:
    if issuer is not None and variables.url_problem(issuer):
        findings.error("must be a URL that starts with https:// or http://, or the backend does not start")


def _oidc(given: t.Any, found: Object, findings: Findings) -> None:
    if not isinstance(given, dict):
        findings.error("must be a mapping with issuer, client_id, and client_secret_env or client_secret")
        return
    findings.refuse_unknown_keys(given, _OIDC_KEYS)
    for key in ("issuer", "client_id"):
        if not isinstance(given.get(key), str) or not given[key]:
            findings.at(key).error("is missing")
        else:
            found[key] = given[key]
    _check_issuer(given.get("issuer") or None, findings.at("issuer"))
    sources = [key for key in ("client_secret_env", "client_secret") if given.get(key)]
    if len(sources) != 1:
        findings.error("needs one of client_secret_env and client_secret")
    if given.get("client_secret_env"):
        found["client_secret_env"] = given["client_secret_env"]
        found["client_secret"] = {"name": names.OIDC_SECRET, "key": names.OAUTH_CLIENT_SECRET}
    elif given.get("client_secret"):
        found["client_secret"] = _key_of(given["client_secret"], ("name", "key"), findings.at("client_secret"))
    found["scopes"], found["groups_claim"] = given.get("scopes"), given.get("groups_claim")


def _secrets(given: Object, findings: Findings) -> Object:
    findings.refuse_unknown_keys(given, _SECRETS)
    for key, name in given.items():
        if key in _SECRETS:
            variables.check_object_name(name, findings.at(key))
    return {
        key: {"name": given.get(key) or default, "managed": not given.get(key)} for key, default in _SECRETS.items()
    }


def secret_names(values: Object) -> list[str]:
    """The Secrets that the reading of the cluster looks at."""
    found = [values["secrets"][key]["name"] for key in _needed(values)]
    external = values["database"]["external"]
    if external:
        found += [login["secret"]["name"] for login in (external, external["app"]) if login]
    app, redis = values["app"], values["redis"]
    if app and app["client_secret"]:
        found.append(app["client_secret"]["name"])
    if redis and redis["secret"]:
        found.append(redis["secret"]["name"])
    return [name for name in dict.fromkeys(found) if isinstance(name, str)]


def _needed(values: Object) -> list[str]:
    return ["litellm", *["database"] * (not values["database"]["external"]), *["backend"] * (values["app"] is not None)]


class Completed(t.NamedTuple):
    """An installation, of use where C(findings) has no errors."""

    installation: Object
    findings: Findings


def complete(values: Object, seen: t.Mapping[str, t.Any], environment: t.Mapping[str, str] | None = None) -> Completed:
    """The installation that the checked variables describe on a cluster.

    C(seen): what M(llamastack.maas.litemaas_info) returned; empty where no cluster is read, as for files: what follows
    from it is taken as given then.
    """
    findings = Findings()

    def at(name: str) -> Findings:
        return findings.at(f"litemaas_{name}")

    if len(values["set"]) > names.SET_MAX:
        findings.at("llamastack_maas_set").error(f"must have at most {names.SET_MAX} characters for LiteMaaS")
    warning = images.litellm_warning(values["image"])
    if warning:
        at("image").warn(warning)
    if values["replicas"] > 1 and not values["redis"]:
        at("redis").warn(
            f"is not given, and there are {values['replicas']} replicas: a key that is revoked or changed works for up to"
            " 60 s on the others, and a model that is changed for 30 s"
        )
    expose = _exposed(values, seen, at)
    openshift = seen.get("openshift", expose == ROUTE)
    installation: Object = {
        "namespace": values["namespace"],
        "set": values["set"],
        "openshift": openshift,
        "makes_namespace": _makes_namespace(seen),
        "image": values["image"],
        "replicas": values["replicas"],
        "resources": values["resources"],
        "image_pull_secrets": values["image_pull_secrets"],
        "redis": values["redis"],
        "egress": values["egress"],
        "expose": expose,
        "host": values["host"],
        "app_host": values["app_host"],
        "ingress_class": _ingress_class(values, seen, expose, at("ingress_class")),
        "tls_secret": values["tls_secret"],
        "secrets": values["secrets"],
        "database": _completed_database(values, seen, at("database")),
        "app": _completed_app(values, seen, expose, openshift, environment or {}, at("app")),
    }
    _check_connections(installation, values["database"]["max_connections"], at("database"))
    _check_secrets(values, seen, at("secrets"))
    return Completed(installation, findings)


def _makes_namespace(seen: t.Mapping[str, t.Any]) -> bool:
    """What may not be seen is there, for who may see nothing of it may not make it either."""
    namespace = seen.get("namespace_state", "absent")
    return namespace in ("absent", "ours")


def _exposed(values: Object, seen: t.Mapping[str, t.Any], at: At) -> str:
    expose = values["expose"]
    if expose == AUTO:
        if not seen:
            at("expose").error("must be route, ingress or none where no cluster is read")
            return NONE
        expose = ROUTE if seen["routes"] else INGRESS
    if expose == ROUTE and seen and not seen["routes"]:
        at("expose").error("is route, and the cluster has no Routes; give ingress or none")
    if expose == INGRESS:
        for name, needed in (("host", True), ("app_host", values["app"] is not None)):
            if needed and not values[name]:
                at(name).error(
                    "is missing: an Ingress needs the host by which callers find it. Give the host, or set"
                    " litemaas_expose to none, where the gateway is reached within the cluster only"
                )
    if values["host"] and values["host"] == values["app_host"]:
        at("app_host").error("is that of the gateway, too; give it a host of its own")
    return expose


def _ingress_class(values: Object, seen: t.Mapping[str, t.Any], expose: str, findings: Findings) -> str | None:
    given, known = values["ingress_class"], seen.get("ingress_classes")
    if expose != INGRESS or known is None:
        return given
    found = [each["name"] for each in known]
    if given:
        if given not in found:
            findings.error(f"there is no class of that name; the cluster has {', '.join(found) or 'none'}")
        return given
    if any(each["default"] for each in known):
        return None
    if len(found) == 1:
        return found[0]
    if found:
        findings.error(f"is missing: the cluster has no default class, and these: {', '.join(found)}")
    else:
        findings.error("cannot be found: the cluster has no class of Ingresses, so nothing would serve one")
    return None


def _completed_database(values: Object, seen: t.Mapping[str, t.Any], findings: Findings) -> Object:
    given = values["database"]
    if given["external"]:
        return {**given, "external": True, "secret": None, "logins": _external_logins(values, seen, findings)}
    secret = values["secrets"]["database"]["name"]
    before = seen.get("database") or {}
    storage, storage_class = given["storage"], given["storage_class"]
    if before.get("storage"):
        _check_upgrade(before.get("image") or given["image"], given["image"], findings.at("image"))
        for key, now in (("storage", storage), ("storage_class", storage_class)):
            if now is not None and not _same_storage(now, before[key]):
                findings.at(key).error(
                    f"is {now}, and the claim of the StatefulSet has {before[key] or 'none'}, which cannot be changed there."
                    f" Leave it out; a claim that is to grow is changed itself: {names.claim_of()}"
                )
        storage, storage_class = before["storage"], before["storage_class"]
    else:
        storage = str(storage or "10Gi")
        storage_class = _storage_class(storage_class, seen, findings.at("storage_class"))
    if before.get("claim_state") == "unmanaged":
        findings.error(
            f"PersistentVolumeClaim {values['namespace']}/{names.claim_of()} is there and not managed by this collection;"
            " its data would be taken over. Delete it if nobody needs it, or give another namespace"
        )
    return {
        **given,
        "external": False,
        "secret": secret,
        "storage": storage,
        "storage_class": storage_class,
        "max_connections": given["max_connections"] or 100,
        "logins": {
            "litellm": _own_login(values, secret, names.LITELLM_DATABASE, names.LITELLM_ROLE, names.LITELLM_PASSWORD),
            "litemaas": _own_login(
                values, secret, names.LITEMAAS_DATABASE, names.LITEMAAS_ROLE, names.LITEMAAS_PASSWORD
            ),
        },
    }


def _same_storage(one: t.Any, other: t.Any) -> bool:
    return one == other or quantities.same(one, other)


def _check_upgrade(before: str, now: str, findings: Findings) -> None:
    was, wanted = images.postgres(before), images.postgres(now)
    if was and wanted and was != wanted:
        what = "is of another family of images" if was.family != wanted.family else "is another major version"
        findings.error(
            f"{what} than {before}, which has made the data that are there, and cannot read them. Back up with the playbook"
            " litemaas_backup, and restore into a new installation"
        )


def _storage_class(given: str | None, seen: t.Mapping[str, t.Any], findings: Findings) -> str | None:
    """Given, else the default class, else the only one. Where classes cannot be listed, the claim names none."""
    known = seen.get("storage_classes")
    if known is None:
        if seen and not given:
            findings.warn(
                "is not given, and the classes of the cluster may not be listed: the claim names none, so it is bound only"
                " where the cluster has a default class"
            )
        return given
    found = [each["name"] for each in known]
    if given:
        if given not in found:
            findings.error(f"there is no class of that name; the cluster has {', '.join(found) or 'none'}")
        return given
    defaults = sorted((each for each in known if each["default"]), key=lambda each: (each["created"], each["name"]))
    if defaults:
        return defaults[-1]["name"]
    if len(found) == 1:
        return found[0]
    if found:
        findings.error(f"is missing: the cluster has no default class, and these: {', '.join(found)}")
    else:
        findings.error("cannot be found: the cluster has no storage class, so no volume would be made for the database")
    return None


def _own_login(values: Object, secret: str, database: str, role: str, field: str) -> Object:
    return {
        "host": f"{names.POSTGRES}.{values['namespace']}.svc",
        "port": names.POSTGRES_PORT,
        "database": database,
        "username": role,
        "secret": secret,
        "keys": {"password": field},
        "sslmode": "disable",
        "ca": None,
    }


def _external_logins(values: Object, seen: t.Mapping[str, t.Any], findings: Findings) -> Object:
    external = values["database"]["external"]
    place = findings.at("external")
    found = {"litellm": _external_login(external, external["ca"], seen, place), "litemaas": None}
    if values["app"] is None:
        return found
    if not external["app"]:
        place.at("app").error("is missing: LiteMaaS needs a database of its own, and its login")
        return found
    found["litemaas"] = _external_login(external["app"], external["ca"], seen, place.at("app"))
    one, other = found["litellm"], found["litemaas"]
    if one["secret"] == other["secret"] and one["database"] == other["database"]:
        place.at("app").error(
            "is the database of LiteLLM, too; LiteLLM changes the tables of its database as it likes, so give another one"
        )
    return found


def _external_login(given: Object, authority: Object | None, seen: t.Mapping[str, t.Any], findings: Findings) -> Object:
    name, keys = given["secret"]["name"], dict(given["secret"]["keys"])
    secret = (seen.get("secrets") or {}).get(name)
    place = findings.at("secret")
    fields = None
    if secret and secret["exists"] is not None:
        if not secret["exists"]:
            place.at("name").error(f"there is no Secret {name} in namespace {seen['namespace']}")
        fields = secret["fields"]
    for part, conventional in _CONVENTIONAL.items():
        chosen = next((field for field in conventional if fields is None or field in fields), None)
        if part not in keys and given.get(part) is None and chosen and (fields is not None or part != "uri"):
            keys[part] = chosen
        elif part in keys and fields is not None and secret["exists"] and keys[part] not in fields:
            place.at("keys").at(part).error(f"Secret {name} has no field {keys[part]}; it has {', '.join(fields)}")
    # What is given beside the Secret is meant; its uri would hold something else.
    if any(given.get(part) is not None for part in ("host", "port", "database", "username")):
        keys.pop("uri", None)
    port = given.get("port")
    if port is None and "port" not in keys:
        port = names.POSTGRES_PORT
    login = {**{part: given.get(part) for part in ("host", "database", "username")}, "port": port}
    missing = [
        part
        for part in ("host", "database", "username", "password")
        if login.get(part) is None and part not in keys and "uri" not in keys
    ]
    if missing and (fields is None or (secret and secret["exists"])):
        place.error(
            f"Secret {name} has no field for {', '.join(missing)}; name the fields in keys, or give"
            " host, port, database and username beside it"
        )
    unfit = [
        keys[part] for part in ("username", "password") if keys.get(part) in (secret or {}).get("unfit_for_url", [])
    ]
    if unfit and "uri" not in keys:
        place.error(
            f"in Secret {name}, {', '.join(unfit)} holds characters that a URL cannot; add a field uri that has them"
            " encoded, or choose a value of letters and digits"
        )
    sslmode = given["sslmode"] or ("verify-full" if authority else "require")
    return {**login, "secret": name, "keys": keys, "sslmode": sslmode, "ca": authority}


def _completed_app(
    values: Object,
    seen: t.Mapping[str, t.Any],
    expose: str,
    openshift: bool,
    environment: t.Mapping[str, str],
    findings: Findings,
) -> Object | None:
    if values["app"] is None:
        return None
    app = dict(values["app"])
    if app["auth"] is None:
        app["auth"] = OIDC if app["oidc"] or not openshift else SERVICE_ACCOUNT
        if app["auth"] == OIDC and not app["oidc"]:
            findings.at("oidc").error(
                "is missing: without OpenShift, users log in by OpenID Connect: issuer, client_id, and client_secret_env or"
                " client_secret"
            )
    if app["auth"] == SERVICE_ACCOUNT:
        if not openshift:
            findings.at("auth").error("is service_account, which is the way of OpenShift; give oidc")
        elif expose != ROUTE:
            findings.at("auth").error("is service_account, which needs a Route to come back to; set litemaas_expose")
        app["issuer"] = app["issuer"] or seen.get("oauth_issuer")
        if not app["issuer"]:
            findings.at("issuer").error(
                "is missing, and could not be read from the cluster: the URL of its OAuth server, such as"
                " https://oauth-openshift.apps.example.com"
            )
    if app["client_secret_env"] and seen and not environment.get(app["client_secret_env"]):
        findings.at("oidc").at("client_secret_env").error(f"environment variable {app['client_secret_env']} is not set")
    return app


def connections(installation: Object) -> int:
    """How many connections all pods may open at once, in a rollout, with what the server keeps for itself."""
    replicas = installation["replicas"]
    return (
        (replicas + SURGE) * POOL
        + _MIGRATION_POOL * (replicas > 1)
        + _BACKEND_POOL * bool(installation["app"])
        + _RESERVED
    )


def _check_connections(installation: Object, given: int | None, findings: Findings) -> None:
    allowed = installation["database"]["max_connections"]
    needed = connections(installation)
    if allowed is not None and needed >= allowed:
        what = "is" if given else "is by default"
        findings.at("max_connections").error(
            f"{what} {allowed}, and {installation['replicas']} replicas, one more in a rollout, the migration and the backend"
            f" may open {needed} connections; give {needed + 1} or more, or fewer replicas"
        )


def _check_secrets(values: Object, seen: t.Mapping[str, t.Any], findings: Findings) -> None:
    for key in _needed(values):
        name, managed = values["secrets"][key]["name"], values["secrets"][key]["managed"]
        secret = (seen.get("secrets") or {}).get(name)
        if not secret or secret["exists"] is None:
            continue
        place = findings.at(key)
        if managed and secret["exists"] and not secret["managed"]:
            place.error(
                f"Secret {values['namespace']}/{name} is there and not managed by this collection. To use it as it is, give"
                f" litemaas_secrets: {{{key}: {name}}}; it is never changed then"
            )
        if not managed and not secret["exists"]:
            place.error(f"there is no Secret {name} in namespace {values['namespace']}")
        elif not managed:
            missing = [
                field for field in FIELDS[key] if field not in secret["fields"] or field in secret["empty_fields"]
            ]
            if missing:
                place.error(f"Secret {name} lacks {', '.join(missing)}.{_ABOUT_SALT * (names.SALT_KEY in missing)}")
    _check_salt(values, seen, findings.at("litellm"))


_ABOUT_SALT = f" Of a LiteLLM that has run without {names.SALT_KEY}, the salt is its first master key: add the field with that value"


def _check_salt(values: Object, seen: t.Mapping[str, t.Any], findings: Findings) -> None:
    """What is in the database was encrypted with one salt, and can be read with no other."""
    salt = seen.get("salt") or {}
    stored, now = salt.get("stored"), salt.get("now")
    name = values["secrets"]["litellm"]["name"]
    if not stored or stored == now:
        return
    if now is None and (seen.get("secrets") or {}).get(name, {}).get("exists") is None:
        return
    what = f"has another {names.SALT_KEY} than" if now else f"has lost the {names.SALT_KEY} of"
    findings.error(
        f"Secret {values['namespace']}/{name} {what} the database, whose models and credentials no other salt can read."
        f" Put the value of before back. Where its data are given up, delete the database and ConfigMap"
        f" {names.LITELLM_SALT} first, by the playbook litemaas_remove"
    )
