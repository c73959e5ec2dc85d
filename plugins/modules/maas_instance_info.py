#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: maas_instance_info
short_description: Report the state of instances
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Reports of all instances at once whether they run and since when, what they are registered with, whom MaaS shows them
    to, how old their credentials are, and in what the cluster differs from the list.
  - Makes one request for each kind of object, however many instances there are, and one for MaaS's own list. It needs
    permissions to read only, and mints no credential. What may not be read is V(null), and named in RV(unread).
  - Secrets are read without their values.
extends_documentation_fragment:
  - llamastack.maas.options.trust
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
  - llamastack.maas.attributes.info_module
  - llamastack.maas.options.instances
  - llamastack.maas.options.subscriptions
  - kubernetes.core.k8s_auth_options
options:
  set:
    description: The instance set whose instances are looked at.
    type: str
    default: default
  instances:
    description: The complete instances, as P(llamastack.maas.instances#filter) makes them. Instances of the cluster
      that are not among them are returned, too.
  objects:
    description:
      - What deploying O(instances) would apply, whole, Secrets without values. It is what the cluster is compared with.
    type: list
    elements: dict
    default: []
  url:
    description: The address of the MaaS gateway. Without it, MaaS's list is not read.
    type: str
  token:
    description:
      - The bearer token to read MaaS's list with. Without it, that of the Kubernetes credential in use.
      - Generation V(a) makes a credential for whoever asks with a token of the cluster; there, the list is read only
        with a token of MaaS itself.
    type: str
seealso:
  - module: llamastack.maas.maas_wait_ready
  - module: llamastack.maas.display
"""

EXAMPLES = r"""
- name: Look at the cluster
  llamastack.maas.maas_info:
  register: cluster

- name: Look at the instances of the list, and at those that are not in it
  llamastack.maas.maas_instance_info:
    generation: "{{ cluster.generation }}"
    url: "{{ cluster.url }}"
    instances: "{{ my_instances }}"
  register: status

- name: Print it
  llamastack.maas.display:
    lines: "{{ status.instances | dict2items | map(attribute='value.state') }}"
"""

RETURN = r"""
instances:
  description: By name every one of O(instances), then those that only the cluster has.
  returned: success
  type: dict
  contains:
    in_list:
      description: Whether it is one of O(instances).
      type: bool
    state:
      description: V(ready), V(waiting), V(failed) when waiting cannot help, or V(absent).
      type: str
    reason:
      description: Why it is not ready. Empty when ready.
      type: str
    since:
      description: Since when it is ready, or is not, as the platform's controllers report.
      type: str
    replicas:
      description: How many pods are C(ready) and C(wanted); V(null) where there is no Deployment.
      type: dict
    restarts:
      description: How often containers of its pods were started again.
      type: int
    url:
      description: Its own URL at the gateway.
      type: str
    ids:
      description: What the caller can name as the model, as MaaS lists it; V(null) where that is not known.
      type: list
      elements: str
    ids_note:
      description: Why RV(ignore:ids) is as it is, where there is something to say.
      type: str
    registered:
      description: What registers it and admits callers, ours or not. Each has C(what), C(phase), C(admits) and
        C(limits).
      type: list
      elements: dict
    credential:
      description: Its C(source), C(secret) (a name), when it was C(written), its C(age) in seconds, and a C(note) where
        that is not known.
      type: dict
    image:
      description: The image that it runs.
      type: str
    config_revision:
      description: The revision of its configuration.
      type: str
    drift:
      description: What is C(missing) in the cluster, what deploying the list would have C(changed) (or refused
        to, where the object is not managed by this list), and what is C(extra), each as texts.
      type: dict
  sample:
    openai:
      in_list: true
      state: ready
      reason: ''
      since: '2026-11-21T18:25:11Z'
      replicas: {ready: 1, wanted: 1}
      restarts: 0
      url: https://maas.apps.example.com/llm/openai
      ids: [publishers/llm/models/openai]
      ids_note: ''
      registered:
        - what: MaaSSubscription models-as-a-service/llm-openai
          phase: Active
          admits: group data-science
          limits: [{limit: 50000, window: 1m}]
      credential:
        source: environment variable OPENAI_API_KEY
        secret: openai-credentials
        written: '2026-11-21T18:24:38Z'
        age: 3600.0
        note: ''
      image: docker.io/ogxai/distribution-starter:1.3.0
      config_revision: 28913c17211a8ac7
      drift: {missing: [], changed: [], extra: []}
unread:
  description: What the caller may not read, with the refusals.
  returned: success
  type: list
  elements: str
  sample: []
"""

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.maas.connection import GENERATION, MaasModule
from ansible_collections.llamastack.maas.plugins.module_utils.maas.status_reading import read


def main() -> None:
    module = MaasModule(
        {
            "namespace": {"type": "str", "default": "llm"},
            "set": {"type": "str", "default": "default"},
            "subscription_namespace": {"type": "str", "default": "models-as-a-service"},
            "generation": GENERATION,
            "instances": {"type": "list", "elements": "dict", "required": True},
            "objects": {"type": "list", "elements": "dict", "default": []},
            "token": {"type": "str", "no_log": True},
        }
    )
    try:
        module.ansible.exit_json(changed=False, **read(module))
    except (ApiError, ValueError) as exc:
        module.ansible.fail_json(msg=f"Cannot look at the instances: {exc}")


if __name__ == "__main__":
    main()
