#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: maas_info
short_description: Find out which Models-as-a-Service a cluster has
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Returns the generation of Models-as-a-Service, whether the cluster's KServe can be configured to load no model, and
    where the gateway is.
  - Reads API discovery and published schemas, which are open to every authenticated user. Objects of the platform are
    read where that is allowed; what may not be read is unknown, never absent.
  - Where that leaves the generation open, Models-as-a-Service itself is asked, by two requests that change nothing, if
    O(ask_maas) allows it, its URL is known, and there is a bearer token to ask with.
  - Fails if nothing can be deployed to the cluster, or if its generation is not known.
extends_documentation_fragment:
  - llamastack.maas.options.trust
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
  - llamastack.maas.attributes.info_module
  - llamastack.maas.options.gateway
  - kubernetes.core.k8s_auth_options
options:
  generation:
    description:
      - The generation or the release of OpenShift AI, such as V(3.5), where it is known. Nothing is detected then.
    type: str
  url:
    description: The address of the MaaS gateway, where it is known. It is not looked for then.
    type: str
  token:
    description: The bearer token to ask Models-as-a-Service with. Without it, that of the Kubernetes credential in use.
    type: str
  ask_maas:
    description: Whether Models-as-a-Service may be asked, and so be sent a token.
    type: bool
    default: true
  fail_unusable:
    description:
      - Whether to fail where nothing can be deployed. Otherwise RV(problems) says why, and is all that is returned if
        the cluster cannot be read.
      - Whether to warn of an API server whose certificate is not verified. M(llamastack.maas.maas_preflight) has that among its results.
    type: bool
    default: true
"""

EXAMPLES = r"""
- name: Look at the cluster
  llamastack.maas.maas_info:
  register: cluster

- name: Say what it is
  ansible.builtin.debug:
    msg: "Generation {{ cluster.generation }} at {{ cluster.url }} ({{ cluster.evidence }})"
"""

RETURN = r"""
generation:
  description: V(a) for OpenShift AI 3.2 and 3.3, V(b1) for 3.4, V(b2) for 3.5; V(null) if it is not known.
  returned: whenever the cluster was read
  type: str
  sample: b2
evidence:
  description: What decided about RV(generation).
  returned: whenever the cluster was read
  type: str
  sample: the cluster serves MaaSModelRef and MaasTenantConfig
problems:
  description: Why nothing can be deployed here.
  returned: always
  type: list
  elements: str
  sample: []
kinds:
  description: For each kind of the platform, the versions that are served, preferred first. Empty for one that is
    absent.
  returned: whenever the cluster was read
  type: dict
  sample:
    MaaSModelRef: [maas.opendatahub.io/v1alpha1]
    Route: []
settings:
  description: What of the cluster the objects depend on, for the settings of the filters.
  returned: whenever the cluster was read
  type: dict
  contains:
    generation:
      description: The same as RV(generation).
      type: str
    service_version:
      description: The C(apiVersion) in which an LLMInferenceService is written.
      type: str
    storage_initializer:
      description: Whether LLMInferenceService has the field C(spec.storageInitializer); V(null) if its schema may not
        be read.
      type: bool
    namespace_labels:
      description: The labels that a namespace needs for its routes to be admitted by the gateway, as far as that may be
        read.
      type: dict
gateway:
  description: What is known of O(gateway). V(null) stands for what may not be read.
  returned: whenever the cluster was read
  type: dict
  contains:
    name:
      description: Its name.
      type: str
    namespace:
      description: Its namespace.
      type: str
    exists:
      description: Whether there is one.
      type: bool
    programmed:
      description: Whether its controller has put it to work.
      type: bool
    message:
      description: What its controller says about that.
      type: str
    namespace_labels:
      description: The labels that a namespace needs for its routes to be admitted.
      type: dict
url:
  description:
    - O(url), else the URL of Models-as-a-Service as far as it can be found. It is the hostname of the Gateway's HTTPS listener,
      else the host of a Route to the Gateway, else C(maas.) and the domain of the cluster's applications.
  returned: whenever the cluster was read
  type: str
  sample: https://maas.apps.example.com
url_source:
  description: Where RV(url) was found.
  returned: whenever the cluster was read
  type: str
  sample: listener of Gateway openshift-ingress/maas-default-gateway
"""

import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError, unverified
from ansible_collections.llamastack.maas.plugins.module_utils.maas.connection import GATEWAY, MaasModule
from ansible_collections.llamastack.maas.plugins.module_utils.maas.detection_reading import read


def main() -> None:
    module = MaasModule(
        {
            "gateway": GATEWAY,
            "generation": {"type": "str"},
            "token": {"type": "str", "no_log": True},
            "ask_maas": {"type": "bool", "default": True},
            "fail_unusable": {"type": "bool", "default": True},
        }
    )
    fail_unusable = module.params["fail_unusable"]
    result: dict[str, t.Any]
    try:
        cluster = module.cluster()
        if not cluster.is_verified and fail_unusable:
            module.ansible.warn(". ".join(unverified(cluster.url)))
        result = read(module, cluster)
    except ApiError as exc:
        result = {"problems": [str(exc)]}
    if result["problems"] and fail_unusable:
        module.ansible.fail_json(msg=" ".join(result["problems"]), **result)
    module.ansible.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
