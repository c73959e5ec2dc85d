# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How a module learns which credentials C(redaction) has to mask, beside those that it reads and sends itself."""

from __future__ import annotations

import contextlib
import json
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.redaction import can_be_hidden, hide, hide_shapes
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ref import Ref

if t.TYPE_CHECKING:
    from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster

_TEXTS = {"type": "list", "elements": "str", "default": []}

ARGUMENTS: dict[str, t.Any] = {
    "masking": {
        "type": "dict",
        "no_log": True,
        "options": {"values": {**_TEXTS}, "patterns": {**_TEXTS}, "secrets": {**_TEXTS, "no_log": False}},
    }
}
"""The option of a module that quotes others; documented by the fragment C(options.masking)."""


def take(module: t.Any, option: str) -> t.Any:
    """The value of an option that holds credentials, which are masked from now on.

    Ansible masks them in what the module returns, too. Not what is ordinary text, though, or stands in another option:
    that would spoil names and URLs, which later tasks need.
    """
    value = module.params[option]
    visible = json.dumps({key: given for key, given in module.params.items() if key != option}, default=str)
    credentials = set(_texts(value["values"] if option == "masking" and value else value))
    secret = {text for text in credentials if can_be_hidden(text) and text not in visible}
    ansible = getattr(module, "_module", module)
    ansible.no_log_values.difference_update(set(_texts(value)) - secret)
    # Of what Ansible does not mask, the module's arguments would be shown.
    module.params[option] = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    hide(credentials)
    return value


class Masking:
    """What the option says."""

    def __init__(self, module: t.Any) -> None:
        given = take(module, "masking") or {}
        hide_shapes(given.get("patterns") or [])
        self._secrets: list[str] = given.get("secrets") or []

    def read(self, open_cluster: t.Callable[[], Cluster], namespace: str) -> None:
        """Read the Secrets whose values the run does not hold, so that these are masked; who may not read them, does not."""
        if self._secrets:
            with contextlib.suppress(ApiError):
                open_cluster().read(Ref("v1", "Secret", namespace, name) for name in self._secrets)


def _texts(value: t.Any) -> t.Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _texts(each)
