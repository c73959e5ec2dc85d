# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether models and routes are stored in LiteLLM as the list has them: which deployments a name leads to, in which order."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.checks import Outcome, failed, passed, skipped
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.client import Litellm

Row = t.Mapping[str, t.Any]

_CONTENT = "Run llamastack.maas.litemaas_content, which makes it as the list has it."
_OTHERS = "Take the others away on the admin page, or name them in the list: calls go to them, too."


class Stored:
    """The deployments and the router's fallbacks, as LiteLLM has them."""

    def __init__(self, rows: t.Sequence[Row] = (), settings: Row | None = None, problem: str = "") -> None:
        self._problem = problem
        self._settings = settings or {}
        self._by_name: dict[str, list[Row]] = {}
        self._by_id = {(row.get("model_info") or {}).get("id"): row for row in rows}
        for row in rows:
            self._by_name.setdefault(row["model_name"], []).append(row)

    @classmethod
    def read(cls, admin: Litellm) -> Stored:
        """Raises LitellmError."""
        rows = admin.pages("/v2/model/info", "data", size="size")
        return cls(rows, (admin.get("/router/settings") or {}).get("current_values"))

    @classmethod
    def unread(cls, problem: str) -> Stored:
        return cls(problem=problem)

    def has(self, name: str) -> bool:
        """Whether a public name leads to something, as far as that is known."""
        return bool(self._problem) or name in self._by_name

    def model(self, entry: Row) -> Outcome:
        """One deployment, of the model that was asked for."""
        if self._problem:
            return skipped(f"LiteLLM's models could not be read: {self._problem}")
        rows = self._by_name.get(entry["name"], [])
        if not rows:
            return failed("LiteLLM has no model of this name", _CONTENT)
        found = [_upstream(row) for row in rows]
        if len(rows) > 1:
            return failed(f"{len(rows)} deployments have this name: {', '.join(found)}", _OTHERS)
        if entry.get("model") and found[0] != entry["model"]:
            return failed(f"it leads to {found[0]}, not to {entry['model']}", _CONTENT)
        return passed(f"leads to {found[0]}")

    def route(self, entry: Row) -> Outcome:
        """One deployment for each member, in the order of the list, and no way to any other model."""
        if self._problem:
            return skipped(f"LiteLLM's models could not be read: {self._problem}")
        name, wanted = entry["name"], list(entry["order"])
        rows = self._by_name.get(name, [])
        if not rows:
            return failed("LiteLLM has no route of this name", _CONTENT)
        found = [_member(row) for row in sorted(rows, key=_order)]
        strangers = [_upstream(row) for row in rows if not _member(row)]
        if strangers:
            return failed(f"deployments that are not of this route have its name: {', '.join(strangers)}", _OTHERS)
        if found != wanted:
            return failed(f"its order is {', '.join(found)}, not {', '.join(wanted)}", _CONTENT)
        on_context = self._fallbacks("context_window_fallbacks").get(name, [])
        if on_context != list(entry.get("on_context") or []):
            asked = ", ".join(entry.get("on_context") or []) or "none"
            return failed(f"on_context is {', '.join(on_context) or 'none'}, not {asked}", _CONTENT)
        general = self._fallbacks("fallbacks")
        leaves = general.get(name) or general.get("*") or self._settings.get("default_fallbacks") or []
        if leaves:
            told = ", ".join(map(str, leaves))
            return failed(f"after a failure LiteLLM also asks {told}", "Take that fallback of the router away.")
        told = f"; a context that is too long goes to {', '.join(on_context)}" if on_context else ""
        return passed(f"{', then '.join(found)}{told}" if len(found) > 1 else f"{found[0]} only{told}")

    def member(self, deployment: str) -> str:
        """The model that a deployment stands for, empty where it is not known."""
        row = self._by_id.get(deployment)
        return (_member(row) or row["model_name"]) if row else ""

    def _fallbacks(self, kind: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for each in self._settings.get(kind) or []:
            found.update({name: list(models) for name, models in each.items()})
        return found


def _upstream(row: Row) -> str:
    return str((row.get("litellm_params") or {}).get("model"))


def _member(row: Row) -> str:
    return str((row.get("model_info") or {}).get("member") or "")


def _order(row: Row) -> float:
    return float((row.get("litellm_params") or {}).get("order") or 0)
