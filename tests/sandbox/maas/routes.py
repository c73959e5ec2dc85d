# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Gateway API without a network: which routes a gateway admits, where requests go, what their status says.

Imitates an implementation of Gateway API v1 for HTTPRoutes: parentRefs with sectionName, listener hostnames,
allowedRoutes, the order of precedence of matches (exact path, longest prefix, method, number of headers, older route,
name), URLRewrite with ReplacePrefixMatch, weights.

What it does not imitate (regular expressions, query parameters, other filters, backends that are no Service of the
route's own namespace) is refused in the route's status: Accepted False, UnsupportedValue.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .conditions import with_condition

CONTROLLER = "openshift.io/gateway-controller/v1"
GROUP = "gateway.networking.k8s.io"

Object = dict[str, Any]


@dataclass(frozen=True)
class Backend:
    """A port of a Service; of several backends each gets its ``weight`` of the requests."""

    namespace: str
    service: str
    port: int
    weight: int = 1


@dataclass(frozen=True)
class Rule:
    """One match of a route and where it leads: to ``backends``, or to the platform's own API."""

    name: str
    path: str
    exact: bool = False
    method: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    hostnames: tuple[str, ...] = ()
    replace_prefix: str | None = None
    created: str = ""
    backends: tuple[Backend, ...] = ()
    platform: bool = False


def choose(rules: Iterable[Rule], method: str, host: str, path: str, headers: Mapping[str, str]) -> Rule | None:
    """The rule that a request matches, by the precedence of the Gateway API."""
    found = [rule for rule in rules if _matches(rule, method, host, path, headers)]
    return min(found, key=_precedence, default=None)


def rewritten(rule: Rule, path: str) -> str:
    """The path that the backend sees."""
    if rule.replace_prefix is None or rule.exact:
        return path
    rest = path[len(rule.path.rstrip("/")) :]
    return rule.replace_prefix.rstrip("/") + rest or "/"


def service_of(path: str) -> tuple[str, str]:
    """Namespace and name of the service that a path leads to by its first two elements; empty where there are fewer."""
    parts = [part for part in path.split("/") if part]
    return (parts[0], parts[1]) if len(parts) > 1 else ("", "")


def _matches(rule: Rule, method: str, host: str, path: str, headers: Mapping[str, str]) -> bool:
    if rule.exact:
        right_path = path == rule.path
    else:
        prefix = rule.path.rstrip("/")
        right_path = path == prefix or path.startswith(prefix + "/")
    return (
        right_path
        and rule.method in (None, method)
        and (not rule.hostnames or any(_host_fits(each, host) for each in rule.hostnames))
        and all(headers.get(name) == value for name, value in rule.headers)
    )


def _precedence(rule: Rule) -> tuple:
    return (not rule.exact, -len(rule.path), rule.method is None, -len(rule.headers), rule.created, rule.name)


def rules_of(route: Object) -> list[Rule]:
    """A route's matches, flat; UnsupportedError for what is not imitated."""
    metadata, spec = route["metadata"], route["spec"]
    rules = []
    for rule in spec.get("rules") or []:
        replacement = _replacement(rule.get("filters") or [])
        backends = tuple(_backend(ref, metadata["namespace"]) for ref in rule.get("backendRefs") or [])
        for match in rule.get("matches") or [{}]:
            path = match.get("path") or {"type": "PathPrefix", "value": "/"}
            if path["type"] not in ("PathPrefix", "Exact"):
                raise UnsupportedError(f"path match of type {path['type']}")
            if match.get("queryParams"):
                raise UnsupportedError("match of queryParams")
            rules.append(
                Rule(
                    name=f"{metadata['namespace']}/{metadata['name']}",
                    path=path["value"],
                    exact=path["type"] == "Exact",
                    method=match.get("method"),
                    headers=tuple(_header(each) for each in match.get("headers") or []),
                    hostnames=tuple(spec.get("hostnames") or []),
                    replace_prefix=replacement,
                    created=metadata.get("creationTimestamp", ""),
                    backends=backends,
                )
            )
    return rules


class UnsupportedError(Exception):
    """A feature of the Gateway API that is not imitated; the text names it."""


def _header(match: Object) -> tuple[str, str]:
    if match.get("type", "Exact") != "Exact":
        raise UnsupportedError(f"header match of type {match['type']}")
    return match["name"], match["value"]


def _replacement(filters: list[Object]) -> str | None:
    replacement = None
    for each in filters:
        path = (each.get("urlRewrite") or {}).get("path") or {}
        if each["type"] != "URLRewrite" or path.get("type") != "ReplacePrefixMatch":
            raise UnsupportedError(f"filter {each['type']} {path.get('type', '')}".strip())
        replacement = path["replacePrefixMatch"]
    return replacement


def _backend(ref: Object, namespace: str) -> Backend:
    if ref.get("kind", "Service") != "Service" or ref.get("namespace", namespace) != namespace or ref.get("filters"):
        raise UnsupportedError(f"backend {ref.get('kind', 'Service')} {ref['name']}")
    return Backend(namespace, ref["name"], ref["port"], ref.get("weight", 1))


@dataclass(frozen=True)
class Cluster:
    """What decides whether a route is attached: gateways of ours, labels of namespaces, the Services there are."""

    gateways: Mapping[tuple[str, str], Object]
    namespace_labels: Mapping[str, Mapping[str, str]]
    services: frozenset[tuple[str, str]]


def attached_listeners(route: Object, parent: Object, gateway: Object, labels: Mapping[str, str]) -> list[str]:
    """Names of the listeners that take the route through this parentRef; RefusedError when none does."""
    listeners = [each for each in gateway["spec"]["listeners"] if parent.get("sectionName") in (None, each["name"])]
    if not listeners:
        raise RefusedError("NoMatchingParent", f"no listener is named {parent['sectionName']}")
    admitting = [each for each in listeners if _admits(each, gateway, route["metadata"]["namespace"], labels)]
    if not admitting:
        namespace = route["metadata"]["namespace"]
        text = f'hostnames matched parent hostname, but namespace "{namespace}" is not allowed by the parent'
        raise RefusedError("NotAllowedByListeners", text)
    hostnames = route["spec"].get("hostnames") or []
    fitting = [each["name"] for each in admitting if _listener_fits(each.get("hostname"), hostnames)]
    if not fitting:
        raise RefusedError("NoMatchingListenerHostname", "no hostnames matched parent hostname")
    return fitting


class RefusedError(Exception):
    """A parent does not take a route: ``reason`` and message of its condition Accepted."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def attached(route: Object, cluster: Cluster) -> bool:
    """Whether requests reach this route through any gateway of ours."""
    return any(_accepted(route, parent, cluster)[0] for parent, _key in _our_parents(route, cluster))


def route_status(route: Object, cluster: Cluster, now: str) -> Object:
    """The status of a route: an entry for each gateway of ours, what other controllers wrote is kept."""
    old = (route.get("status") or {}).get("parents") or []
    parents = [each for each in old if each["controllerName"] != CONTROLLER]
    generation = route["metadata"]["generation"]
    for parent, _key in _our_parents(route, cluster):
        before = next(
            (each for each in old if each["controllerName"] == CONTROLLER and each["parentRef"] == parent), {}
        )
        accepted, reason, message = _accepted(route, parent, cluster)
        missing = _missing_backends(route, cluster)
        conditions = with_condition(
            before.get("conditions"), "Accepted", accepted, reason, message, generation=generation, now=now
        )
        conditions = with_condition(
            conditions,
            "ResolvedRefs",
            not missing,
            "BackendNotFound" if missing else "ResolvedRefs",
            f"backend(s) not found: {', '.join(missing)}" if missing else "All references resolved",
            generation=generation,
            now=now,
        )
        parents.append({"controllerName": CONTROLLER, "parentRef": parent, "conditions": conditions})
    return {"parents": parents}


def gateway_status(
    gateway: Object, routes: Iterable[Object], cluster: Cluster, host: str, more: int, now: str
) -> Object:
    """The status of a gateway that serves ``host``; ``more`` routes without an object count for every listener."""
    old = gateway.get("status") or {}
    generation = gateway["metadata"]["generation"]
    counts = _attached_routes(gateway, list(routes), cluster)
    conditions = old.get("conditions")
    for type_, text in (("Accepted", "Resource accepted"), ("Programmed", "Resource programmed")):
        conditions = with_condition(conditions, type_, True, type_, text, generation=generation, now=now)
    return {
        "addresses": [{"type": _address_type(host), "value": host}],
        "conditions": conditions,
        "listeners": [
            _listener_status(each, old, counts[each["name"]] + more, generation, now)
            for each in gateway["spec"]["listeners"]
        ],
    }


def _address_type(host: str) -> str:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return "Hostname"
    return "IPAddress"


def _listener_status(listener: Object, old: Object, routes: int, generation: int, now: str) -> Object:
    before = next((each for each in old.get("listeners") or [] if each["name"] == listener["name"]), {})
    conditions = before.get("conditions")
    for type_, status, reason in (
        ("Accepted", True, "Accepted"),
        ("Conflicted", False, "NoConflicts"),
        ("Programmed", True, "Programmed"),
        ("ResolvedRefs", True, "ResolvedRefs"),
    ):
        conditions = with_condition(
            conditions, type_, status, reason, "No errors found", generation=generation, now=now
        )
    return {
        "name": listener["name"],
        "attachedRoutes": routes,
        "supportedKinds": [{"group": GROUP, "kind": "HTTPRoute"}],
        "conditions": conditions,
    }


def _attached_routes(gateway: Object, routes: list[Object], cluster: Cluster) -> dict[str, int]:
    counts = {each["name"]: 0 for each in gateway["spec"]["listeners"]}
    key = (gateway["metadata"]["namespace"], gateway["metadata"]["name"])
    for route in routes:
        labels = cluster.namespace_labels.get(route["metadata"]["namespace"], {})
        taken: set[str] = set()
        for parent, parent_key in _our_parents(route, cluster):
            if parent_key == key and _accepted(route, parent, cluster)[0]:
                taken.update(attached_listeners(route, parent, gateway, labels))
        for name in taken:
            counts[name] += 1
    return counts


def _our_parents(route: Object, cluster: Cluster) -> list[tuple[Object, tuple[str, str]]]:
    """The parentRefs of a route that name a gateway of ours, with that gateway's namespace and name."""
    found = []
    for parent in route["spec"].get("parentRefs") or []:
        key = (parent.get("namespace", route["metadata"]["namespace"]), parent["name"])
        if parent.get("kind", "Gateway") == "Gateway" and key in cluster.gateways:
            found.append((parent, key))
    return found


def _accepted(route: Object, parent: Object, cluster: Cluster) -> tuple[bool, str, str]:
    namespace = route["metadata"]["namespace"]
    gateway = cluster.gateways[parent.get("namespace", namespace), parent["name"]]
    try:
        attached_listeners(route, parent, gateway, cluster.namespace_labels.get(namespace, {}))
        rules_of(route)
    except RefusedError as error:
        return False, error.reason, str(error)
    except UnsupportedError as error:
        return False, "UnsupportedValue", f"the gateway of the sandbox does not imitate: {error}"
    return True, "Accepted", "Route was valid"


def _missing_backends(route: Object, cluster: Cluster) -> list[str]:
    namespace = route["metadata"]["namespace"]
    names = {ref["name"] for rule in route["spec"].get("rules") or [] for ref in rule.get("backendRefs") or []}
    return sorted(f"{name}.{namespace}" for name in names if (namespace, name) not in cluster.services)


def _admits(listener: Object, gateway: Object, namespace: str, labels: Mapping[str, str]) -> bool:
    allowed = (listener.get("allowedRoutes") or {}).get("namespaces") or {}
    match allowed.get("from", "Same"):
        case "All":
            return True
        case "Selector":
            return selects(allowed.get("selector") or {}, labels)
        case _:
            return namespace == gateway["metadata"]["namespace"]


def selects(selector: Object, labels: Mapping[str, str]) -> bool:
    """Whether a label selector (matchLabels, matchExpressions) selects these labels."""
    if any(labels.get(key) != value for key, value in (selector.get("matchLabels") or {}).items()):
        return False
    for expression in selector.get("matchExpressions") or []:
        key, values = expression["key"], expression.get("values") or []
        chosen = {
            "In": key in labels and labels[key] in values,
            "NotIn": labels.get(key) not in values,
            "Exists": key in labels,
            "DoesNotExist": key not in labels,
        }[expression["operator"]]
        if not chosen:
            return False
    return True


def _listener_fits(hostname: str | None, route_hostnames: list[str]) -> bool:
    if not hostname or not route_hostnames:
        return True
    return any(_host_fits(hostname, each) or _host_fits(each, hostname) for each in route_hostnames)


def _host_fits(pattern: str, host: str) -> bool:
    return host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern
