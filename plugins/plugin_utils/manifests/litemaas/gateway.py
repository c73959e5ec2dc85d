# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LiteLLM: its Deployment, the Job that migrates its database before several replicas start, and where callers find it."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base import yaml_text
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import names
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas import parts
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas.parts import (
    Blueprint,
    Installation,
    Object,
)

CONFIG_DIRECTORY = "/etc/litellm"
_CONFIG_FILE = "config.yaml"

_BUNDLE_VOLUME, _BUNDLE_DIRECTORY = "ca-bundle", "/etc/litemaas/ca-bundle"
# Models within the cluster are called without a proxy, whatever else is.
_WITHIN = (".svc", ".cluster.local")

# What LiteLLM opens of connections per worker, and the seconds that it waits for one.
POOL = 10
_POOL_TIMEOUT = 60
# So many more pods than replicas there are for a while in a rollout.
SURGE = 1

# A user of the image that is no root, where the cluster does not choose one.
_USER = 65534
# An answer of a model may take long, and a stream longer: the router of OpenShift cuts at 30 seconds.
TIMEOUT = "600s"
# What lets the query engine start before the pod before it goes, so that no spend is lost in a rollout.
_MIN_READY = 15

ROUTE, INGRESS = "route", "ingress"


def objects(plan: Blueprint) -> list[Object]:
    """What runs LiteLLM, and where callers find it."""
    installation = plan.installation
    return [
        config(installation),
        parts.service(names.GATEWAY, names.LITELLM, installation, names.LITELLM_PORT),
        _deployment(plan),
        parts.disruption_budget(names.GATEWAY, names.LITELLM, installation),
        *exposed(names.GATEWAY, names.LITELLM, names.LITELLM, names.LITELLM_PORT, installation["host"], installation),
    ]


def migrates(installation: Installation) -> bool:
    """Whether a Job migrates the database: several pods that do so at once stand in each other's way."""
    return installation["replicas"] > 1


def migration(plan: Blueprint) -> list[Object]:
    """The Job that migrates the database of LiteLLM. Its name changes with the image, for a Job is never changed."""
    installation = plan.installation
    if not migrates(installation):
        return []
    spec = _pod(plan, migrating=True)
    spec["restartPolicy"] = "Never"
    template = parts.pod_template(
        names.GATEWAY,
        names.MIGRATION,
        installation,
        _USER,
        spec,
        **{names.LABEL_DATABASE_CLIENT: "true"},
    )
    job = parts.obj(
        "batch/v1",
        "Job",
        parts.metadata(names.GATEWAY, migration_name(installation), installation),
        spec={"backoffLimit": 3, "activeDeadlineSeconds": 1800, "template": template},
    )
    return [config(installation), job]


def migration_name(installation: Installation) -> str:
    """The name of the Job for the image and the database of an installation."""
    login = installation["database"]["logins"]["litellm"]
    return f"{names.MIGRATION}-{parts.revision(installation['image'], login)[:10]}"


def config(installation: Installation) -> Object:
    """The configuration file. Models are in the database; the file is there always, for Redis is read from it only."""
    general: Object = {
        "store_model_in_db": True,
        "database_connection_pool_limit": POOL,
        "database_connection_timeout": _POOL_TIMEOUT,
    }
    redis = installation["redis"]
    if redis:
        general["coordination_redis"] = {"host": redis["host"], "port": redis["port"]}
        if redis["secret"]:
            general["coordination_redis"]["password"] = "os.environ/REDIS_PASSWORD"  # noqa: S105 - a reference
        if redis["ssl"]:
            general["coordination_redis"]["ssl"] = True
    text = yaml_text.dump({"general_settings": general})
    return parts.config_map(names.GATEWAY, names.LITELLM_CONFIG, installation, {_CONFIG_FILE: text})


def _deployment(plan: Blueprint) -> Object:
    installation = plan.installation
    template = parts.pod_template(
        names.GATEWAY,
        names.LITELLM,
        installation,
        _USER,
        _pod(plan, migrating=False),
        **{names.LABEL_DATABASE_CLIENT: "true"},
    )
    if installation["replicas"] > 1:
        template["spec"]["topologySpreadConstraints"] = [
            {
                "maxSkew": 1,
                "topologyKey": "kubernetes.io/hostname",
                "whenUnsatisfiable": "ScheduleAnyway",
                "labelSelector": {"matchLabels": names.pod_selector(names.LITELLM, installation["set"])},
            }
        ]
    return parts.deployment(
        names.LITELLM,
        installation,
        names.GATEWAY,
        installation["replicas"],
        template,
        minReadySeconds=_MIN_READY,
        # A start may take five minutes, and as long as that again where the database is migrated.
        progressDeadlineSeconds=1200,
        strategy={"type": "RollingUpdate", "rollingUpdate": {"maxSurge": SURGE, "maxUnavailable": 0}},
    )


def _pod(plan: Blueprint, migrating: bool) -> Object:
    installation = plan.installation
    login = parts.login(installation, "litellm")
    files, files_mount = parts.config_volume(names.LITELLM_CONFIG, CONFIG_DIRECTORY)
    tmp, tmp_mount = parts.writable()
    bundle, bundle_mount = _bundle(installation["egress"]["ca_bundle"])
    args = ["--config", f"{CONFIG_DIRECTORY}/{_CONFIG_FILE}"]
    container: Object = {
        "name": names.MIGRATION if migrating else names.LITELLM,
        "image": installation["image"],
        "args": [*args, "--skip_server_startup"] if migrating else [*args, "--port", str(names.LITELLM_PORT)],
        "env": _environment(plan, login, migrating),
        "volumeMounts": [files_mount, tmp_mount, *login.mounts, *bundle_mount],
        "resources": installation["resources"],
    }
    if not migrating:
        container.update(
            ports=[{"name": "http", "containerPort": names.LITELLM_PORT, "protocol": "TCP"}],
            lifecycle=parts.before_end(),
            **_probes(),
        )
    return {
        "terminationGracePeriodSeconds": parts.SECONDS_TO_END,
        "initContainers": [login.wait],
        "containers": [container],
        "volumes": [files, tmp, *login.volumes, *bundle],
    }


def _environment(plan: Blueprint, login: parts.Login, migrating: bool) -> list[Object]:
    installation = plan.installation
    secret = installation["secrets"]["litellm"]["name"]
    # The Job migrates, or where there is none, LiteLLM at its start.
    migrates_itself = migrating or not migrates(installation)
    found = [
        *login.env,
        parts.prisma_url(installation),
        *(
            parts.from_secret(key, secret, key)
            for key in (names.MASTER_KEY, names.SALT_KEY, names.UI_USERNAME, names.UI_PASSWORD)
        ),
        parts.value("STORE_MODEL_IN_DB", "True"),
        parts.value("LITELLM_MODE", "PRODUCTION"),
        parts.value("DISABLE_SCHEMA_UPDATE", "false" if migrates_itself else "true"),
        # Nothing is fetched at a start: neither prices, which change under running budgets, nor tokenizers.
        parts.value("LITELLM_LOCAL_MODEL_COST_MAP", "True"),
        parts.value("HF_HUB_OFFLINE", "1"),
        # What it writes goes where any user id may write.
        parts.value("LITELLM_MIGRATION_DIR", "/tmp/litellm/migrations"),  # noqa: S108 - the folder of the pod
        parts.value("LITELLM_UI_PATH", "/tmp/litellm/ui"),  # noqa: S108
        parts.value("LITELLM_ASSETS_PATH", "/tmp/litellm/assets"),  # noqa: S108
    ]
    found += [parts.value(name, text) for name, text in _outward(installation["egress"]).items()]
    redis = installation["redis"]
    if redis and redis["secret"]:
        found.append(parts.from_secret("REDIS_PASSWORD", redis["secret"]["name"], redis["secret"]["key"]))
    revision = parts.revision(
        config(installation)["data"],
        plan.revisions.get(secret),
        plan.revisions.get(installation["database"]["logins"]["litellm"]["secret"]),
    )
    return found if migrating else [*found, parts.value(parts.REVISION, revision)]


def _outward(egress: t.Mapping[str, t.Any]) -> dict[str, str]:
    """The variables by which LiteLLM gets to the providers."""
    found = {}
    if egress["proxy"]:
        given = egress["no_proxy"].split(",")
        direct = [*given, *(each for each in _WITHIN if each not in given)]
        found = {"HTTP_PROXY": egress["proxy"], "HTTPS_PROXY": egress["proxy"], "NO_PROXY": ",".join(direct)}
    if egress["ca_bundle"]:
        found["SSL_CERT_FILE"] = f"{_BUNDLE_DIRECTORY}/{egress['ca_bundle']['key']}"
    return found


def _bundle(given: t.Mapping[str, str] | None) -> tuple[list[Object], list[Object]]:
    """Volume and mount of the authorities that are trusted for the providers; none where those of the image are."""
    if not given:
        return [], []
    items = [{"key": given["key"], "path": given["key"]}]
    volume = {"name": _BUNDLE_VOLUME, "configMap": {"name": given["name"], "items": items}}
    return [volume], [{"name": _BUNDLE_VOLUME, "mountPath": _BUNDLE_DIRECTORY, "readOnly": True}]


def _probes() -> Object:
    """A first start migrates and may take minutes. A busy process answers late, and a short outage of the database must
    not empty the Service: readiness follows the database."""
    alive = parts.http("/health/liveliness", names.LITELLM_PORT)
    ready = parts.http("/health/readiness", names.LITELLM_PORT)
    return {
        "startupProbe": parts.probe(period=5, timeout=10, failures=120, **alive),
        "readinessProbe": parts.probe(period=10, timeout=10, failures=6, **ready),
        "livenessProbe": parts.probe(period=15, timeout=10, failures=6, **alive),
    }


def exposed(
    part: str, name: str, service: str, port: int, host: str | None, installation: Installation
) -> list[Object]:
    """The Route or the Ingress to a Service, or none."""
    if installation["expose"] == ROUTE:
        return [_route(part, name, service, host, installation)]
    if installation["expose"] == INGRESS:
        return [_ingress(part, name, service, port, t.cast(str, host), installation)]
    return []


def _route(part: str, name: str, service: str, host: str | None, installation: Installation) -> Object:
    tls: Object = {"termination": "edge", "insecureEdgeTerminationPolicy": "Redirect"}
    if installation["tls_secret"]:
        tls["externalCertificate"] = {"name": installation["tls_secret"]}
    spec: Object = {
        "to": {"kind": "Service", "name": service, "weight": 100},
        "port": {"targetPort": "http"},
        "tls": tls,
        "wildcardPolicy": "None",
    }
    if host:
        spec["host"] = host
    annotations = {
        "haproxy.router.openshift.io/timeout": TIMEOUT,
        "haproxy.router.openshift.io/timeout-tunnel": TIMEOUT,
    }
    return parts.obj(
        "route.openshift.io/v1", "Route", parts.metadata(part, name, installation, annotations=annotations), spec=spec
    )


def _ingress(part: str, name: str, service: str, port: int, host: str, installation: Installation) -> Object:
    backend = {"service": {"name": service, "port": {"number": port}}}
    spec: Object = {
        "rules": [{"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}]
    }
    if installation["ingress_class"]:
        spec["ingressClassName"] = installation["ingress_class"]
    # Keys travel here. Without a Secret it is the certificate that the controller has for all.
    secret = {"secretName": installation["tls_secret"]} if installation["tls_secret"] else {}
    spec["tls"] = [{"hosts": [host], **secret}]
    # Of the controllers, one reads these; the others leave them alone.
    annotations = {
        "nginx.ingress.kubernetes.io/proxy-read-timeout": TIMEOUT.rstrip("s"),
        "nginx.ingress.kubernetes.io/proxy-send-timeout": TIMEOUT.rstrip("s"),
        "nginx.ingress.kubernetes.io/proxy-buffering": "off",
        "nginx.ingress.kubernetes.io/proxy-body-size": "50m",
    }
    return parts.obj(
        "networking.k8s.io/v1",
        "Ingress",
        parts.metadata(part, name, installation, annotations=annotations),
        spec=spec,
    )
