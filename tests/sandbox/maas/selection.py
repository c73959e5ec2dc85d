# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who may use which model in generation B: pure functions over subscriptions, policies and model references.

Objects are those of the API server. A model is named by the key (namespace, name) of its MaaSModelRef.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Object = dict[str, Any]
ModelKey = tuple[str, str]

#: Seconds of the longest window for which limits are written: 366 days.
LONGEST_WINDOW = 366 * 86400
USABLE_PHASES = ("Active", "Degraded")


class SelectionError(Exception):
    """No subscription for this request; ``code`` is for the header, ``phase`` that of the one refused."""

    def __init__(self, code: str, message: str, phase: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.phase = phase


def key_of(obj: Object) -> ModelKey:
    """Namespace and name of an object."""
    return obj["metadata"]["namespace"], obj["metadata"]["name"]


def phase_of(obj: Object) -> str:
    """``status.phase``, empty where there is none yet."""
    return (obj.get("status") or {}).get("phase") or ""


def model_keys(obj: Object) -> list[ModelKey]:
    """The models that a policy or subscription names."""
    return [(each["namespace"], each["name"]) for each in obj["spec"]["modelRefs"]]


def names_caller(subjects: Object, username: str, groups: Iterable[str]) -> bool:
    """Whether ``owner`` or ``subjects`` (groups, users) contain the caller."""
    wanted = {each["name"] for each in subjects.get("groups") or []}
    return username in (subjects.get("users") or []) or not wanted.isdisjoint(groups)


def owned(subscriptions: Iterable[Object], username: str, groups: Iterable[str]) -> list[Object]:
    """The caller's subscriptions by name, whatever their phase."""
    groups = set(groups)
    found = [each for each in subscriptions if names_caller(each["spec"]["owner"], username, groups)]
    return sorted(found, key=lambda each: each["metadata"]["name"])


def usable(subscription: Object) -> bool:
    """Whether a subscription counts: Active or Degraded, and not being deleted."""
    return phase_of(subscription) in USABLE_PHASES and not subscription["metadata"].get("deletionTimestamp")


def priority_of(subscription: Object) -> int:
    """The priority as it counts: a negative one is 0."""
    return max(0, subscription["spec"].get("priority", 0))


def by_priority(subscriptions: Iterable[Object]) -> list[Object]:
    """Highest priority first, then the largest limit, then by name."""

    def order(subscription: Object) -> tuple[int, int, str]:
        spec = subscription["spec"]
        limits = [limit["limit"] for model in spec["modelRefs"] for limit in model.get("tokenRateLimits") or []]
        return -priority_of(subscription), -max(limits, default=0), subscription["metadata"]["name"]

    return sorted(subscriptions, key=order)


def granted(policies: Iterable[Object], username: str, groups: Iterable[str]) -> set[ModelKey]:
    """Models that some policy grants to the caller: by its spec, whatever its phase."""
    groups = set(groups)
    return {
        key
        for policy in policies
        if not policy["metadata"].get("deletionTimestamp")
        and names_caller(policy["spec"]["subjects"], username, groups)
        for key in model_keys(policy)
    }


def resolve(identity: str, refs: Iterable[Object]) -> set[ModelKey]:
    """The models that a request means: ``namespace/ref``, an alias ``publishers/…``, or a reference's bare name."""
    keys = set()
    for ref in refs:
        namespace, name = key_of(ref)
        alias = (ref.get("status") or {}).get("resolvedModelAlias")
        if identity in (f"{namespace}/{name}", name, alias):
            keys.add((namespace, name))
    namespace, separator, name = identity.partition("/")
    if separator and "/" not in name:
        keys.add((namespace, name))
    return keys


def select(
    subscriptions: Iterable[Object],
    username: str,
    groups: Iterable[str],
    *,
    requested: str = "",
    model: str = "",
    models: set[ModelKey] | None = None,
) -> Object:
    """The subscription for a request; SelectionError where there is none.

    :arg requested: name, or ``namespace/name``, of the one that the caller names; empty to find the only one that fits.
    :arg model: what inference asks for, for messages; empty for keys and lists.
    :arg models: what ``model`` resolves to.
    """
    wanted = models or set()
    if requested:
        chosen = next((each for each in subscriptions if requested in ("/".join(key_of(each)), key_of(each)[1])), None)
        if chosen is None:
            raise SelectionError("not_found", "requested subscription not found")
        if not names_caller(chosen["spec"]["owner"], username, set(groups)):
            raise SelectionError("access_denied", "access denied to requested subscription")
        if model and wanted.isdisjoint(model_keys(chosen)):
            raise SelectionError(
                "model_not_in_subscription", f"subscription {requested} does not include model {model}"
            )
        _check_phase(chosen, model, wanted)
        return chosen
    fitting = owned(subscriptions, username, groups)
    if model:
        fitting = [each for each in fitting if not wanted.isdisjoint(model_keys(each))]
    if not fitting:
        raise SelectionError("not_found", "no matching subscription found for user")
    if len(fitting) > 1:
        raise SelectionError(
            "multiple_subscriptions",
            "user has access to multiple subscriptions, must specify subscription using X-MaaS-Subscription header",
        )
    _check_phase(fitting[0], model, wanted)
    return fitting[0]


def _check_phase(subscription: Object, model: str, models: set[ModelKey]) -> None:
    phase = phase_of(subscription)
    if not model:
        if not phase:
            raise SelectionError("model_unhealthy", "subscription is unreconciled (no status.phase set)", phase)
        if phase == "Failed":
            raise SelectionError("model_unhealthy", "subscription is in Failed phase (cannot create API keys)", phase)
        return
    if phase not in USABLE_PHASES:
        text = f"subscription is in {phase or 'unreconciled'} phase (allowed: Active, Degraded)"
        raise SelectionError("model_unhealthy", text, phase)
    if phase == "Degraded" and not _limits_in_force(subscription, {name for _namespace, name in models}):
        raise SelectionError("model_unhealthy", "subscription rate limiting policies are not ready", phase)


def _limits_in_force(subscription: Object, names: set[str]) -> bool:
    statuses = (subscription.get("status") or {}).get("tokenRateLimitStatuses") or []
    return any(each["ready"] for each in statuses if each["model"] in names)


def limits_of(subscription: Object, model: ModelKey) -> list[tuple[int, int]]:
    """The token limits of a model in a subscription, as (tokens, seconds); none at all where one window is too long."""
    units = {"s": 1, "m": 60, "h": 3600}
    limits = [
        (limit["limit"], int(limit["window"][:-1]) * units[limit["window"][-1]])
        for each in subscription["spec"]["modelRefs"]
        if (each["namespace"], each["name"]) == model
        for limit in each["tokenRateLimits"]
    ]
    return [] if any(seconds > LONGEST_WINDOW for _tokens, seconds in limits) else limits


def model_id(ref: Object) -> str:
    """The id under which a model is listed."""
    if ref["spec"]["modelRef"]["kind"] == "ExternalModel":
        return ref["spec"]["modelRef"]["name"]
    return (ref.get("status") or {}).get("resolvedModelAlias") or ref["metadata"]["name"]


def model_url(ref: Object) -> str | None:
    """The URL that a list shows for a model, None where it shows none."""
    status = ref.get("status") or {}
    hostnames = status.get("httpRouteHostnames") or []
    return f"https://{hostnames[0]}" if hostnames else status.get("endpoint") or None


def described(obj: Object, names: Mapping[str, str]) -> Object:
    """Display fields of an object: those of ``names`` (field -> annotation) that are set."""
    annotations = obj["metadata"].get("annotations") or {}
    return {field: annotations[name] for field, name in names.items() if annotations.get(name)}
