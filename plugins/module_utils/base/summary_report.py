# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The summary of a run as text: for each instance its state, URL and model, or why it is not proven and what to do."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.text import tally, wrapped


def as_text(instances: t.Mapping[str, t.Mapping[str, t.Any]], notes: t.Iterable[str] = ()) -> str:
    """The outcome of a deployment, a few lines for each instance. URLs and ids stand whole on a line, to be copied.

    C(notes) are the lines below.

    By the instance's name C(state), C(reason), C(remedy), C(client_base_url) or C(url), C(ids) (what callers see) and
    C(changed) (a list of what was changed, each as C(<kind> <action>)). All but the state may be missing.
    """
    name_width = max([len(name) for name in instances] + [len("INSTANCE")])
    states = {name: str(instance.get("state") or "unknown").replace("_", " ") for name, instance in instances.items()}
    state_width = max([len(state) for state in states.values()] + [len("STATE")])
    lines = [f"{'INSTANCE':<{name_width}}  {'STATE':<{state_width}}  CHANGED"]
    for name, instance in instances.items():
        head = f"{name:<{name_width}}  {states[name]:<{state_width}}  "
        lines += wrapped(head, _changes_in_words(instance.get("changed") or []), len(head))
        for label, value in (
            ("why", instance.get("reason")),
            ("to do", instance.get("remedy")),
            ("URL", instance.get("client_base_url") or instance.get("url")),
            *(("model" if index == 0 else "", each) for index, each in enumerate(instance.get("ids") or [])),
        ):
            if value:
                lines += wrapped(f"  {label:<7} ", value, 10)
    lines += ["", tally("instance", list(states.values())), *notes]
    return "\n".join(lines) + "\n"


def _changes_in_words(changes: t.Iterable[str]) -> str:
    """Such as C(created Secret, ConfigMap; updated MaaSSubscription)."""
    kinds: dict[str, list[str]] = {}
    for change in changes:
        kind, _blank, action = change.rpartition(" ")
        kinds.setdefault(action, []).append(kind)
    return "; ".join(f"{action} {', '.join(named)}" for action, named in kinds.items()) or "nothing"
