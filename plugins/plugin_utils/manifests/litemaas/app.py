# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages where users help themselves: backend and frontend of LiteMaaS. The backend is reached through the frontend only."""

from __future__ import annotations

from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import names
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas import gateway, parts
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas.parts import (
    Blueprint,
    Installation,
    Object,
)

SERVICE_ACCOUNT, OIDC = "service_account", "oidc"

# Users of the images that are no root, where the cluster does not choose one.
_USER = 1001

_CA_VOLUME, _CA_DIRECTORY = "trusted-ca", "/etc/litemaas/trusted-ca"
# On OpenShift it holds the authorities of the API server and of the router, in every namespace.
_CLUSTER_CA = {"name": "kube-root-ca.crt", "key": "ca.crt"}
_API = "https://kubernetes.default.svc"


def objects(plan: Blueprint) -> list[Object]:
    """Backend and frontend; none where they are not asked for."""
    installation = plan.installation
    if not installation["app"]:
        return []
    return [
        *_identity(installation),
        parts.service(names.APP, names.BACKEND, installation, names.APP_PORT),
        parts.service(names.APP, names.FRONTEND, installation, names.APP_PORT),
        _backend(plan),
        _frontend(plan),
        parts.disruption_budget(names.APP, names.BACKEND, installation),
        parts.disruption_budget(names.APP, names.FRONTEND, installation),
    ]


def exposed(plan: Blueprint) -> list[Object]:
    """The Route or the Ingress to the frontend. Its host is part of what the backend is configured with."""
    installation = plan.installation
    if not installation["app"]:
        return []
    return gateway.exposed(
        names.APP, names.APP_ROUTE, names.FRONTEND, names.APP_PORT, installation["app_host"], installation
    )


def _identity(installation: Installation) -> list[Object]:
    """The ServiceAccount that is the OAuth client of OpenShift, and its secret; or the Secret of an OpenID client."""
    if installation["app"]["client_secret_env"]:
        meta = parts.metadata(names.APP, names.OIDC_SECRET, installation)
        return [parts.obj("v1", "Secret", meta, type="Opaque")]
    if installation["app"]["auth"] != SERVICE_ACCOUNT:
        return []
    # A reference and no URL: where the Route's host changes, log-in goes on.
    reference = (
        '{"kind":"OAuthRedirectReference","apiVersion":"v1",'
        f'"reference":{{"kind":"Route","name":"{names.APP_ROUTE}"}}}}'
    )
    account = parts.metadata(
        names.APP,
        names.BACKEND,
        installation,
        annotations={f"serviceaccounts.openshift.io/oauth-redirectreference.{names.APP_ROUTE}": reference},
    )
    token = parts.metadata(
        names.APP,
        names.OAUTH_TOKEN,
        installation,
        annotations={"kubernetes.io/service-account.name": names.BACKEND},
    )
    return [
        parts.obj("v1", "ServiceAccount", account, automountServiceAccountToken=False),
        parts.obj("v1", "Secret", token, type="kubernetes.io/service-account-token"),
    ]


def _backend(plan: Blueprint) -> Object:
    installation = plan.installation
    app, login = installation["app"], parts.login(installation, "litemaas")
    tmp, tmp_mount = parts.writable()
    ca_volumes, ca_mounts, ca_env = _authorities(installation)
    container: Object = {
        "name": "backend",
        "image": app["backend_image"],
        "env": [*_environment(plan, login), *ca_env],
        "ports": [{"name": "http", "containerPort": names.APP_PORT, "protocol": "TCP"}],
        "volumeMounts": [tmp_mount, *ca_mounts, *login.mounts],
        "resources": app["backend_resources"],
        "startupProbe": parts.probe(period=5, timeout=10, failures=36, **_health("live")),
        "readinessProbe": parts.probe(period=10, timeout=10, failures=3, **_health("ready")),
        "livenessProbe": parts.probe(period=15, timeout=10, failures=6, **_health("live")),
        "lifecycle": parts.before_end(),
    }
    spec: Object = {
        "terminationGracePeriodSeconds": parts.SECONDS_TO_END,
        "initContainers": [login.wait],
        "containers": [container],
        "volumes": [tmp, *ca_volumes, *login.volumes],
    }
    if app["auth"] == SERVICE_ACCOUNT:
        spec["serviceAccountName"] = names.BACKEND
    template = parts.pod_template(
        names.APP, names.BACKEND, installation, _USER, spec, **{names.LABEL_DATABASE_CLIENT: "true"}
    )
    # It keeps log-ins that are under way in memory and migrates its database at its start: never two at once.
    return parts.deployment(
        names.BACKEND, installation, names.APP, 1, template, strategy={"type": "Recreate"}, progressDeadlineSeconds=600
    )


def _health(what: str) -> Object:
    return parts.http(f"/api/v1/health/{what}", names.APP_PORT)


def _environment(plan: Blueprint, login: parts.Login) -> list[Object]:
    installation = plan.installation
    app, secrets, logins = installation["app"], installation["secrets"], installation["database"]["logins"]
    litellm, backend = secrets["litellm"]["name"], secrets["backend"]["name"]
    internal = f"http://{names.LITELLM}.{installation['namespace']}.svc:{names.LITELLM_PORT}"
    found = [
        *login.env,
        parts.node_url("DATABASE_URL", logins["litemaas"]),
        *_models_url(installation),
        parts.value("NODE_ENV", "production"),
        parts.value("HOST", "0.0.0.0"),  # noqa: S104 - of a pod
        parts.value("PORT", str(names.APP_PORT)),
        parts.from_secret("JWT_SECRET", backend, names.JWT_SECRET),
        parts.from_secret("ADMIN_API_KEYS", backend, names.ADMIN_API_KEY),
        # Users are shown it, too.
        parts.value("LITELLM_API_URL", plan.url or internal),
        parts.from_secret("LITELLM_API_KEY", litellm, names.MASTER_KEY),
        # By its name the master key; in fact what keys of providers are encrypted with, so it must outlive that.
        parts.from_secret("LITELLM_MASTER_KEY", backend, names.ENCRYPTION_KEY),
        *_authentication(installation),
    ]
    if plan.app_url:
        found += [
            parts.value("OAUTH_CALLBACK_URL", f"{plan.app_url}/api/auth/callback"),
            parts.value("CORS_ORIGIN", plan.app_url),
        ]
    if app["admin_users"]:
        found.append(parts.value("INITIAL_ADMIN_USERS", ",".join(app["admin_users"])))
    found += [parts.value(name, str(text)) for name, text in sorted(app["env"].items())]
    used = [litellm, backend, logins["litemaas"]["secret"], (app["client_secret"] or {}).get("name")]
    return [*found, parts.value(parts.REVISION, parts.revision([plan.revisions.get(name) for name in used if name]))]


def _models_url(installation: Installation) -> list[Object]:
    """Where the backend reads which models LiteLLM has. In the server that we deploy, its own role may read them."""
    database = installation["database"]
    if not database["external"]:
        own = database["logins"]["litemaas"]
        return [parts.node_url("LITELLM_DATABASE_URL", own, database=names.LITELLM_DATABASE)]
    given, prefix = database["logins"]["litellm"], "LITELLM_"
    return [*parts.login_variables(given, prefix), parts.node_url("LITELLM_DATABASE_URL", given, prefix)]


def _authentication(installation: Installation) -> list[Object]:
    app = installation["app"]
    if app["auth"] == SERVICE_ACCOUNT:
        client = f"system:serviceaccount:{installation['namespace']}:{names.BACKEND}"
        return [
            parts.value("AUTH_PROVIDER", "openshift"),
            parts.value("OAUTH_ISSUER", app["issuer"]),
            parts.value("OAUTH_CLIENT_ID", client),
            parts.from_secret("OAUTH_CLIENT_SECRET", names.OAUTH_TOKEN, "token"),
            parts.value("OPENSHIFT_API_URL", _API),
        ]
    found = [
        parts.value("AUTH_PROVIDER", "oidc"),
        parts.value("OAUTH_ISSUER", app["issuer"]),
        parts.value("OAUTH_CLIENT_ID", app["client_id"]),
        parts.from_secret("OAUTH_CLIENT_SECRET", app["client_secret"]["name"], app["client_secret"]["key"]),
    ]
    for name, given in (("OIDC_GROUPS_CLAIM", app["groups_claim"]), ("OIDC_SCOPES", app["scopes"])):
        if given:
            found.append(parts.value(name, given))
    return found


def _authorities(installation: Installation) -> tuple[list[Object], list[Object], list[Object]]:
    """Whom the backend trusts beside the public authorities: volumes, mounts and variables."""
    bundle = installation["egress"]["ca_bundle"]
    given = installation["app"]["ca"] or bundle or (_CLUSTER_CA if installation["openshift"] else None)
    if not given:
        return [], [], []
    items = [{"key": given["key"], "path": given["key"]}]
    return (
        [{"name": _CA_VOLUME, "configMap": {"name": given["name"], "items": items}}],
        [{"name": _CA_VOLUME, "mountPath": _CA_DIRECTORY, "readOnly": True}],
        [parts.value("NODE_EXTRA_CA_CERTS", f"{_CA_DIRECTORY}/{given['key']}")],
    )


def _frontend(plan: Blueprint) -> Object:
    installation = plan.installation
    app = installation["app"]
    tmp, tmp_mount = parts.writable()
    root = parts.http("/", names.APP_PORT)
    container: Object = {
        "name": "frontend",
        "image": app["frontend_image"],
        "env": [parts.value("BACKEND_URL", f"http://{names.BACKEND}.{installation['namespace']}.svc:{names.APP_PORT}")],
        "ports": [{"name": "http", "containerPort": names.APP_PORT, "protocol": "TCP"}],
        "volumeMounts": [tmp_mount],
        "resources": app["frontend_resources"],
        "readinessProbe": parts.probe(period=10, timeout=5, failures=3, **root),
        "livenessProbe": parts.probe(period=15, timeout=10, failures=6, **root),
        "lifecycle": parts.before_end(),
    }
    spec = {
        "terminationGracePeriodSeconds": parts.SECONDS_TO_END,
        "containers": [container],
        "volumes": [tmp],
    }
    template = parts.pod_template(names.APP, names.FRONTEND, installation, _USER, spec)
    return parts.deployment(
        names.FRONTEND,
        installation,
        names.APP,
        app["replicas"],
        template,
        strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}},
    )
