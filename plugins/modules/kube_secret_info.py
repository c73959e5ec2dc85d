#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: kube_secret_info
short_description: Read the keys and the revision of Secrets, never their values
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Reads Secrets by name and returns which keys they have, whether this collection made them, and a revision that
    changes when they do.
  - No value leaves the module.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
  - llamastack.maas.attributes.info_module
  - kubernetes.core.k8s_auth_options
options:
  namespace:
    description: The namespace of the Secrets.
    type: str
    required: true
  names:
    description: The names of the Secrets.
    type: list
    elements: str
    required: true
seealso:
  - module: llamastack.maas.kube_apply
"""

EXAMPLES = r"""
- name: Look at a Secret that is not managed by this collection
  llamastack.maas.kube_secret_info:
    namespace: llm
    names: [corp-gemini]
  register: looked_at

- name: Refuse to go on without its key
  ansible.builtin.assert:
    that: "'token' in looked_at.secrets['corp-gemini'].fields"
"""

RETURN = r"""
secrets:
  description: What each of O(names) is.
  returned: success
  type: dict
  contains:
    exists:
      description: Whether there is a Secret of this name; V(null) if it may not be read.
      type: bool
    fields:
      description: Its keys, sorted.
      type: list
      elements: str
    empty_fields:
      description: Those of its keys that have no value.
      type: list
      elements: str
    managed:
      description: Whether this collection made it.
      type: bool
    revision:
      description: 16 hexadecimal digits over the values of a Secret that this collection made, the same that
        M(llamastack.maas.kube_apply) returns; the C(resourceVersion) of any other; V(null) where there is none.
      type: str
  sample:
    corp-gemini:
      exists: true
      fields: [token]
      empty_fields: []
      managed: false
      revision: '84512'
revisions:
  description: The revision of each Secret that exists, by C(<namespace>/<name>), as M(llamastack.maas.kube_apply) returns
    them.
  returned: success
  type: dict
  sample:
    llm/corp-gemini: '84512'
"""

import typing as t

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster, in_parallel
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import owner_of
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import revision_of


def describe(secret: dict[str, t.Any] | None) -> dict[str, t.Any]:
    """A Secret without its values."""
    if secret is None:
        return {"exists": False, "fields": [], "empty_fields": [], "managed": False, "revision": None}
    data = secret.get("data") or {}
    return {
        "exists": True,
        "fields": sorted(data),
        "empty_fields": sorted(key for key, value in data.items() if not value),
        "managed": owner_of(secret) is not None,
        "revision": revision_of(secret),
    }


def main() -> None:
    module = AnsibleK8SModule(
        argument_spec={
            **AUTH_ARG_SPEC,
            "namespace": {"type": "str", "required": True},
            "names": {"type": "list", "elements": "str", "required": True},
        },
        supports_check_mode=True,
    )
    namespace = module.params["namespace"]
    names = sorted(set(module.params["names"]))
    secrets = {}
    try:
        cluster = Cluster(module)
        answers = in_parallel([lambda n=name: cluster.get("v1", "Secret", n, namespace) for name in names])
        for name, answer in zip(names, answers):
            if isinstance(answer, ApiError):
                if answer.status != 403:
                    raise answer
                module.warn(f"Secret {namespace}/{name}: {answer}")
                secrets[name] = {**describe(None), "exists": None}
            else:
                secrets[name] = describe(answer)
    except ApiError as exc:
        module.fail_json(msg=str(exc))
    revisions = {f"{namespace}/{name}": secret["revision"] for name, secret in secrets.items() if secret["exists"]}
    module.exit_json(changed=False, secrets=secrets, revisions=revisions)


if __name__ == "__main__":
    main()
