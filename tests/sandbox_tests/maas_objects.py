# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects as the API server gives them, for the tests of the imitated MaaS, and stand-ins for the API server itself."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

from multidict import CIMultiDict

from sandbox.maas.interface import Request

NOW = "2026-11-21T12:00:00Z"
TENANT = "models-as-a-service"
GATEWAY = {"name": "maas-default-gateway", "namespace": "openshift-ingress"}
CONTROLLER = "openshift.io/gateway-controller/v1"
Object = dict[str, Any]


def metadata(name: str, namespace: str | None = None, **more: Any) -> Object:
    return {
        "name": name,
        "generation": 1,
        "creationTimestamp": NOW,
        **({"namespace": namespace} if namespace else {}),
        **more,
    }


def model_ref(
    name: str, namespace: str = "llm", *, phase: str = "Ready", status: Object | None = None, **more: Any
) -> Object:
    """A MaaSModelRef that names the service of its own name."""
    alias = f"publishers/{namespace}/models/{name}"
    default = {"phase": phase, "resolvedModelAlias": alias, "endpoint": "https://maas.test/"} if phase else {}
    return {
        "metadata": metadata(name, namespace, **more.pop("metadata", {})),
        "spec": {"modelRef": {"kind": "LLMInferenceService", "name": name}, **more},
        "status": default if status is None else status,
    }


def token_answer(spec: Object, namespace: str, name: str, account: Any, jti: str) -> Object:
    """The answer to a TokenRequest with this spec; ``account`` tells one ServiceAccount from a later one of its name."""
    now = int(time.time())
    told = {
        "aud": spec["audiences"],
        "sub": f"system:serviceaccount:{namespace}:{name}",
        "jti": jti,
        "iat": now,
        "exp": now + spec["expirationSeconds"],
        "account": account,
    }
    encoded = base64.urlsafe_b64encode(json.dumps(told).encode()).decode().rstrip("=")
    return {"status": {"token": f"h.{encoded}.s"}}


def keys(*names: str) -> list[Object]:
    """modelRefs of models in namespace llm, or of ``namespace/name``."""
    split = [name.split("/") if "/" in name else ("llm", name) for name in names]
    return [{"namespace": namespace, "name": name} for namespace, name in split]


def policy(
    name: str, models: list[Object], *, groups: tuple[str, ...] = (), users: tuple[str, ...] = (), **more: Any
) -> Object:
    return {
        "metadata": metadata(name, TENANT, **more),
        "spec": {"modelRefs": models, "subjects": subjects(groups, users)},
    }


def subscription(
    name: str,
    models: list[Object],
    *,
    groups: tuple[str, ...] = (),
    users: tuple[str, ...] = (),
    phase: str | None = "Active",
    priority: int = 0,
    limits: tuple[tuple[int, str], ...] = ((100, "1m"),),
    **more: Any,
) -> Object:
    limited = [
        {**each, "tokenRateLimits": [{"limit": limit, "window": window} for limit, window in limits]} for each in models
    ]
    return {
        "metadata": metadata(name, TENANT, **more),
        "spec": {"owner": subjects(groups, users), "modelRefs": limited, "priority": priority},
        "status": {"phase": phase} if phase else {},
    }


def subjects(groups: tuple[str, ...], users: tuple[str, ...]) -> Object:
    return {"groups": [{"name": each} for each in groups], "users": list(users)}


def service(
    name: str, namespace: str = "llm", *, ready: bool = True, host: str = "maas.test", addresses: bool = True
) -> Object:
    """An LLMInferenceService with the status that KServe gives it behind a gateway."""
    alias = {"name": f"publishers/{namespace}/models/{name}"}
    reached = [
        {"name": "gateway-external-model-routing", "url": f"https://{host}/", "models": [alias]},
        {"name": "gateway-external", "url": f"https://{host}/{namespace}/{name}", "models": [alias, {"name": name}]},
    ]
    status = {
        "url": f"https://{host}/{namespace}/{name}",
        "conditions": [{"type": "Ready", "status": str(ready)}],
        "addresses": reached if addresses else [],
    }
    return {"metadata": metadata(name, namespace), "spec": {}, "status": status}


def route(
    name: str, namespace: str = "llm", *, gateway: Object | None = None, rules: list[Object] | None = None, **spec: Any
) -> Object:
    """The HTTPRoute that KServe makes, with its three kinds of rules."""
    backend = {
        "backendRefs": [
            {"group": "", "kind": "Service", "name": f"{name}-kserve-workload-svc", "port": 8000, "weight": 1}
        ]
    }
    header = [{"name": "X-Gateway-Model-Name", "type": "Exact", "value": f"publishers/{namespace}/models/{name}"}]

    def path_rule(prefix: str, replacement: str) -> Object:
        path = {"type": "ReplacePrefixMatch", "replacePrefixMatch": replacement}
        filters = [{"type": "URLRewrite", "urlRewrite": {"path": path}}]
        return {**backend, "filters": filters, "matches": [{"path": {"type": "PathPrefix", "value": prefix}}]}

    default = [
        path_rule(f"/{namespace}/{name}/v1/chat/completions", "/v1/chat/completions"),
        {**backend, "matches": [{"path": {"type": "Exact", "value": "/v1/chat/completions"}, "headers": header}]},
        path_rule(f"/{namespace}/{name}", "/"),
        {**backend, "matches": [{"path": {"type": "PathPrefix", "value": "/"}, "headers": header}]},
    ]
    labels = {
        "app.kubernetes.io/component": "llminferenceservice-router",
        "app.kubernetes.io/name": name,
        "app.kubernetes.io/part-of": "llminferenceservice",
    }
    parent = {"group": "gateway.networking.k8s.io", "kind": "Gateway", **(gateway or GATEWAY)}
    return {
        "metadata": metadata(f"{name}-kserve-route", namespace, labels=labels),
        "spec": {"parentRefs": [parent], "rules": default if rules is None else rules, **spec},
    }


def gateway(allowed: Object | None = None, port: int = 443) -> Object:
    listener = {"name": "https", "hostname": "maas.test", "port": port, "protocol": "HTTPS"}
    if allowed:
        listener["allowedRoutes"] = {"namespaces": allowed}
    return {
        "metadata": metadata(**GATEWAY),
        "spec": {"gatewayClassName": "openshift-default", "listeners": [listener]},
    }


def request(method: str, path: str, body: bytes = b"", **headers: str) -> Request:
    return Request(method, path, CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()}), body)


class Objects:
    """In place of Informers: fixed objects by resource."""

    def __init__(self, objects: dict[str, list[Object]] | None = None) -> None:
        self.objects = objects or {}
        self.listeners: list[Any] = []

    def on_change(self, listener: Any) -> None:
        self.listeners.append(listener)

    def tell(self, resource: str, before: Object | None, after: Object | None) -> None:
        """Tell every listener of a change."""
        for listener in self.listeners:
            listener(resource, before, after)

    def get(self, resource: str, name: str, namespace: str = "") -> Object | None:
        return next((each for each in self.list(resource, namespace) if each["metadata"]["name"] == name), None)

    def list(self, resource: str, namespace: str | None = None) -> list[Object]:
        found = self.objects.get(resource, [])
        return [each for each in found if namespace in (None, each["metadata"].get("namespace", ""))]


class ApiServer:
    """In place of Kube: the tokens it knows, who is an administrator, and what was written."""

    def __init__(self, tokens: dict[str, tuple[str, list[str]]] | None = None, admins: tuple[str, ...] = ()) -> None:
        self.tokens = tokens or {}
        self.admins = admins
        self.objects: dict[tuple[str, str, str], Object] = {}
        self.written: list[tuple[str, str, Object]] = []

    async def create(self, review: Object) -> Object:
        if review["kind"] == "SubjectAccessReview":
            return {"status": {"allowed": review["spec"]["user"] in self.admins}}
        known = self.tokens.get(review["spec"]["token"])
        if known is None:
            return {"status": {}}
        return {"status": {"authenticated": True, "user": {"username": known[0], "groups": known[1]}}}

    async def get(self, resource: str, name: str, namespace: str = "") -> Object:
        return self.objects[resource, namespace, name]

    async def replace(self, resource: str, obj: Object) -> None:
        self.written.append((resource, obj["metadata"]["name"], obj))

    async def patch_status(self, resource: str, name: str, status: Object, namespace: str = "") -> None:
        self.written.append((resource, name, {"status": status}))
