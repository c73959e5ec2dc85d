# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may call whom: nobody, but for what is said here. Policies add up, so none selects more than it is about."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import names
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas import parts
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas.parts import (
    Blueprint,
    Installation,
    Object,
)

DEFAULT_DENY = "litemaas-default-deny"
DATABASE_CLIENTS = "litemaas-database-clients"

# The name server is asked at its Service, and seen at its pods, which on OpenShift listen on another port.
_NAME_SERVER = [{"protocol": protocol, "port": port} for port in (53, 5353) for protocol in ("UDP", "TCP")]


def objects(plan: Blueprint) -> list[Object]:
    """The policies of all that is deployed."""
    installation = plan.installation
    found = [
        _policy(names.SHARED, DEFAULT_DENY, installation, parts.selects_all(installation), ingress=[], egress=[]),
        # Models are where they are: of the gateway, only who calls it is a closed list of ports.
        _policy(
            names.GATEWAY,
            names.LITELLM,
            installation,
            names.pod_selector(names.LITELLM, installation["set"]),
            ingress=[{"ports": [_tcp(names.LITELLM_PORT)]}],
            egress=[{}],
        ),
    ]
    if not installation["database"]["external"]:
        client = {**parts.selects_all(installation), names.LABEL_DATABASE_CLIENT: "true"}
        found.append(
            _policy(
                names.DATABASE,
                names.POSTGRES,
                installation,
                names.pod_selector(names.POSTGRES, installation["set"]),
                ingress=[{"from": [_pods(client)], "ports": [_tcp(names.POSTGRES_PORT)]}],
            )
        )
    found.append(
        _policy(
            names.SHARED,
            DATABASE_CLIENTS,
            installation,
            {**parts.selects_all(installation), names.LABEL_DATABASE_CLIENT: "true"},
            egress=[{"ports": _NAME_SERVER}, _to_database(installation)],
        )
    )
    return found + (_of_app(installation) if installation["app"] else [])


def _of_app(installation: Installation) -> list[Object]:
    def select(name: str) -> dict[str, str]:
        return names.pod_selector(name, installation["set"])

    return [
        _policy(
            names.APP,
            names.FRONTEND,
            installation,
            select(names.FRONTEND),
            ingress=[{"ports": [_tcp(names.APP_PORT)]}],
            egress=[
                {"ports": _NAME_SERVER},
                {"to": [_pods(select(names.BACKEND))], "ports": [_tcp(names.APP_PORT)]},
            ],
        ),
        _policy(
            names.APP,
            names.BACKEND,
            installation,
            select(names.BACKEND),
            ingress=[{"from": [_pods(select(names.FRONTEND))], "ports": [_tcp(names.APP_PORT)]}],
            egress=[
                {"to": [_pods(select(names.LITELLM))], "ports": [_tcp(names.LITELLM_PORT)]},
                # Log-in, the API of OpenShift, and the gateway by the URL that users have.
                {"ports": [_tcp(443), _tcp(6443)]},
            ],
        ),
    ]


def _to_database(installation: Installation) -> Object:
    if not installation["database"]["external"]:
        postgres = names.pod_selector(names.POSTGRES, installation["set"])
        return {"to": [_pods(postgres)], "ports": [_tcp(names.POSTGRES_PORT)]}
    ports = {login["port"] for login in installation["database"]["logins"].values() if login}
    # Where the Secret has the port, it is not known here.
    return {} if None in ports else {"ports": [_tcp(int(port)) for port in sorted(ports)]}


def _tcp(port: int) -> Object:
    return {"protocol": "TCP", "port": port}


def _pods(labels: dict[str, str]) -> Object:
    return {"podSelector": {"matchLabels": labels}}


def _policy(
    part: str,
    name: str,
    installation: Installation,
    selects: dict[str, str],
    ingress: t.Optional[list[Object]] = None,
    egress: t.Optional[list[Object]] = None,
) -> Object:
    """Of a direction that is None, the policy says nothing; an empty list allows nothing."""
    spec: Object = {"podSelector": {"matchLabels": selects}, "policyTypes": []}
    for direction, rules in (("Ingress", ingress), ("Egress", egress)):
        if rules is not None:
            spec["policyTypes"].append(direction)
            if rules:
                spec[direction.lower()] = rules
    return parts.obj("networking.k8s.io/v1", "NetworkPolicy", parts.metadata(part, name, installation), spec=spec)
