#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: litellm_check
short_description: Check a LiteLLM, its models and its routes by real calls
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Checks that LiteLLM and its database answer, that it can decrypt what it has stored, that every model and every
    route
    is stored as it is asked for and answers, whole and as a stream, that keys which must be refused are, and that usage and
    spend arrive in the database.
  - The calls carry virtual keys that are made for them, of small budget and short duration, and deleted at the end.
    What a run that was killed has left is deleted by the next one. A few dozen tokens are used for each model and route.
  - Nothing that was there before is changed. A model that is scaled to 0 is not called, which would start it.
  - A key that is blocked or deleted is taken by other replicas of LiteLLM for up to 60 seconds where they share no
    Redis;
    the checks wait for that.
  - Returns the results only. A failed check does not fail the module, so that reports can be made of all results
    first.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.calling
  - llamastack.maas.litellm
  - llamastack.maas.options.masking
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    details: Nothing is called. The task is reported as skipped.
  idempotent:
    details: Nothing that lasts is modified. Virtual keys are made and deleted again.
options:
  models:
    description: The models to check, each with its public C(name), its C(mode) (V(chat), V(completion) or V(embedding))
      and C(model), which LiteLLM is to ask for.
    type: list
    elements: dict
    default: []
  routes:
    description: The routes to check, each with its C(name), the public names of its models in C(order), and
      C(on_context).
    type: list
    elements: dict
    default: []
  scaled:
    description: By the name of a model, why nothing answers for it that must not be started by a call, such as
      V(scaled to 0).
    type: dict
    default: {}
  programs:
    description: What the cluster shows of each program, as the C(objects) that
      M(llamastack.maas.litemaas_wait_ready) returns. Makes a check of each.
    type: list
    elements: dict
  programs_note:
    description: Why O(programs) is not given, for the check that is skipped.
    type: str
    default: the cluster was not looked at
  app:
    description: The address of LiteMaaS's own page, below which its backend answers. Without it, that is not checked.
    type: str
  app_secret:
    description: The Secret that holds an admin key of LiteMaaS's backend. Without one, some of it is not checked.
    type: dict
    suboptions:
      name:
        description: The name of the Secret.
        type: str
        required: true
      namespace:
        description: The namespace of the Secret.
        type: str
        required: true
      key:
        description: The field of the Secret.
        type: str
        default: ADMIN_API_KEY
  replicas:
    description: How many replicas of LiteLLM answer at O(url). Where that is not known, it is taken for two.
    type: int
  budget:
    description: The budget, in US dollars, of the virtual key that models are called with.
    type: float
    default: 1
  proof:
    description: How much is proven. V(call) makes small calls, which cost tokens; V(list) makes none.
    type: str
    choices: [call, list]
    default: call
  chat_timeout:
    description: For how many seconds to wait for one answer of a model.
    type: float
    default: 60
  limit_timeout:
    description: For how many seconds, for each model, an answer of 429 is waited out before it is reported.
    type: float
    default: 130
seealso:
  - module: llamastack.maas.display
"""

EXAMPLES = r"""
- name: Check a gateway
  llamastack.maas.litellm_check:
    url: https://litellm.apps.example.com
    token: "{{ master_key }}"
    models:
      - {name: openai-prod/gpt-4o-mini, mode: chat, model: openai/gpt-4o-mini}
      - {name: granite-8b, mode: chat, model: hosted_vllm/granite-8b}
    routes:
      - {name: ops-assistant, order: [granite-8b, openai-prod/gpt-4o-mini]}
  register: validation

- name: Print the results
  llamastack.maas.display:
    lines: "{{ validation.failed_checks }}"

- name: Fail if a check failed
  ansible.builtin.assert:
    that: validation.failed_checks | length == 0
"""

RETURN = r"""
checks:
  description: The results, by target, and in the order in which they were made.
  returned: always, except in check mode
  type: list
  elements: dict
  contains:
    target:
      description: What was checked - V(programs), V(gateway), V(litemaas), C(model <name>) or C(route <name>).
      type: str
    check:
      description:
        - Of V(programs), the name of each program.
        - Of V(gateway), V(health), V(database), V(salt) when what is stored can be decrypted, V(ui) when the admin page
          is served, V(no_credentials), V(model_not_allowed), V(expired_key), V(exhausted_budget) and V(blocked_key)
          when each of these is refused, V(key) and V(key_deleted) for the key that models are called with, and V(usage)
          and V(spend) when what was used arrives in the database.
        - Of V(litemaas), V(page), V(health), V(data) when its users are not invented, and V(models).
        - Of a model or route, V(stored) when LiteLLM has it as asked, V(chat), V(completion) or V(embedding) when it
          answers, and V(stream).
      type: str
    state:
      description: V(passed), V(failed), or V(skipped) when it does not apply or could not be made.
      type: str
    detail:
      description: What was seen, or why it was skipped.
      type: str
    remedy:
      description: What to do about a failure.
      type: str
    seconds:
      description: How long it took, waiting and tries included.
      type: float
    measures:
      description: Of a call that was answered, the seconds until the whole answer had come (C(total_time)) and, of a
        stream, until the first chunk with a part of the answer had come (C(time_to_first_token)).
      returned: where something was measured
      type: dict
  sample:
    - target: model openai-prod/gpt-4o-mini
      check: chat
      state: passed
      detail: answered
      remedy: ""
      seconds: 0.81
      measures:
        total_time: 0.62
failed_checks:
  description: The failed checks, each as C(<target>/<check>).
  returned: always, except in check mode
  type: list
  elements: str
  sample: [model gemini/gemini-2.5-flash/chat]
"""

import time
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.checks import (
    FAILED,
    Outcome,
    failed,
    passed,
    skipped,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.masking import (
    ARGUMENTS as MASKING_ARGUMENTS,
    Masking,
)
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.checks import ProofPlan, ProofWorld, check_all
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.connection import LitellmModule, secret_options
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.proof_keys import ProofKeys, this_process
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import app as litemaas

PROGRAMS = "programs"


def main() -> None:
    module = LitellmModule(
        {
            **MASKING_ARGUMENTS,
            "models": {"type": "list", "elements": "dict", "default": []},
            "routes": {"type": "list", "elements": "dict", "default": []},
            "scaled": {"type": "dict", "default": {}},
            "programs": {"type": "list", "elements": "dict"},
            "programs_note": {"type": "str", "default": "the cluster was not looked at"},
            "app": {"type": "str"},
            "app_secret": secret_options("ADMIN_API_KEY"),
            "replicas": {"type": "int"},
            "budget": {"type": "float", "default": 1.0},
            "proof": {"type": "str", "choices": ["call", "list"], "default": "call"},
            "chat_timeout": {"type": "float", "default": 60.0},
            "limit_timeout": {"type": "float", "default": 130.0},
        },
    )
    Masking(module.ansible)
    params = module.params
    if module.check_mode:
        module.exit(skipped=True, msg="Nothing is called in check mode.")

    plan = ProofPlan(
        models=params["models"],
        routes=params["routes"],
        scaled=params["scaled"],
        spend=params["proof"] == "call",
        budget=params["budget"],
        replicas=params["replicas"],
        chat_timeout=params["chat_timeout"],
        limit_timeout=params["limit_timeout"],
    )
    admin = module.litellm()
    checks = _programs(params["programs"], params["programs_note"])
    checks += check_all(
        plan,
        admin,
        ProofKeys(admin, this_process()),
        ProofWorld(lambda key: module.litellm(key) if key else module.nobody(), time.monotonic, time.sleep),
    )
    if params["app"]:
        checks += _app(module, [each["name"] for each in params["models"]])
    module.exit(
        changed=False,
        checks=checks,
        failed_checks=[f"{check['target']}/{check['check']}" for check in checks if check["state"] == FAILED],
    )


def _programs(programs: list[dict[str, t.Any]] | None, note: str) -> list[dict[str, t.Any]]:
    """A check of each program as the cluster shows it."""
    if programs is None:
        return [skipped(note).as_result(PROGRAMS, 0, target=PROGRAMS)]
    return [_program(seen).as_result(seen["name"], 0, target=PROGRAMS) for seen in programs]


def _program(seen: dict[str, t.Any]) -> Outcome:
    if seen.get("ready"):
        return passed(seen.get("message") or "ready")
    known = next(iter(seen.get("explanations") or []), {})
    parts = [seen.get("what"), seen.get("reason"), seen.get("message"), known.get("cause")]
    return failed(": ".join(part for part in parts if part), known.get("remedy") or "")


def _app(module: LitellmModule, models: list[str]) -> list[dict[str, t.Any]]:
    secret = module.params["app_secret"]
    token = module.secret_value("app_secret", secret) if secret else ""
    app = litemaas.App(module.client(module.params["app"], token), module.params["app"], bool(token))
    results = []
    for name, check in app.checks(models).items():
        started = time.monotonic()
        results.append(check().as_result(name, time.monotonic() - started, target=litemaas.TARGET))
    return results


if __name__ == "__main__":
    main()
