# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a pod fits the node, by its selector and its requests, and why not, in the scheduler's words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

_SUFFIXES = {
    **{"": Fraction(1), "n": Fraction(1, 10**9), "u": Fraction(1, 10**6), "m": Fraction(1, 1000)},
    **{suffix: Fraction(1000**power) for power, suffix in enumerate("kMGTPE", start=1)},
    **{f"{suffix}i": Fraction(1024**power) for power, suffix in enumerate("KMGTPE", start=1)},
}
_NO_HELP = "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling."


def quantity(text: str | int | float) -> Fraction:
    """The value of a Kubernetes quantity.

    >>> quantity("100m"), quantity("1Ki"), quantity("2e3")
    (Fraction(1, 10), Fraction(1024, 1), Fraction(2000, 1))
    """
    number, suffix = re.fullmatch(r"([+-]?[\d.]+(?:[eE][+-]?\d+)?)([a-zA-Z]*)", str(text)).groups()
    return Fraction(number) * _SUFFIXES[suffix]


def unschedulable(
    pod: Mapping[str, Any],
    labels: Mapping[str, str],
    allocatable: Mapping[str, str],
    others: Iterable[Mapping[str, Any]],
) -> str | None:
    """Why the node cannot take ``pod`` next to ``others``; None when it can."""
    selector = pod["spec"].get("nodeSelector") or {}
    if any(labels.get(key) != value for key, value in selector.items()):
        return f"0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. {_NO_HELP}"
    others = list(others)
    lacking = ["Too many pods"] if len(others) >= quantity(allocatable["pods"]) else []
    for resource, wanted in sorted(_requests(pod).items()):
        used = sum((_requests(other).get(resource, Fraction(0)) for other in others), Fraction(0))
        if wanted > quantity(allocatable.get(resource, "0")) - used:
            lacking.append(f"Insufficient {resource}")
    if not lacking:
        return None
    return (
        f"0/1 nodes are available: {', '.join(f'1 {what}' for what in lacking)}. "
        "preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod."
    )


def unbound(pod: Mapping[str, Any], claims: Mapping[tuple[str, str], Mapping[str, Any]]) -> str | None:
    """Why the claims that the pod names, by namespace and name in ``claims``, keep it waiting; None when they do not."""
    why = None
    for volume in pod["spec"].get("volumes") or []:
        name = (volume.get("persistentVolumeClaim") or {}).get("claimName")
        claim = claims.get((pod["metadata"]["namespace"], name))
        if name and claim is None:
            return f'0/1 nodes are available: persistentvolumeclaim "{name}" not found. {_NO_HELP}'
        if name and (claim.get("status") or {}).get("phase") != "Bound":
            why = f"0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. {_NO_HELP}"
    return why


def _requests(pod: Mapping[str, Any]) -> dict[str, Fraction]:
    """The sum over its containers, or what one of those that prepare it asks for where that is more."""
    total: dict[str, Fraction] = {}
    for container in pod["spec"]["containers"]:
        for resource, amount in _asked(container):
            total[resource] = total.get(resource, Fraction(0)) + amount
    for container in pod["spec"].get("initContainers") or []:
        for resource, amount in _asked(container):
            total[resource] = max(total.get(resource, Fraction(0)), amount)
    return total


def _asked(container: Mapping[str, Any]) -> list[tuple[str, Fraction]]:
    requests = (container.get("resources") or {}).get("requests") or {}
    return [(resource, quantity(amount)) for resource, amount in requests.items()]
