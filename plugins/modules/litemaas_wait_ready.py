#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: litemaas_wait_ready
short_description: Wait until the programs of LiteMaaS are at work
version_added: 0.2.0
author: llamastack.maas contributors (@llamastack)
description:
  - Waits for all objects at once. A StatefulSet or a Deployment is awaited until all its pods are of the newest revision and
    ready, a Job until it has succeeded, a Route until a router has admitted it, an Ingress until it is there.
  - What waiting cannot bring up ends the wait at once.
  - Whatever is not ready in the end is explained. The message says what keeps it, the cause where it is a known one, the
    last warnings, the end of its log, and what to do.
  - While it waits, a line is printed whenever something changes, and every 15 seconds.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
  - llamastack.maas.attributes.info_module
  - llamastack.maas.options.masking
  - llamastack.maas.options.wait
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    details: Looks once, and does not fail because of what is not ready.
options:
  namespace:
    description: The namespace of LiteMaaS.
    type: str
    required: true
  set:
    description: The name of the instance set.
    type: str
    default: default
  objects:
    description: What is awaited. Only C(apiVersion), C(kind) and the name and namespace in C(metadata) are looked at.
    type: list
    elements: dict
    required: true
  wait_timeout:
    default: 600
  explain:
    description: Whether to read events and logs of what is not ready in the end.
    type: bool
    default: true
  fail_unready:
    description: Whether to fail because of what is not ready in the end. Otherwise RV(objects) shows it.
    type: bool
    default: true
seealso:
  - module: llamastack.maas.kube_apply
  - module: llamastack.maas.litemaas_info
"""

EXAMPLES = r"""
- name: Wait for the gateway and its Route
  llamastack.maas.litemaas_wait_ready:
    namespace: litemaas
    objects:
      - {apiVersion: apps/v1, kind: Deployment, metadata: {name: litellm, namespace: litemaas}}
      - {apiVersion: route.openshift.io/v1, kind: Route, metadata: {name: litellm, namespace: litemaas}}
  register: waited

- name: Say where it is
  ansible.builtin.debug:
    msg: "{{ waited.url }}"
"""

RETURN = r"""
objects:
  description: What was last seen of each of O(objects), in their order.
  returned: whenever the cluster was read
  type: list
  elements: dict
  contains:
    kind:
      description: Its kind.
      type: str
    name:
      description: Its name.
      type: str
    ready:
      description: Whether it is at work.
      type: bool
    state:
      description: V(ready), V(waiting), V(failed) when waiting longer cannot help, or V(scaled to 0).
      type: str
    what:
      description: The object, or the part of it, that decides about the state.
      type: str
    reason:
      description: What keeps it, as one word. Empty when ready.
      type: str
    message:
      description: What keeps it, as a sentence. Empty when ready.
      type: str
    explanations:
      description: The known causes that were recognised, the one nearest to the root first.
      returned: when it is not ready and O(explain=true)
      type: list
      elements: dict
  sample:
    - {kind: Deployment, name: litellm, ready: true, state: ready, what: Deployment litellm, reason: '', message: ''}
url:
  description: Where callers find the gateway, where its Route or Ingress is among O(objects).
  returned: whenever the cluster was read
  type: str
app_url:
  description: Where users find the pages of LiteMaaS, likewise.
  returned: whenever the cluster was read
  type: str
elapsed:
  description: For how long it waited, in seconds.
  returned: whenever the cluster was read
  type: float
  sample: 31.4
attempts:
  description: How often it looked.
  returned: whenever the cluster was read
  type: int
  sample: 9
pending:
  description: Whether waiting longer could have helped.
  returned: failure
  type: bool
progress:
  description: What was awaited last, on one line.
  returned: failure
  type: str
retry_after:
  description: For how many seconds the API server asked not to be asked again.
  returned: failure, when it did
  type: float
"""

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.masking import ARGUMENTS, Masking
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import names
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas.waiting import InstallationWait


def main() -> None:
    module = AnsibleK8SModule(
        argument_spec={
            **AUTH_ARG_SPEC,
            **ARGUMENTS,
            "namespace": {"type": "str", "required": True},
            "set": {"type": "str", "default": "default"},
            "objects": {"type": "list", "elements": "dict", "required": True},
            "wait_timeout": {"type": "float", "default": 600},
            "explain": {"type": "bool", "default": True},
            "fail_unready": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    masking = Masking(module)
    try:
        cluster = Cluster(module)
        wait = InstallationWait(cluster, module.params, module.check_mode)
        outcome = wait.run()
        if not outcome.done and module.params["explain"] and not module.check_mode:
            masking.read(lambda: cluster, module.params["namespace"])
            wait.explain()
    except (ApiError, ValueError) as exc:
        module.fail_json(msg=f"Cannot wait: {exc}")

    result = {
        "changed": False,
        "objects": [seen.as_result() for seen in wait.seen],
        "url": wait.url(names.LITELLM),
        "app_url": wait.url(names.APP_ROUTE),
        **outcome.cost(),
    }
    if outcome.done or module.check_mode or not module.params["fail_unready"]:
        module.exit_json(**result)
    module.fail_json(**outcome.failure(wait.message(outcome), wait.timeout), **result)


if __name__ == "__main__":
    main()
