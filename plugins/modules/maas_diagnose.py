#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: maas_diagnose
short_description: Find out why an instance is not ready, not listed or not answering
version_added: 0.1.0
author: llamastack.maas contributors (@llamastack)
description:
  - Walks the chain from the Secret with the key to an answer of the provider, for all instances side by side, and
    reports the first link that is broken, with the cause where it is a known one, what shows it, and what to do.
  - The links are the Secret, the LLMInferenceService, its Deployment, the pod with its probes, events and log, the
    Service, the HTTPRoute, the Gateway, what registers it with MaaS, MaaS's list, the instance's own list of models,
    and one small answer. Where MaaS makes its list by asking the models, its list comes last.
  - Reads each kind of object once, however many instances there are, and calls each instance whose chain holds that
    far. Logs are read of what is broken only.
  - Where a call needs a credential of MaaS, an ephemeral one is minted and revoked by its id.
  - What may not be read is skipped with the reason. Values of Secrets are read, to see whether they can work, and never
    returned.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
  - llamastack.maas.attributes.calling
  - llamastack.maas.options.masking
  - llamastack.maas.options.instances
  - llamastack.maas.options.maas
  - llamastack.maas.options.trust
  - llamastack.maas.options.gateway
  - llamastack.maas.options.subscriptions
  - llamastack.maas.options.proof
  - kubernetes.core.k8s_auth_options
attributes:
  check_mode:
    details: The cluster is read, and no instance is called.
options:
  url:
    description: The address of the MaaS gateway. Without it, no instance is called.
    required: false
  urls:
    description:
      - The URL of an instance at the gateway, by its name, where it is not to be the one of its LLMInferenceService.
  registration:
    description: The objects that should register the instances, whole.
    type: list
    elements: dict
    default: []
  go_on:
    description: Whether to go on past the first broken link.
    type: bool
    default: false
seealso:
  - module: llamastack.maas.maas_instance_info
  - module: llamastack.maas.maas_check
"""

EXAMPLES = r"""
- name: Find out what is wrong
  llamastack.maas.maas_diagnose:
    url: https://maas.apps.example.com
    generation: b2
    gateway:
      name: maas-default-gateway
      namespace: openshift-ingress
    instances: "{{ my_instances }}"
    registration: "{{ my_registration }}"
  register: diagnosis

- name: Print it
  llamastack.maas.display:
    lines: "{{ diagnosis.lines }}"
"""

RETURN = r"""
instances:
  description: By the name of the instance what was found.
  returned: success
  type: dict
  contains:
    state:
      description: V(healthy) when its provider answered, V(broken), or V(unknown) when no broken link was found and no
        answer could be had.
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
    openai:
      state: broken
      link: models
      cause: the provider refused the key
      evidence: 'POST https://maas.apps.example.com/llm/openai/v1/chat/completions answered 401: Error code: 401'
      remedy: Put a valid key of this provider in and deploy again; the pod restarts by itself.
      links: []
broken:
  description: The names of the instances with a broken link.
  returned: success
  type: list
  elements: str
lines:
  description: The diagnosis as text.
  returned: success
  type: list
  elements: str
caller:
  description: As whom MaaS was called, or why it was not.
  returned: success
  type: str
"""

from ansible_collections.llamastack.maas.plugins.module_utils.base.diagnosis import BROKEN, verdict
from ansible_collections.llamastack.maas.plugins.module_utils.base.diagnosis_report import as_lines
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError
from ansible_collections.llamastack.maas.plugins.module_utils.maas import diagnosis
from ansible_collections.llamastack.maas.plugins.module_utils.maas.connection import GATEWAY, CallingModule
from ansible_collections.llamastack.maas.plugins.module_utils.maas.diagnosis_reading import DiagnosisReading


def main() -> None:
    module = CallingModule(
        {
            "url": {"type": "str"},
            "subscription_namespace": {"type": "str", "default": "models-as-a-service"},
            "gateway": GATEWAY,
            "registration": {"type": "list", "elements": "dict", "default": []},
            "go_on": {"type": "bool", "default": False},
            "proof": {"type": "str", "choices": ["call", "list"], "default": "call"},
        },
        urls_needed=False,
    )
    try:
        reading = DiagnosisReading(module)
        found = reading.findings(reading.look())
    except ApiError as exc:
        module.ansible.fail_json(msg=f"Cannot look at the instances: {exc}")
    results = {name: verdict(findings, diagnosis.CALL) for name, findings in found.items()}
    module.ansible.exit_json(
        changed=False,
        instances=results,
        broken=[name for name, result in results.items() if result["state"] == BROKEN],
        lines=as_lines(results, "instance"),
        caller=reading.caller(),
    )


if __name__ == "__main__":
    main()
