# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Routes and Ingresses lead, and which of them are admitted."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from sandbox.router import TIMEOUT, Way, admission, find, seconds_of, ways_of_ingress, ways_of_route


def route(
    name: str = "litellm", namespace: str = "litemaas", created: str = "2026-12-01T00:00:00Z", **spec: Any
) -> dict:
    metadata = {"name": name, "namespace": namespace, "uid": f"{namespace}/{name}", "creationTimestamp": created}
    return {"metadata": metadata, "spec": {"host": "a.example", "to": {"kind": "Service", "name": "litellm"}, **spec}}


@pytest.mark.parametrize(
    ("text", "seconds"), [(None, 30), ("600s", 600), ("5m", 300), ("1500", 1.5), ("250ms", 0.25), ("soon", 30)]
)
def test_durations_of_haproxy(text: str | None, seconds: float) -> None:
    assert seconds_of(text, 30) == seconds


def test_a_route_leads_to_its_service_in_its_time() -> None:
    given = route(port={"targetPort": "http"}, path="/v1")
    given["metadata"]["annotations"] = {TIMEOUT: "600s"}
    assert ways_of_route(given) == [Way("a.example", "/v1", "litemaas", "litellm", "http", 600)]
    own = route(tls={"termination": "reencrypt", "certificate": "C", "key": "K"})
    assert ways_of_route(own) == [Way("a.example", "/", "litemaas", "litellm", "", 30, True, b"C\nK")]


def test_an_ingress_leads_by_host_and_path_with_the_certificate_of_its_secret() -> None:
    def backend(service: str, **port: Any) -> dict[str, Any]:
        return {"service": {"name": service, "port": port}}

    paths = [
        {"path": "/", "pathType": "Prefix", "backend": backend("front", number=8080)},
        {"path": "/api", "pathType": "Prefix", "backend": backend("back", name="http")},
    ]
    ingress = {
        "metadata": {"name": "i", "namespace": "litemaas"},
        "spec": {
            "tls": [{"hosts": ["a.example"], "secretName": "cert"}],
            "rules": [{"host": "a.example", "http": {"paths": paths}}, {"http": {"paths": paths}}],
        },
    }
    data = {"tls.crt": base64.b64encode(b"C").decode(), "tls.key": base64.b64encode(b"K").decode()}
    ways = ways_of_ingress(ingress, {("litemaas", "cert"): {"data": data}})
    assert [(way.service, way.port, way.certificate) for way in ways] == [
        ("front", 8080, b"C\nK"),
        ("back", "http", b"C\nK"),
    ]
    assert find(ways, "a.example", "/api/v1").service == "back"
    assert find(ways, "a.example", "/apis").service == "front"
    assert find(ways, "b.example", "/") is None


def test_the_older_route_keeps_its_host() -> None:
    first, second = route(), route(namespace="other", created="2026-12-02T00:00:00Z")
    assert admission(first, [first, second]) == ("True", "", "")
    status, reason, message = admission(second, [first, second])
    assert (status, reason) == ("False", "HostAlreadyClaimed")
    assert message == "route litellm already exposes a.example and is older"
    beside = route(name="ui", created="2026-12-02T00:00:00Z", path="/ui")
    assert admission(beside, [first, beside])[0] == "True"


def test_what_is_not_imitated_is_not_admitted() -> None:
    assert admission(route(tls={"termination": "passthrough"}), [])[:2] == ("False", "ExtendedValidationFailed")
