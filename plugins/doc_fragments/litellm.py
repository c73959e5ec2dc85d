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

    # Of modules that bring objects to LiteLLM.
    OBJECTS = r"""
options:
  set:
    description:
      - The instance set that the objects belong to. They are marked with it, in C(model_info) or C(metadata).
      - Objects of other sets are refused, and so are those that others have made, unless O(adopt) is given.
    type: str
    default: default
  adopt:
    description: Whether an object of the same name that others have made is managed from now on. What was asked for is
      written into it; what else it has stays.
    type: bool
    default: false
  settle_timeout:
    description:
      - For how many seconds what was written is read again until it is as it was asked for. What differs then has
        failed, whatever LiteLLM has answered.
      - With several replicas and without Redis, some changes are seen everywhere only after 37 seconds.
    type: float
    default: 60
attributes:
  check_mode:
    support: full
  diff_mode:
    support: full
    details: Of a credential, only that it changes is shown.
  idempotent:
    support: full
"""

    # Of modules that read and never write.
    INFO = r"""
options: {}
attributes:
  check_mode:
    support: full
    details: This module does not modify anything.
  diff_mode:
    support: N/A
    details: This module does not modify anything.
  idempotent:
    support: full
    details: This module does not modify anything.
"""

    STATE = r"""
options:
  state:
    description: Whether the object is to be there. What the keys of others need is not deleted.
    type: str
    choices: [present, absent]
    default: present
"""

    # Of teams, users, keys and budgets.
    LIMITS = r"""
options:
  budget:
    description: How many US dollars may be spent, in all or for each O(budget_duration). A budget that was given
      before and is given no more is taken away; the same holds for the other limits.
    type: float
  budget_duration:
    description: The period of the budget, such as V(7d) or V(30d). LiteLLM resets V(30d) on the first of a month, V(7d)
      on
      Mondays and V(1d) at midnight, UTC.
    type: str
  tpm:
    description: How many tokens a minute.
    type: int
  rpm:
    description: How many requests a minute.
    type: int
"""
