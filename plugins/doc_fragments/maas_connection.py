# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options of every module that calls MaaS."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  url:
    description:
      - The address of the MaaS gateway, such as V(https://maas.apps.example.com).
    type: str
    required: true
  token:
    description:
      - The bearer token to call MaaS with, of a user whom the instances admit.
      - Without it the caller is the one of O(prober), else whoever calls the Kubernetes API by the other options of
        this module. A client certificate cannot call MaaS.
    type: str
  prober:
    description:
      - Call as the ServiceAccount C(llamastack-maas-prober) of O(namespace), with a token of ten minutes.
    type: bool
    default: false
  namespace:
    description:
      - The model namespace.
    type: str
    default: llm
  generation:
    description:
      - The generation of MaaS, as M(llamastack.maas.maas_info) finds it. V(a) is that of RHOAI 3.2 and 3.3, V(b1) that
        of 3.4, V(b2) that of 3.5.
    type: str
    required: true
    choices:
      - a
      - b1
      - b2
  instances:
    description:
      - The instances, as P(llamastack.maas.instances#filter) makes them. Each needs C(name), C(namespace) and a URL.
    type: list
    elements: dict
    required: true
  urls:
    description:
      - The URL of each instance at the gateway, by its name, as its LLMInferenceService tells it. An instance that is
        not named here must have an C(url).
    type: dict
    default: {}
"""

    TRUST = r"""
options:
  ca_file:
    description:
      - A PEM file with the certificates of the authorities that are trusted to sign the gateway's certificate.
      - Without it, those of the system are.
      - On the controller's own machine, a relative path counts from the folder in which Ansible was started.
    type: path
  validate_maas_certs:
    description:
      - Whether the gateway's certificate is verified. Without that, whoever answers at the address gets what is
        sent there.
    type: bool
    default: true
"""
