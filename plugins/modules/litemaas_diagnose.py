#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: litemaas_diagnose
short_description: Find out why a gateway, a model or a key does not work
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Walks a chain for each program, for the gateway, for each model and route, and for each key, and reports the first link
    that is broken, with the cause where it is a known one, what shows it, and what to do.
  - Of a program, the chain is what the cluster shows of it, with the causes that M(llamastack.maas.litemaas_wait_ready)
    recognises. Of the gateway, its URL, its database, the master key and the salt key. Of a model, what KServe shows of
    it, what LiteLLM has stored, and one small answer. Of a key, whether it is there, whether it is valid, and which list
    keeps it from a model - its own, its team's or its user's.
  - Keys that others have made are looked at, too, and named where a list keeps them from a model.
  - The small answers are asked for with a virtual key of small budget, which is deleted at the end. A model that is scaled
    to 0 is not called.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.calling
  - llamastack.maas.litellm
  - llamastack.maas.options.masking
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    details: LiteLLM is read, and no model is called.
options:
  url:
    description: The address of LiteLLM. Without it, only the programs are looked at.
    required: false
  programs:
    description: What M(llamastack.maas.litemaas_wait_ready) returned as RV(llamastack.maas.litemaas_wait_ready#module:objects),
      of each program in the order in which they need each other.
    type: list
    elements: dict
    default: []
  models:
    description: The models to look at, each with its public C(name), its C(mode), and C(model), which LiteLLM is to ask
      for.
    type: list
    elements: dict
    default: []
  routes:
    description: The routes to look at, each with its C(name), C(order) and C(on_context).
    type: list
    elements: dict
    default: []
  keys:
    description: The virtual keys to look at, each with its C(alias) and the C(models) that it is for.
    type: list
    elements: dict
    default: []
  served:
    description: By the public name of a model that KServe serves, its C(kind), C(namespace), C(name), C(state) and
      C(reason).
    type: dict
    default: {}
  app:
    description: The address of LiteMaaS's own page. Without it, that is not looked at.
    type: str
  app_secret:
    description: The Secret that holds an admin key of LiteMaaS's backend. Without one, its data is not looked at.
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
  go_on:
    description: Whether to go on past the first broken link of a chain.
    type: bool
    default: false
  proof:
    description: How much is asked. V(call) makes one small call of each model and route, which costs tokens; V(list) makes
      none.
    type: str
    choices: [call, list]
    default: call
  chat_timeout:
    description: For how many seconds to wait for one answer of a model.
    type: float
    default: 60
seealso:
  - module: llamastack.maas.litellm_check
  - module: llamastack.maas.litemaas_wait_ready
"""

EXAMPLES = r"""
- name: Find out what is wrong
  llamastack.maas.litemaas_diagnose:
    url: https://litellm.apps.example.com
    token: "{{ master_key }}"
    models:
      - {name: granite-8b, mode: chat, model: hosted_vllm/granite-8b}
    keys:
      - {alias: notebook, models: [granite-8b]}
  register: diagnosis

- name: Print it
  llamastack.maas.display:
    lines: "{{ diagnosis.lines }}"
"""

RETURN = r"""
targets:
  description: By its name what was found of each program, of the gateway, of each model, route and key.
  returned: success
  type: dict
  contains:
    state:
      description: V(healthy), V(broken), or V(unknown) when no broken link was found and not all could be looked at.
      type: str
    link:
      description: The first broken link.
      type: str
    cause:
      description: What is wrong, in a few words.
      type: str
    evidence:
      description: What shows it.
      type: str
    remedy:
      description: What to do.
      type: str
    links:
      description: Every link that was looked at, with C(link), C(state) (V(ok), V(broken), V(hint) or V(skipped)), and
        those of C(cause), C(evidence) and C(remedy) that there is something to say for.
      type: list
      elements: dict
  sample:
    key notebook:
      state: broken
      link: models
      cause: 'the list of the team does not allow the model: granite-8b'
      evidence: 'models of team data-science: openai-prod/gpt-4o-mini'
      remedy: 'Admit the team to granite-8b: by access.groups of its entry.'
      links: []
broken:
  description: The names of those with a broken link, the one nearest to the root first.
  returned: success
  type: list
  elements: str
lines:
  description: The diagnosis as text.
  returned: success
  type: list
  elements: str
"""

import typing as t
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone

from ansible_collections.llamastack.maas.plugins.module_utils.base.checks import FAILED, PASSED
from ansible_collections.llamastack.maas.plugins.module_utils.base.diagnosis import (
    BROKEN,
    HINT,
    OK,
    SKIPPED,
    Explanation,
    Link,
    verdict,
    walk,
)
from ansible_collections.llamastack.maas.plugins.module_utils.base.diagnosis_report import as_lines
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.masking import (
    ARGUMENTS as MASKING_ARGUMENTS,
    Masking,
)
from ansible_collections.llamastack.maas.plugins.module_utils.litellm import answers, diagnosis
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.client import Litellm, LitellmError, in_parallel
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.connection import (
    LitellmModule,
    SecretUnusable,
    secret_options,
)
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.proof_keys import PREFIX, ProofKeys, this_process
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.stored import Stored
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import app as litemaas

GATEWAY = "gateway"
PROGRAM = "program"

_AT_ONCE = 8
_BUDGET = 1.0
_SCALED = "scaled to 0"

Chains = t.Dict[str, t.Tuple[t.List[Link], str]]
"""By target its links, and the one that shows that the whole works."""


def main() -> None:
    module = LitellmModule(
        {
            **MASKING_ARGUMENTS,
            "url": {"type": "str"},
            "programs": {"type": "list", "elements": "dict", "default": []},
            "models": {"type": "list", "elements": "dict", "default": []},
            "routes": {"type": "list", "elements": "dict", "default": []},
            "keys": {"type": "list", "elements": "dict", "default": [], "no_log": False},
            "served": {"type": "dict", "default": {}},
            "app": {"type": "str"},
            "app_secret": secret_options("ADMIN_API_KEY"),
            "go_on": {"type": "bool", "default": False},
            "proof": {"type": "str", "choices": ["call", "list"], "default": "call"},
            "chat_timeout": {"type": "float", "default": 60.0},
        }
    )
    Masking(module.ansible)
    params = module.params
    chains: Chains = {f"program {each['name']}": ([_program(each)], PROGRAM) for each in params["programs"]}
    if params["url"]:
        chains.update(_gateway(module))
    if params["app"]:
        chains[litemaas.TARGET] = (_app(module), "data")
    targets = {name: verdict(walk(links, params["go_on"]), proof) for name, (links, proof) in chains.items()}
    module.exit(
        changed=False,
        targets=targets,
        broken=[name for name, found in targets.items() if found["state"] == BROKEN],
        lines=as_lines(targets, "target"),
    )


def _program(seen: dict[str, t.Any]) -> Link:
    """A program as the cluster shows it."""
    if seen.get("ready"):
        return Link(PROGRAM, OK)
    shown = ": ".join(str(part) for part in (seen.get("what"), seen.get("reason"), seen.get("message")) if part)
    known = seen.get("explanations") or []
    if known:
        return Link.broken(PROGRAM, Explanation(known[0]["cause"], known[0]["evidence"], known[0]["remedy"]))
    if seen.get("state") == "waiting":
        return Link(PROGRAM, HINT, "it is not ready yet", shown, "Run diagnose again in a minute.")
    return Link.broken(
        PROGRAM, Explanation("it is not at work", shown, "Look at its pods, their events and their logs.")
    )


def _gateway(module: LitellmModule) -> Chains:
    """The chain of the gateway and, where it takes the master key, those of what it holds."""
    secret = module.params["token_secret"]
    try:
        token = module.read_secret(secret) if secret else module.params["token"]
    except SecretUnusable as error:
        remedy = "Run llamastack.maas.litemaas_deploy, which makes it, or correct litemaas_token_secret."
        why = Explanation("the Secret with the master key cannot be used", str(error), remedy)
        return {GATEWAY: ([Link.broken(diagnosis.MASTER_KEY, why)], diagnosis.MASTER_KEY)}
    admin = module.litellm(token)
    links = diagnosis.gateway(admin)
    found: Chains = {GATEWAY: (links, diagnosis.MASTER_KEY)}
    if any(link.link == diagnosis.MASTER_KEY and link.state == OK for link in links):
        found.update(_content(module, admin))
    return found


def _content(module: LitellmModule, admin: Litellm) -> Chains:
    """The chains of models, routes and keys."""
    params = module.params
    reads: list[t.Callable[[], t.Any]] = [
        lambda: Stored.read(admin),
        lambda: admin.pages("/v2/model/info", "data", "size"),
        lambda: admin.pages("/key/list", "keys", "size", return_full_object=True),
        lambda: admin.pages("/v2/team/list", "teams"),
        lambda: admin.pages("/user/list", "users"),
    ]
    found = in_parallel(reads)
    for each in found:
        if isinstance(each, LitellmError):
            module.fail(f"Cannot read LiteLLM: {each}")
    stored, rows, keys, teams, users = t.cast(t.List[t.Any], found)
    asleep = {name: each["state"] for name, each in params["served"].items() if each["state"] == _SCALED}
    modes = {each["name"]: each.get("mode") or "chat" for each in params["models"]}
    names = [each["name"] for each in (*params["models"], *params["routes"])]

    def chains_of(ask: diagnosis.Ask | None) -> Chains:
        todo: dict[str, t.Callable[[], list[Link]]] = {
            **{
                f"model {each['name']}": lambda e=each: diagnosis.model(e, stored, params["served"].get(e["name"]), ask)
                for each in params["models"]
            },
            **{
                f"route {each['name']}": lambda e=each: diagnosis.route(e, stored, modes, asleep, ask)
                for each in params["routes"]
            },
        }
        with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
            links = pool.map(lambda make: make(), todo.values())
            return {name: (each, diagnosis.CALL) for name, each in zip(todo, links)}

    chains = _called(module, admin, names, chains_of)
    now = datetime.now(timezone.utc)
    callers = diagnosis.KeyHolders.of(keys, teams, users, rows)
    for entry in params["keys"]:
        chains[f"key {entry['alias']}"] = (diagnosis.key(entry, callers, now), diagnosis.MODELS)
    asked = {entry["alias"] for entry in params["keys"]}
    for row in keys:
        alias = row.get("key_alias") or row.get("key_name") or "without alias"
        if alias in asked or alias.startswith(PREFIX):
            continue
        links = diagnosis.other_key(row, callers, now)
        if links:
            chains[f"key {alias}, not in the list"] = (links, diagnosis.MODELS)
    return chains


def _called(
    module: LitellmModule, admin: Litellm, names: list[str], chains_of: t.Callable[[diagnosis.Ask | None], Chains]
) -> Chains:
    """The chains with calls by a key that is made for them, where calls are wanted."""
    if module.check_mode or module.params["proof"] == "list" or not names:
        return chains_of(None)
    keys = ProofKeys(admin, this_process())
    try:
        keys.delete_leftovers()
        client = module.litellm(keys.make("diagnosis", names, _BUDGET).value)

        def ask(name: str, mode: str) -> answers.Meaning:
            request = answers.request(name, mode)
            return answers.judge(
                client.answer(request.method, request.path, request.document, timeout=module.params["chat_timeout"])
            )

        return chains_of(ask)
    except LitellmError as error:
        module.fail(f"No key could be made to call models with: {error}")
    finally:
        for problem in keys.delete():
            module.ansible.warn(f"A key is left to expire: {problem}")


def _app(module: LitellmModule) -> list[Link]:
    secret = module.params["app_secret"]
    token = module.secret_value("app_secret", secret) if secret else ""
    app = litemaas.App(module.client(module.params["app"], token), module.params["app"], bool(token))
    links = []
    for name, check in app.checks([each["name"] for each in module.params["models"]]).items():
        outcome = check()
        if outcome.state == FAILED:
            cause = litemaas.INVENTED if outcome.detail.startswith(litemaas.INVENTED) else f"its {name} is not in order"
            links.append(Link.broken(name, Explanation(cause, outcome.detail, outcome.remedy)))
        else:
            state = OK if outcome.state == PASSED else SKIPPED
            links.append(Link(name, state, "" if state == OK else outcome.detail))
    return links


if __name__ == "__main__":
    main()
