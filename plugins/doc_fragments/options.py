# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options that several modules of the collection have. A module repeats only what is different about its own."""

from __future__ import annotations


class ModuleDocFragment:
    # Of modules that are given the complete instances of one namespace.
    INSTANCES = r"""
options:
  namespace:
    description: The model namespace.
    type: str
    default: llm
  generation:
    description: The generation of MaaS, as M(llamastack.maas.maas_info) finds it, or the release of OpenShift AI, such
      as V(3.5). V(a) is that of 3.2 and 3.3, V(b1) that of 3.4, V(b2) that of 3.5.
    type: str
    required: true
  instances:
    description: The complete instances, as P(llamastack.maas.instances#filter) makes them.
    type: list
    elements: dict
    required: true
"""

    # Of modules that call MaaS as somebody.
    MAAS = r"""
options:
  url:
    description: The address of the MaaS gateway, such as V(https://maas.apps.example.com).
    type: str
    required: true
  urls:
    description: The URL of each instance at the gateway, by its name, as its LLMInferenceService publishes it. An
      instance that is not named here must have an C(url).
    type: dict
    default: {}
  token:
    description:
      - The token to call MaaS with, of a user whom the instances admit. With it, the Kubernetes client need not be
        installed, unless another option asks for something of the cluster.
      - Without it the caller is the one of O(prober), else whoever calls the Kubernetes API by the other options of
        this module. A client certificate cannot call MaaS.
    type: str
  prober:
    description: Call as the ServiceAccount C(llamastack-maas-prober) of O(namespace), with a token of ten minutes.
    type: bool
    default: false
  request_timeout:
    description:
      - For how many seconds to wait for one answer of MaaS. MaaS itself may take 17 seconds when a model hangs.
    type: float
    default: 30
"""

    # Of all modules that may call MaaS.
    TRUST = r"""
options:
  ca_file:
    description:
      - A PEM file with the certificates of the authorities that are trusted to sign the gateway's certificate.
      - Without it, those of the system are.
      - On the controller's own machine, a relative path counts from the folder in which Ansible was started.
    type: path
  validate_maas_certs:
    description: Whether the gateway's certificate is verified. Without that, whoever answers at the address gets what
      is sent there.
    type: bool
    default: true
"""

    # Of modules that check and diagnose by calls.
    PROOF = r"""
options:
  proof:
    description: V(list) makes no call that costs tokens. What needs one is skipped.
    type: str
    choices: [call, list]
    default: call
"""

    GATEWAY = r"""
options:
  gateway:
    description: The Gateway of Models-as-a-Service.
    type: dict
    suboptions:
      name:
        description: The name of the Gateway.
        type: str
        default: maas-default-gateway
      namespace:
        description: The namespace of the Gateway.
        type: str
        default: openshift-ingress
"""

    SUBSCRIPTIONS = r"""
options:
  subscription_namespace:
    description: The namespace of policies and subscriptions.
    type: str
    default: models-as-a-service
"""

    # Of modules that handle the credentials of instances.
    CREDENTIALS = r"""
options:
  namespace:
    description: The model namespace.
    type: str
    required: true
  instances:
    description: The complete instances, as P(llamastack.maas.instances#filter) makes them.
    type: list
    elements: dict
    required: true
  secret_data:
    description: The credentials that are to be in use, by C(<namespace>/<Secret>), each a dictionary of
      key and text.
    type: dict
    default: {}
"""

    # Of modules that wait. Each says what for, and for how long by default.
    WAIT = r"""
options:
  wait_timeout:
    description: For how many seconds to wait. With V(0) it looks once.
    type: float
"""

    # Of modules that quote servers and providers.
    MASKING = r"""
options:
  masking:
    description:
      - What to mask in texts of others; playbooks and roles hand it over. What has the shape of a known credential is
        masked without it. Ansible does not log it.
    type: dict
    suboptions:
      values:
        description: Credentials. They are masked in every spelling, such as base64 or URL-encoded.
        type: list
        elements: str
        default: []
      patterns:
        description:
          - Regular expressions for further shapes of credentials. One that ordinary text has, too, is not used.
        type: list
        elements: str
        default: []
      secrets:
        description: Names of Secrets of the namespace. Their values are masked, too, where the caller may read them.
        type: list
        elements: str
        default: []
"""
