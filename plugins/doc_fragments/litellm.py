# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options and attributes of the modules that call a LiteLLM."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  url:
    description: The address of LiteLLM, such as V(https://litellm.apps.example.com).
    type: str
    required: true
  token:
    description:
      - The master key of LiteLLM, or the key of one of its administrators.
      - One of O(token) and O(token_secret) is required.
    type: str
  token_secret:
    description: The Secret that holds the token. It is read from the cluster that the options of C(kubernetes.core)
      name; without it, the Kubernetes client need not be installed, unless another option names a Secret.
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
        default: LITELLM_MASTER_KEY
  ca_file:
    description:
      - A PEM file with the certificates of the authorities that are trusted to sign LiteLLM's certificate.
      - Without it, those of the system are.
      - On the controller's own machine, a relative path counts from the folder in which Ansible was started.
    type: path
  validate_litellm_certs:
    description: Whether the certificate of LiteLLM is verified. Without that, whoever answers at the address gets what
      is sent there. (O(validate_certs) is about the Kubernetes API.)
    type: bool
    default: true
  request_timeout:
    description: For how many seconds to wait for one answer of LiteLLM.
    type: float
    default: 30
attributes:
  action_group:
    description: Use C(group/llamastack.maas.litellm) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - llamastack.maas.litellm
requirements:
  - python >= 3.9
  - kubernetes >= 24.2.0, != 36.0.0, where an option names a Secret
"""
