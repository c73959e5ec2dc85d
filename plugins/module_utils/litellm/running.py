# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of the modules that bring objects to a LiteLLM, and how such a module runs."""

from __future__ import annotations

import time
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.masking import take
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.connection import LitellmModule
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.content import Content
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.key_secrets import KeySecrets
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.writing import ContentRun

KEY_FIELD = "LITELLM_API_KEY"
"""The field of a Secret in which a virtual key lives, unless it names another one."""

Spec = t.Dict[str, t.Any]

_TEXT: Spec = {"type": "str"}
_NAME: Spec = {"type": "str", "required": True}
_TEXTS: Spec = {"type": "list", "elements": "str"}
_NUMBER: Spec = {"type": "int"}
_LIMITS: Spec = {"budget": {"type": "float"}, "budget_duration": _TEXT, "tpm": _NUMBER, "rpm": _NUMBER}

MODEL: Spec = {
    "name": _NAME,
    "model": _NAME,
    "mode": _TEXT,
    "max_output_tokens": {**_NUMBER, "no_log": False},
    "params": {"type": "dict"},
    "info": {"type": "dict"},
    "credential": {"type": "str", "no_log": False},
}
ROUTE: Spec = {
    "name": _NAME,
    "order": {"type": "list", "elements": "str", "required": True},
    "on_context": _TEXTS,
    "cooldown": {"type": "float"},
    "timeout": {"type": "float"},
}
BUDGET: Spec = {"id": _NAME, **_LIMITS}
TEAM: Spec = {"id": _NAME, "alias": _TEXT, "models": _TEXTS, "model_tpm": {"type": "dict"}, **_LIMITS}
USER: Spec = {"id": _NAME, "team": _TEXT, "models": _TEXTS, **_LIMITS}
KEY: Spec = {
    "alias": _NAME,
    "team": _TEXT,
    "user": _TEXT,
    "models": _TEXTS,
    "duration": _TEXT,
    **_LIMITS,
    "secret": {
        "type": "dict",
        "no_log": False,
        "options": {
            "name": _NAME,
            "namespace": _NAME,
            "key": {"type": "str", "default": KEY_FIELD, "no_log": False},
        },
    },
}
CREDENTIALS: Spec = {"type": "dict", "default": {}, "no_log": True}

COMMON: Spec = {
    "set": {"type": "str", "default": "default"},
    "adopt": {"type": "bool", "default": False},
    "settle_timeout": {"type": "float", "default": 60.0},
}
LABELS: Spec = {"namespace": {"type": "str", "default": "litemaas"}}
STATE: Spec = {"state": {"type": "str", "choices": ["present", "absent"], "default": "present"}}


def entries_of(spec: Spec, required: bool = False) -> Spec:
    """The option that is a list of such objects."""
    return {"type": "list", "elements": "dict", "options": spec, "required": required}


def only_given(entry: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """An entry without what was left out."""
    return {key: value for key, value in entry.items() if value is not None}


def asked_of(params: t.Mapping[str, t.Any], **what: t.Any) -> Content:
    """What a module was asked for, by the options of :data:`COMMON`."""
    return Content(set_name=params["set"], adopt=params["adopt"], **what)


def one_object(
    kind: str,
    spec: Spec,
    *,
    more: Spec | None = None,
    extra: t.Callable[[LitellmModule, dict[str, t.Any]], dict[str, t.Any]] | None = None,
    **how: t.Any,
) -> None:
    """The main function of a module for one object; ``spec`` are the options that are the object.

    ``extra`` may change the object and returns what else is asked for.
    """
    name = next(iter(spec))
    options = {key: {**each, "required": False} if key != name else each for key, each in spec.items()}
    module = LitellmModule({**STATE, **COMMON, **options, **(more or {})}, **how)
    params = module.params
    entry = only_given({key: params[key] for key in spec})
    also = extra(module, entry) if extra else {}
    if params["state"] == "absent":
        asked = asked_of(params, absent={(kind, entry[name])})
    else:
        asked = asked_of(params, **{f"{kind}s": [entry]}, **also)
    run(module, asked)


def run(module: LitellmModule, asked: Content, *, is_batch: bool = False) -> None:
    """Bring LiteLLM to what was asked for, and end the module."""
    secrets = KeySecrets(module.cluster, module.params.get("namespace") or "", asked.set_name)
    work = ContentRun(
        module.litellm(),
        asked,
        secrets,
        check_mode=module.check_mode,
        settle_timeout=module.params["settle_timeout"],
        clock=time.monotonic,
        sleep=time.sleep,
    )
    error = work.run()
    for warning in work.warnings:
        module.ansible.warn(warning)
    outcome = work.results()
    if LABELS.keys() <= module.params.keys():
        outcome.update(work.secrets())
    if is_batch:
        outcome["leftovers"] = work.leftovers()
    if module.shows_diff:
        outcome["diff"] = work.diffs()
    if error:
        module.fail(error, **outcome)
    module.exit(**outcome)


def credentials(module: LitellmModule, option: str) -> t.Any:
    """The values of an option that holds credentials; nothing shows them from now on."""
    return take(module.ansible, option) or {}
