# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The variables about what is in a LiteMaaS: to export it, back it up, restore it, and change its credentials."""

from __future__ import annotations

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import Findings
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import quantities
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import backups
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import conversion, variables
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.table import Variable

Object = t.Dict[str, t.Any]
At = t.Callable[[str], Findings]

DATABASE, MASTER_KEY = ROTATED = ("database", "master_key")

SHAPES: dict[str, conversion.Shape] = {"backup": {"keep": "int"}, "restore": {"overwrite": "bool"}}

VARIABLES = (
    Variable("export_file", "path", None, "File on the controller that export writes; default: it is printed."),
    Variable(
        "backup",
        "dict",
        {},
        "Where backups are and how many: claim, the name of one of yours; or storage (5Gi) and storage_class of the one that"
        " is made; keep (7), 0 for all.",
    ),
    Variable(
        "restore", "dict", {}, "What restore brings back: backup, its id; overwrite, whether a used database is lost."
    ),
    Variable("rotate", "names", [], "What rotate changes: database, master_key; default: both."),
)

_BACKUP = {"claim": None, "storage": "5Gi", "storage_class": None, "keep": 7}


def check(values: Object, at: At) -> None:
    """Report what is wrong with these variables, and bring them into their full shape."""
    values["backup"] = _backup(values["backup"], at("backup"))
    values["restore"] = _restore(values["restore"], at("restore"))
    for index, name in enumerate(values["rotate"]):
        at("rotate").at(index).require_one_of(name, ROTATED)


def _backup(given: Object, findings: Findings) -> Object:
    findings.refuse_unknown_keys(given, _BACKUP)
    found = {**_BACKUP, **{key: value for key, value in given.items() if not conversion.is_blank(value)}}
    for key in ("claim", "storage_class"):
        if found[key] is not None:
            variables.check_object_name(found[key], findings.at(key))
    if not quantities.is_quantity(found["storage"]):
        findings.at("storage").error("must be an amount, such as 5Gi")
    if found["claim"]:
        for key in ("storage", "storage_class"):
            if key in given:
                findings.at(key).error("is for a claim that is made, and claim names one that is there")
    if isinstance(found["keep"], bool) or not isinstance(found["keep"], int) or found["keep"] < 0:
        findings.at("keep").error("must be a whole number: how many of the newest backups are kept, 0 for all")
    return found


def _restore(given: Object, findings: Findings) -> Object:
    findings.refuse_unknown_keys(given, ("backup", "overwrite"))
    backup, overwrite = given.get("backup"), given.get("overwrite", False)
    if backup is not None and (not isinstance(backup, str) or not backups.ID.match(backup)):
        findings.at("backup").error("must be the id of a backup, which is its time, such as 20261201t044503z")
    if not isinstance(overwrite, bool):
        findings.at("overwrite").error("must be true or false")
    return {"backup": backup, "overwrite": overwrite}
