#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kube_secret_renew
short_description: Give fields of Secrets new generated values, in steps that a run may be killed between
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - O(state=begun) makes new values, and keeps them with the old ones in the Secret O(keep). What is kept there already is
    what a run goes on with.
  - O(state=new) writes the new values into the Secrets, O(state=old) the old ones, O(state=ended) deletes the Secret O(keep).
  - No value leaves the module, nor is in its difference.
  - A Secret that this set does not manage is refused before anything is written.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    support: full
    details: Uses the dry run of the API server, so that admission is asked too.
  diff_mode:
    support: none
  idempotent:
    support: full
options:
  state:
    description: How far it is to be. See the description.
    type: str
    choices: [begun, new, old, ended]
    required: true
  keep:
    description: The Secret with new and old values, as C(name), C(namespace) and C(labels). All of O(secrets) are in its
      namespace.
    type: dict
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
        description: Its labels, which say whose it is.
        type: dict
        required: true
  secrets:
    description: The Secrets whose fields get new values, as M(llamastack.maas.kube_secret_generate) takes them.
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
        description: Its labels, which say whose it is.
        type: dict
      existing:
        description: Whether it is one of the user's, which is refused.
        type: bool
        default: false
      fields:
        description: The fields that get new values, each with what such a value is like.
        type: dict
        required: true
seealso:
  - module: llamastack.maas.kube_secret_generate
"""

EXAMPLES = r"""
- name: Begin to change the master key
  llamastack.maas.kube_secret_renew:
    state: begun
    keep: "{{ keep }}"
    secrets:
      - name: litellm-secret
        namespace: litemaas
        labels: "{{ keep.labels }}"
        fields:
          LITELLM_MASTER_KEY: {prefix: sk-, length: 48}
"""

RETURN = r"""
resumed:
  description: Whether values of a run before were found in O(keep).
  returned: success
  type: bool
  sample: false
fields:
  description: The fields that get new values, by the name of their Secret.
  returned: success
  type: dict
  sample: {litellm-secret: [LITELLM_MASTER_KEY]}
revisions:
  description: For each Secret, what changes with its values, by C(<namespace>/<name>).
  returned: success
  type: dict
  sample: {litemaas/litellm-secret: 2b7e151628aed2a6}
"""

import typing as t

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import generated, renewed
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.apply import listing
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import revision_of

Object = t.Dict[str, t.Any]

_WHICH = {"new": renewed.NEW, "old": renewed.OLD}


class RenewalRefused(Exception):
    """Why nothing may be written."""


class Renewal:
    """The Secrets of one call, and what became of them."""

    def __init__(self, cluster: Cluster, params: Object, check_mode: bool) -> None:
        self._cluster = cluster
        self._keep: Object = params["keep"]
        self._wanted = generated.completed(params["secrets"])
        self._check_mode = check_mode
        self._found: dict[str, Object] = {}
        self._kept: Object | None = None
        self.changed = False
        self.resumed = False

    def run(self, state: str) -> None:
        """Read all, then write. Raises RenewalRefused, and ApiError for what the API refuses."""
        self._read()
        self.resumed = renewed.is_complete(self._wanted, self._kept)
        if state == "begun":
            to_keep = renewed.to_keep(self._wanted, self._found, self._keep, self._kept)
            if to_keep is not None:
                self._write(to_keep)
        elif state in _WHICH:
            self._bring(_WHICH[state])
        elif self._kept is not None:
            self._cluster.delete(
                "v1",
                "Secret",
                self._keep["name"],
                self._keep["namespace"],
                uid=self._kept["metadata"]["uid"],
                dry_run=self._check_mode,
            )
            self.changed = True

    def _read(self) -> None:
        wrong = []
        self._kept = self._cluster.get("v1", "Secret", self._keep["name"], self._keep["namespace"])
        why = renewed.problem_of_kept(self._keep, self._kept)
        wrong += [f"Secret {self._keep['namespace']}/{self._keep['name']} {why}."] if why else []
        for secret in self._wanted:
            current = self._cluster.get("v1", "Secret", secret["name"], secret["namespace"])
            why = renewed.problem(secret, current)
            if why:
                wrong.append(f"Secret {secret['namespace']}/{secret['name']} {why}.")
            else:
                self._found[secret["name"]] = t.cast(Object, current)
        if wrong:
            raise RenewalRefused(listing("Nothing was written: these Secrets cannot get new values:", wrong))

    def _bring(self, which: str) -> None:
        if not self.resumed:
            if self._check_mode:
                self.changed = True
                return
            raise RenewalRefused(f"Secret {self._keep['name']} does not hold new and old values of all fields.")
        for secret in self._wanted:
            to_write = renewed.with_values(secret, self._found[secret["name"]], t.cast(Object, self._kept), which)
            if to_write is not None:
                self._found[secret["name"]] = self._write(to_write)

    def _write(self, secret: Object) -> Object:
        after = self._cluster.put_seen(secret, dry_run=self._check_mode)
        self.changed = True
        return after

    def revisions(self) -> dict[str, str]:
        return {f"{found['metadata']['namespace']}/{name}": revision_of(found) for name, found in self._found.items()}


def main() -> None:
    name = {"type": "str", "required": True}
    module = AnsibleK8SModule(
        argument_spec={
            **AUTH_ARG_SPEC,
            "state": {"type": "str", "choices": ["begun", "new", "old", "ended"], "required": True},
            "keep": {
                "type": "dict",
                "required": True,
                "options": {"name": name, "namespace": name, "labels": {"type": "dict", "required": True}},
            },
            "secrets": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "no_log": False,
                "options": {
                    "name": name,
                    "namespace": name,
                    "labels": {"type": "dict"},
                    "existing": {"type": "bool", "default": False},
                    "fields": {"type": "dict", "required": True},
                },
            },
        },
        supports_check_mode=True,
    )
    problems = generated.input_problems(module.params["secrets"], module.params["keep"])
    if problems:
        module.fail_json(msg=listing("Nothing was written: what was handed in cannot be used:", problems))
    try:
        renewal = Renewal(Cluster(module), module.params, module.check_mode)
        renewal.run(module.params["state"])
    except (ApiError, RenewalRefused) as error:
        module.fail_json(msg=str(error))
    module.exit_json(
        changed=renewal.changed,
        resumed=renewal.resumed,
        fields={secret["name"]: sorted(secret["fields"]) for secret in module.params["secrets"]},
        revisions=renewal.revisions(),
    )


if __name__ == "__main__":
    main()
