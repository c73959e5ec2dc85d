# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a namespace would take the pods of instances, and the objects: its ResourceQuotas and LimitRanges.

Judged is what LLMInferenceServices say of their containers. A container that KServe adds on its own, such as the one
that downloads a model, counts for the API server too, and is not known here.
"""

from __future__ import annotations

import typing as t
from collections import Counter
from decimal import ROUND_UP, Decimal

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.quantities import parse as quantity

Object = t.Mapping[str, t.Any]

# A quota of another scope does not count pods that have requests and no deadline.
_OUR_SCOPES = {"NotBestEffort", "NotTerminating"}


def over_quota(services: t.Iterable[Object], pods: t.Iterable[Object], quotas: t.Iterable[Object]) -> list[str]:
    """What is too little for the pods that ``services`` want and that are not among ``pods``, which count already."""
    needed: t.Counter[str] = Counter()
    for service in services:
        for _replica in range(service["spec"].get("replicas", 1)):
            needed.update(_charge(service["spec"]["template"]))
    for pod in pods:
        needed.subtract(_charge(pod["spec"]))
    return [problem for quota in quotas if _counts_ours(quota) for problem in _lacks(quota, needed, "pods")]


def over_count(objects: t.Iterable[Object], quotas: t.Iterable[Object]) -> list[str]:
    """What is too little for as many ``objects`` as are to be made; quotas with a scope count nothing but pods."""
    needed: t.Counter[str] = Counter()
    for obj in objects:
        group, _slash, _version = obj["apiVersion"].rpartition("/")
        # Good for all kinds in the namespace of the instances.
        resource = f"{obj['kind'].lower()}s"
        needed.update([f"count/{resource}.{group}"] if group else [resource, f"count/{resource}"])
    unscoped = [quota for quota in quotas if not quota["spec"].get("scopes") and not quota["spec"].get("scopeSelector")]
    return [problem for quota in unscoped for problem in _lacks(quota, needed, "objects")]


def _counts_ours(quota: Object) -> bool:
    spec = quota["spec"]
    return not spec.get("scopeSelector") and _OUR_SCOPES.issuperset(spec.get("scopes") or ())


def _charge(pod: Object) -> t.Counter[str]:
    """What a pod counts in a quota, by the names that quotas have for it."""
    charged: t.Counter[str] = Counter({"pods": 1, "count/pods": 1})
    for container in pod["containers"]:
        for kind, amounts in (container.get("resources") or {}).items():
            for resource, amount in amounts.items():
                charged[f"{kind}.{resource}"] += quantity(amount)
                if kind == "requests":
                    charged[resource] += quantity(amount)
    return charged


def _lacks(quota: Object, needed: t.Counter[str], what: str) -> t.Iterator[str]:
    name = f"ResourceQuota {quota['metadata']['namespace']}/{quota['metadata']['name']}"
    status = quota.get("status") or {}
    for resource, hard in (status.get("hard") or {}).items():
        used = (status.get("used") or {}).get(resource, "0")
        if needed[resource] > 0 and quantity(used) + needed[resource] > quantity(hard):
            more = _as_text(resource, Decimal(needed[resource]))
            yield f"{name} allows {resource} {hard}, of which {used} is in use; the {what} to come need {more}"


def _as_text(resource: str, amount: Decimal) -> str:
    if resource.endswith(("memory", "storage")):
        return f"{(amount / 1024**2).to_integral_value(ROUND_UP)}Mi"
    whole = amount == amount.to_integral_value()
    return f"{int(amount)}" if whole else f"{(amount * 1000).to_integral_value(ROUND_UP)}m"


def out_of_range(services: t.Iterable[Object], ranges: t.Sequence[Object]) -> list[str]:
    """What in the pods of ``services`` the LimitRanges of their namespace refuse."""
    return [
        f"LLMInferenceService {service['metadata']['namespace']}/{service['metadata']['name']}: {problem}"
        for service in services
        if service["spec"].get("replicas", 1)
        for problem in _refused(service["spec"]["template"], ranges)
    ]


def _refused(pod: Object, ranges: t.Sequence[Object]) -> t.Iterator[str]:
    containers = {f"container {each['name']}": _with_defaults(each, ranges) for each in pod["containers"]}
    judged = {"Container": containers, "Pod": {"the pod": _sum(containers.values())}}
    for limit_range in ranges:
        for item in limit_range["spec"]["limits"]:
            for what, amounts in judged.get(item["type"], {}).items():
                for problem in _beyond(item, amounts):
                    yield f"{what}: {problem} of LimitRange {limit_range['metadata']['name']}"


def _with_defaults(container: Object, ranges: t.Iterable[Object]) -> dict[str, Decimal]:
    """``requests.<resource>`` and ``limits.<resource>`` as the API server completes them."""
    resources = container.get("resources") or {}
    requests, limits = dict(resources.get("requests") or {}), dict(resources.get("limits") or {})
    requests = {**limits, **requests}
    for limit_range in ranges:
        for item in limit_range["spec"]["limits"]:
            if item["type"] == "Container":
                requests = {**(item.get("defaultRequest") or {}), **requests}
                limits = {**(item.get("default") or {}), **limits}
    found = {f"requests.{resource}": quantity(amount) for resource, amount in requests.items()}
    return {**found, **{f"limits.{resource}": quantity(amount) for resource, amount in limits.items()}}


def _sum(containers: t.Iterable[t.Mapping[str, Decimal]]) -> dict[str, Decimal]:
    total: t.Counter[str] = Counter()
    for amounts in containers:
        total.update(amounts)
    return dict(total)


def _beyond(item: Object, amounts: t.Mapping[str, Decimal]) -> t.Iterator[str]:
    for resource, most in (item.get("max") or {}).items():
        limit = amounts.get(f"limits.{resource}")
        if limit is None or limit > quantity(most):
            yield f"{_said('limits', resource, limit)} is over the maximum {most}"
    for resource, least in (item.get("min") or {}).items():
        request = amounts.get(f"requests.{resource}")
        if request is None or request < quantity(least):
            yield f"{_said('requests', resource, request)} is under the minimum {least}"
    for resource, ratio in (item.get("maxLimitRequestRatio") or {}).items():
        limit, request = amounts.get(f"limits.{resource}"), amounts.get(f"requests.{resource}")
        if not limit or not request or limit / request > quantity(ratio):
            said = f"{_said('limits', resource, limit)} to {_said('requests', resource, request)}"
            yield f"{said} is over the ratio {ratio}"


def _said(kind: str, resource: str, amount: Decimal | None) -> str:
    return f"{kind}.{resource} {'(not set)' if amount is None else _as_text(resource, amount)}"
