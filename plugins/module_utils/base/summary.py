# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a deployment comes to for each instance: one dictionary for people, workflows and other playbooks. It holds no secrets."""

from __future__ import annotations

import typing as t

PLANNED = "planned"


def summarise(
    instances: t.Iterable[t.Mapping[str, t.Any]],
    ready: t.Mapping[str, t.Mapping[str, t.Any]] | None = None,
    discovered: t.Mapping[str, t.Mapping[str, t.Any]] | None = None,
    objects: t.Iterable[t.Mapping[str, t.Any]] = (),
    planned: bool = False,
) -> dict[str, dict[str, t.Any]]:
    """By the name of the instance: state, reason, remedy, url, client_base_url, ids (what callers name as the model), changed.

    :arg ready: what M(llamastack.maas.maas_wait_ready) returned as C(instances), the later entry of an instance before the earlier.
    :arg discovered: what M(llamastack.maas.model_discovery) returned as C(instances); it decides about the state where it looked.
    :arg objects: what M(llamastack.maas.kube_apply) returned as C(objects), of all its calls.
    :arg planned: whether nothing was written. What is not there yet is C(planned) then, rather than missing.
    """
    changes = _changes(objects)
    return {
        instance["name"]: _one(
            (ready or {}).get(instance["name"], {}), (discovered or {}).get(instance["name"]), planned
        )
        | {"changed": changes.get(instance["name"], [])}
        for instance in instances
    }


def _one(ready: t.Mapping[str, t.Any], discovered: t.Mapping[str, t.Any] | None, planned: bool) -> dict[str, t.Any]:
    if discovered is None and planned and not ready.get("ready"):
        return {"state": PLANNED, "reason": "", "remedy": "", "url": "", "client_base_url": "", "ids": []}
    if discovered is None:
        state = "registered" if ready.get("ready") else ready.get("state", "unknown")
        return {
            "state": state,
            "reason": ready.get("note") or ready.get("message") or "",
            "remedy": "",
            "url": ready.get("url") or "",
            "client_base_url": "",
            "ids": [],
        }
    return {
        "state": discovered["state"],
        "reason": discovered.get("reason") or ready.get("note") or "",
        "remedy": discovered.get("remedy") or "",
        "url": discovered.get("url") or ready.get("url") or "",
        "client_base_url": discovered.get("client_base_url") or "",
        "ids": list(discovered.get("ids") or []),
    }


def _changes(objects: t.Iterable[t.Mapping[str, t.Any]]) -> dict[str, list[str]]:
    changes: dict[str, list[str]] = {}
    for each in objects:
        if each["changed"] and each.get("instance"):
            changes.setdefault(each["instance"], []).append(f"{each['kind']} {each['action']}")
    return changes


def next_step(summary: t.Mapping[str, t.Mapping[str, t.Any]], scope: str) -> str:
    """What to do after a deployment of C(scope) (all, project or platform) that came to C(summary)."""
    if any(instance["state"] == PLANNED for instance in summary.values()):
        return "nothing was written. Without --check, the same command does it."
    validate = "ansible-playbook llamastack.maas.validate"
    other = {"platform": "project", "project": "platform"}.get(scope)
    if other and any(instance["state"] == "registered" for instance in summary.values()):
        return (
            f"as soon as the other scope is deployed (llamastack_maas_scope={other}), {validate} proves each instance."
        )
    if any(instance["state"] == "listed" for instance in summary.values()):
        return f"{validate} with llamastack_maas_proof=call proves each instance by real answers, which cost tokens."
    return f"{validate} with the same variables proves each instance by real answers."
