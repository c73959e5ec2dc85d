#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: plan
short_description: Plan a run from the variables of the collection
version_added: 0.1.0
author:
  - llamastack.maas contributors (@llamastack)
description:
  - Reads the variables C(llamastack_maas_*), the environment, the cluster and the Secrets that the list names; checks all
    of it; and builds the objects. Whatever is wrong is one error, before anything is written.
  - The tasks that follow run its steps, see M(llamastack.maas.step). The plan is kept on the controller until the run ends, and
    holds no value of a key. Each plan of a host takes the place of the one before.
  - Of other modules it starts only M(llamastack.maas.maas_info), M(llamastack.maas.kube_secret_info) and, for LiteMaaS,
    M(llamastack.maas.litemaas_info) and M(llamastack.maas.kserve_model_info).
  - The verbs of LiteMaaS, which begin with C(litemaas_), also read the variables C(litemaas_*). Of C(llamastack_maas_*) they
    read those that say what providers there are and how a run goes.
  - The options that connect to the cluster come from the variable C(llamastack_maas_kubernetes), too.
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - llamastack.maas.attributes.info_module
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
attributes:
  action:
    description: Indicates this has a corresponding action plugin so some parts of the options can be executed on the
      controller.
    support: full
options:
  verb:
    description:
      - What the run does, as the playbook of that name.
    type: str
    required: true
    choices:
      - deploy
      - diagnose
      - litemaas_backup
      - litemaas_content
      - litemaas_deploy
      - litemaas_diagnose
      - litemaas_export
      - litemaas_preflight
      - litemaas_remove
      - litemaas_render
      - litemaas_restore
      - litemaas_rotate
      - litemaas_status
      - litemaas_validate
      - preflight
      - remove
      - render
      - rotate
      - status
      - validate
  phases:
    description:
      - Of the phases of a deployment or a removal, only these. Empty for all. The tags and the scope of the run leave
        further ones out.
    type: list
    elements: str
    choices: [namespace, secrets, instances, registration, database, migration, gateway, app]
    default: []
"""

EXAMPLES = r"""
- name: Plan a deployment
  llamastack.maas.plan:
    verb: deploy

- name: Apply its Secrets
  llamastack.maas.step:
    name: secrets
"""

RETURN = r"""
verb:
  description: O(verb).
  returned: success
  type: str
namespace:
  description: The namespace of the instances.
  returned: success
  type: str
scope:
  description: The scope of the run.
  returned: success
  type: str
generation:
  description: The generation of MaaS, V(null) where it was not looked at.
  returned: success
  type: str
url:
  description: The URL of MaaS, where it is known.
  returned: success
  type: str
phases:
  description: The phases that tags and scope leave.
  returned: success
  type: list
  elements: str
instances:
  description: The names of the instances.
  returned: success
  type: list
  elements: str
objects:
  description: How many objects each phase has.
  returned: success
  type: dict
  sample: {namespace: 1, secrets: 3, instances: 6, registration: 9}
lines:
  description: What looks suspicious, where it was not printed.
  returned: under a callback for programs
  type: list
  elements: str
"""
