#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kube_secret_generate
short_description: Make Secrets with generated values once, and never change them
version_added: 0.2.0
author: llamastack.maas contributors (@llamastack)
description:
  - Creates the Secrets that are missing, and adds the fields that are missing to those that are there, with values that
    chance decides. A value that is there is never changed, so a second run writes nothing.
  - No value leaves the module, neither a new one nor one that was read. It returns which fields were made, and what
    changes with the values.
  - A Secret that this set does not manage is refused before anything is written, but for one that is named as
    O(secrets[].existing). That one is only read, and must hold all fields.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    support: full
    details: Uses the dry run of the API server, so that admission is asked too.
  diff_mode:
    support: full
    details: Only the names of the fields are shown.
  idempotent:
    support: full
options:
  secrets:
    description: The Secrets.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description: Its name.
        type: str
        required: true
      namespace:
        description: Its namespace.
        type: str
        required: true
      labels:
        description: Its labels, which say whose it is. Needed unless O(secrets[].existing).
        type: dict
      existing:
        description: Whether it is one of the user's, to be read and never to be written.
        type: bool
        default: false
      fields:
        description:
          - Its fields, by their names. Each is a mapping that may be empty.
          - V(length) is the number of letters and digits, 32 where it is left out; V(prefix) stands before them; V(value)
            is taken as it is in place of them, which is for what is no secret.
          - V(must_begin_with) and V(refuse), a list, say which values that are there cannot be used.
          - With V(fingerprint), RV(secrets) has one of the value.
        type: dict
        required: true
seealso:
  - module: llamastack.maas.kube_apply
  - module: llamastack.maas.kube_secret_info
"""

EXAMPLES = r"""
- name: Make a master key once
  llamastack.maas.kube_secret_generate:
    secrets:
      - name: litellm-secret
        namespace: litemaas
        labels:
          app.kubernetes.io/managed-by: llamastack.maas
          llamastack.maas/namespace: litemaas
          llamastack.maas/set: litemaas.default
        fields:
          LITELLM_MASTER_KEY: {prefix: sk-, length: 48}
          UI_USERNAME: {value: admin}
  register: made

- name: Name what was made
  ansible.builtin.debug:
    msg: "{{ made.secrets['litemaas/litellm-secret'].made }}"
"""

RETURN = r"""
secrets:
  description: What became of each Secret, by C(<namespace>/<name>).
  returned: success
  type: dict
  contains:
    action:
      description: V(created), V(updated) where fields were added, V(unchanged), or V(used) for one of the user's.
      type: str
    made:
      description: The fields that were made.
      type: list
      elements: str
    fields:
      description: All its fields. In check mode, those of a Secret that is to be made.
      type: list
      elements: str
    fingerprints:
      description:
        - By the name of a field that asks for it, digits that are the same for the same value, whatever Secret holds it.
          In check mode, a value that is to be made has none.
      type: dict
  sample:
    litemaas/litellm-secret:
      action: created
      made: [LITELLM_MASTER_KEY, UI_USERNAME]
      fields: [LITELLM_MASTER_KEY, UI_USERNAME]
      fingerprints: {}
revisions:
  description:
    - For each Secret that there is, what changes with its values, as M(llamastack.maas.kube_secret_info) has it.
  returned: success
  type: dict
  sample:
    litemaas/litellm-secret: 2b7e151628aed2a6
"""

import typing as t

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import generated
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.apply import listing
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster, in_parallel
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import (
    decode,
    fingerprint,
    revision_of,
)

Object = t.Dict[str, t.Any]

# Whoever else writes a Secret at the same time does so once or twice, not forever.
_ATTEMPTS = 5


class Unusable(Exception):
    """Why a Secret cannot be used, as a message for the user."""


def read(cluster: Cluster, secrets: list[Object]) -> list[t.Any]:
    """Each Secret as it is, None where there is none. Raises Unusable with all that cannot be used."""
    answers = in_parallel(
        [lambda s=secret: cluster.get("v1", "Secret", s["name"], s["namespace"]) for secret in secrets]
    )
    wrong = []
    for secret, answer in zip(secrets, answers):
        name = f"Secret {secret['namespace']}/{secret['name']}"
        if isinstance(answer, ApiError):
            wrong.append(f"{name}: {answer}")
        else:
            why = generated.problem(secret, answer)
            wrong += [f"{name} {why}."] if why else []
    if wrong:
        raise Unusable(listing("Nothing was written: these Secrets cannot be used:", wrong))
    return answers


def ensure(cluster: Cluster, wanted: Object, current: Object | None, check_mode: bool) -> tuple[Object | None, Object]:
    """The Secret as it is then, and what became of it. In check mode, one that is to be made has no values."""
    for _attempt in range(_ATTEMPTS):
        to_write = generated.to_write(wanted, current)
        if to_write is None:
            return current, {"action": "used" if wanted["existing"] else "unchanged", "made": []}
        made = generated.missing(wanted, current)
        try:
            after = cluster.put_seen(to_write, dry_run=check_mode)
        except ApiError as exc:
            if check_mode and exc.is_missing_namespace:
                after = None
            elif exc.status != 409:
                raise
            else:
                # Another run was faster; what it has made is what counts.
                current = cluster.get("v1", "Secret", wanted["name"], wanted["namespace"])
                why = generated.problem(wanted, current)
                if why:
                    raise Unusable(f"Secret {wanted['namespace']}/{wanted['name']} {why}.") from exc
                continue
        return None if check_mode else after, {"action": "created" if current is None else "updated", "made": made}
    raise Unusable(f"Secret {wanted['namespace']}/{wanted['name']} is changed again and again by another writer.")


def fingerprints(wanted: Object, secret: Object | None) -> dict[str, str]:
    data = (secret or {}).get("data") or {}
    return {
        name: fingerprint(decode(data[name]))
        for name, field in wanted["fields"].items()
        if field.get("fingerprint") and data.get(name)
    }


def main() -> None:
    module = AnsibleK8SModule(
        argument_spec={
            **AUTH_ARG_SPEC,
            "secrets": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "no_log": False,
                "options": {
                    "name": {"type": "str", "required": True},
                    "namespace": {"type": "str", "required": True},
                    "labels": {"type": "dict"},
                    "existing": {"type": "bool", "default": False},
                    "fields": {"type": "dict", "required": True},
                },
            },
        },
        supports_check_mode=True,
    )
    problems = generated.input_problems(module.params["secrets"])
    if problems:
        module.fail_json(msg=listing("Nothing was written: what was handed in cannot be used:", problems))
    secrets = generated.completed(module.params["secrets"])
    results: dict[str, Object] = {}
    revisions: dict[str, str] = {}
    diffs = []
    try:
        cluster = Cluster(module)
        before = read(cluster, secrets)
        for wanted, current in zip(secrets, before):
            name = f"{wanted['namespace']}/{wanted['name']}"
            after, outcome = ensure(cluster, wanted, current, module.check_mode)
            known = (after or current or {}).get("data") or {}
            outcome["fields"] = sorted({*known, *outcome["made"]})
            outcome["fingerprints"] = fingerprints(wanted, after)
            results[name] = outcome
            if after:
                revisions[name] = revision_of(after)
            if outcome["made"]:
                names = sorted(((current or {}).get("data") or {}))
                shown = {"before": names, "after": outcome["fields"]}
                diffs.append(
                    {
                        "before_header": f"Secret {name}",
                        "after_header": f"Secret {name}",
                        **{key: "".join(f"{each}: (hidden)\n" for each in fields) for key, fields in shown.items()},
                    }
                )
    except (ApiError, Unusable) as exc:
        module.fail_json(msg=str(exc), secrets=results, revisions=revisions)
    result = {
        "changed": any(each["made"] for each in results.values()),
        "secrets": results,
        "revisions": revisions,
    }
    if module._diff:
        result["diff"] = diffs
    module.exit_json(**result)


if __name__ == "__main__":
    main()
