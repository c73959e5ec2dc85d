# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the objects of an installation have in common: metadata, pods that run with any user id, and who may log in where.

C(Installation) is plain data, made by C(input/installation.py) and completed by what the cluster is.
"""

from __future__ import annotations

import hashlib
import json
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import images, names

Object = t.Dict[str, t.Any]
Installation = t.Mapping[str, t.Any]

# Whatever changes it rolls the pods, and nothing else of them is touched.
REVISION = "LLAMASTACK_MAAS_REVISION"

_WRITABLE = "/tmp"  # noqa: S108 - the folder of a pod of its own
_CA_VOLUME = "database-ca"
_CA_DIRECTORY = "/etc/litemaas/database-ca"

# As long as this a pod that is to go still answers: until the router and the Services know that it does.
SECONDS_TO_LEAVE = 15
SECONDS_TO_END = 75

_SMALL = {"requests": {"cpu": "25m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}}

_WAIT_FOR_DATABASE = """\
# A uri, where the Secret has one, holds all that psql would otherwise take from the environment.
until psql "${DATABASE_URI:-}" --no-psqlrc --no-password --tuples-only --command 'SELECT 1' > /dev/null; do
  echo "The database does not let this role in yet."
  sleep 2
done
"""


class Blueprint(t.NamedTuple):
    """What the objects are built from, beside the installation.

    C(revisions): of the fields of Secrets, by name of the Secret; C(url) and C(app_url): where callers find the gateway and the pages of LiteMaaS.
    """

    installation: Installation
    revisions: t.Mapping[str, str] = {}
    url: str | None = None
    app_url: str | None = None


def metadata(part: str, name: str, installation: Installation, **more: t.Any) -> dict[str, t.Any]:
    labels = names.object_labels(part, installation)
    return {"name": name, "namespace": installation["namespace"], "labels": labels, **more}


def obj(api_version: str, kind: str, meta: Object, **content: t.Any) -> Object:
    return {"apiVersion": api_version, "kind": kind, "metadata": meta, **content}


def config_map(part: str, name: str, installation: Installation, data: dict[str, str]) -> Object:
    return obj("v1", "ConfigMap", metadata(part, name, installation), data=data)


def service(part: str, name: str, installation: Installation, port: int, selects: str | None = None) -> Object:
    selector = names.pod_selector(selects or name, installation["set"])
    spec = {"selector": selector, "ports": [{"name": "http", "port": port, "targetPort": port, "protocol": "TCP"}]}
    if port == names.POSTGRES_PORT:
        spec["ports"][0]["name"] = "postgresql"
    return obj("v1", "Service", metadata(part, name, installation), spec=spec)


def revision(*parts: t.Any) -> str:
    """16 hexadecimal digits that change with what is given."""
    text = json.dumps(parts, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def pod_template(part: str, app: str, installation: Installation, user: int, spec: Object, **labels: str) -> Object:
    """A pod that runs with any user id. Where the cluster does not choose one (OpenShift does), it is C(user)."""
    security: Object = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    if not installation["openshift"]:
        security.update(runAsUser=user, runAsGroup=0, fsGroup=user)
    for container in [*spec.get("initContainers", []), *spec["containers"]]:
        container["securityContext"] = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    pod = {
        "automountServiceAccountToken": False,
        # A Service called litellm or postgres would otherwise put its address into variables that the programs read.
        "enableServiceLinks": False,
        "securityContext": security,
        **spec,
    }
    if installation["image_pull_secrets"]:
        pod["imagePullSecrets"] = [{"name": name} for name in installation["image_pull_secrets"]]
    pod_labels = {
        **names.object_labels(part, installation),
        **names.pod_selector(app, installation["set"]),
        **{key: value for key, value in labels.items() if value},
    }
    return {"metadata": {"labels": pod_labels}, "spec": pod}


def deployment(
    name: str, installation: Installation, part: str, replicas: int, template: Object, **spec: t.Any
) -> Object:
    return obj(
        "apps/v1",
        "Deployment",
        metadata(part, name, installation),
        spec={
            "replicas": replicas,
            "selector": {"matchLabels": names.pod_selector(name, installation["set"])},
            "template": template,
            **spec,
        },
    )


def disruption_budget(part: str, name: str, installation: Installation) -> Object:
    """One pod at a time: a node can be drained, whatever the number of replicas is."""
    return obj(
        "policy/v1",
        "PodDisruptionBudget",
        metadata(part, name, installation),
        spec={
            "maxUnavailable": 1,
            "selector": {"matchLabels": names.pod_selector(name, installation["set"])},
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
        },
    )


def value(name: str, text: str) -> Object:
    """A variable with a text in which no other one is put in."""
    return {"name": name, "value": text.replace("$(", "$$(")}


def from_secret(name: str, secret: str, key: str) -> Object:
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": secret, "key": key}}}


def writable(name: str = "tmp", path: str = _WRITABLE) -> tuple[Object, Object]:
    """An empty folder that any user id may write into: the volume and its mount."""
    return {"name": name, "emptyDir": {}}, {"name": name, "mountPath": path}


def config_volume(name: str, path: str) -> tuple[Object, Object]:
    """The files of a ConfigMap: the volume and its mount."""
    return (
        {"name": name, "configMap": {"name": name}},
        {"name": name, "mountPath": path, "readOnly": True},
    )


def probe(period: int, timeout: int, failures: int, **how: t.Any) -> Object:
    return {**how, "periodSeconds": period, "timeoutSeconds": timeout, "failureThreshold": failures}


def http(path: str, port: int) -> Object:
    return {"httpGet": {"path": path, "port": port, "scheme": "HTTP"}}


def before_end() -> Object:
    return {"preStop": {"exec": {"command": ["/bin/sleep", str(SECONDS_TO_LEAVE)]}}}


class Login(t.NamedTuple):
    """How a program logs in to its database: the C(login) of an installation as variables, volumes and mounts."""

    env: list[Object]
    volumes: list[Object]
    mounts: list[Object]
    wait: Object


def login(installation: Installation, which: str) -> Login:
    """How a program logs in. C(which) is C(litellm) or C(litemaas); the variable C(DATABASE_URL) is for the program."""
    given = installation["database"]["logins"][which]
    volumes, mounts = _authority(given)
    variables = login_variables(given)
    wait = {
        "name": "wait-for-database",
        "image": installation["database"]["image"],
        "command": ["/bin/sh", "-c", _WAIT_FOR_DATABASE],
        "env": [*variables, *libpq(given)],
        "volumeMounts": mounts,
        "resources": _SMALL,
    }
    return Login(variables, volumes, mounts, {key: item for key, item in wait.items() if item})


def login_variables(given: Object, prefix: str = "") -> list[Object]:
    """Those from which psql takes where to log in (without C(prefix)), and a URL can be put together."""
    secret, keys = given["secret"], given["keys"]
    found = []
    if keys.get("uri"):
        found.append(from_secret(f"{prefix}DATABASE_URI", secret, keys["uri"]))
    for name, what in (
        ("PGHOST", "host"),
        ("PGPORT", "port"),
        ("PGDATABASE", "database"),
        ("PGUSER", "username"),
        ("PGPASSWORD", "password"),
    ):
        if given.get(what) is not None:
            found.append(value(prefix + name, str(given[what])))
        elif keys.get(what):
            found.append(from_secret(prefix + name, secret, keys[what]))
    return found


def libpq(given: Object) -> list[Object]:
    found = [value("PGCONNECT_TIMEOUT", "5"), value("PGSSLMODE", given["sslmode"])]
    if given.get("ca"):
        found.append(value("PGSSLROOTCERT", _authority_file(given)))
    return found


def _authority_file(given: Object) -> str:
    return f"{_CA_DIRECTORY}/{given['ca']['key']}"


def _authority(given: Object) -> tuple[list[Object], list[Object]]:
    authority = given.get("ca")
    if not authority:
        return [], []
    items = [{"key": authority["key"], "path": authority["key"]}]
    source = {"secret": {"secretName": authority["name"], "items": items}}
    if authority["kind"] == "ConfigMap":
        source = {"configMap": {"name": authority["name"], "items": items}}
    mount = {"name": _CA_VOLUME, "mountPath": _CA_DIRECTORY, "readOnly": True}
    return [{"name": _CA_VOLUME, **source}], [mount]


def prisma_url(installation: Installation) -> Object:
    """C(DATABASE_URL) of LiteLLM, whose client has names of its own for what is verified."""
    given = installation["database"]["logins"]["litellm"]
    parameters = {"sslmode": "disable"}
    if given["sslmode"] != "disable":
        strict = given["sslmode"] in ("verify-ca", "verify-full")
        parameters = {
            "sslmode": "prefer" if given["sslmode"] == "prefer" else "require",
            "sslaccept": "strict" if strict else "accept_invalid_certs",
        }
        if given.get("ca"):
            parameters["sslcert"] = _authority_file(given)
    return _url("DATABASE_URL", given, parameters)


def node_url(name: str, given: Object, prefix: str = "", database: str = "") -> Object:
    """The URL of a database for the backend, which takes a server without TLS for none where the URL does not say so.

    C(prefix) is that of the variables; C(database) another database of the same server.
    """
    parameters = {"sslmode": "disable"}
    if given["sslmode"] in ("verify-ca", "verify-full"):
        parameters = {"sslmode": "verify-full"}
        if given.get("ca"):
            parameters["sslrootcert"] = _authority_file(given)
    elif given["sslmode"] != "disable":
        parameters = {"sslmode": "no-verify"}
    return _url(name, given, parameters, prefix, database)


def _url(name: str, given: Object, parameters: dict[str, str], prefix: str = "", database: str = "") -> Object:
    user, place = f"$({prefix}PGUSER):$({prefix}PGPASSWORD)", f"$({prefix}PGHOST):$({prefix}PGPORT)"
    base = f"postgresql://{user}@{place}/{database or f'$({prefix}PGDATABASE)'}"
    if given["keys"].get("uri"):
        base = f"$({prefix}DATABASE_URI)"
    return {"name": name, "value": f"{base}?{'&'.join(f'{key}={each}' for key, each in parameters.items())}"}


def postgres_user(installation: Installation) -> int:
    return images.postgres_user(installation["database"]["image"])


def namespace_object(installation: Installation) -> Object:
    meta = {"name": installation["namespace"], "labels": names.namespace_labels(installation)}
    return obj("v1", "Namespace", meta)


def selects_all(installation: Installation) -> dict[str, str]:
    """The labels of every pod of an installation."""
    return {
        ownership.LABEL_MANAGED_BY: ownership.MANAGED_BY,
        ownership.LABEL_SET: names.set_label(installation["set"]),
    }
