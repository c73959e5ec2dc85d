#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: step
short_description: Run a step of a plan
version_added: 0.1.0
author:
  - llamastack.maas contributors (@llamastack)
description:
  - Runs the module of a step that M(llamastack.maas.plan) planned, with the arguments that the plan has for it, and keeps
    in the plan what that returns. Where there is nothing to do, no module is started.
  - Values of keys are read from the variables and the environment at that moment, and go to the module only.
extends_documentation_fragment:
  - kubernetes.core.k8s_auth_options
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
attributes:
  action:
    description: Indicates this has a corresponding action plugin so some parts of the options can be executed on the
      controller.
    support: full
  check_mode:
    support: full
    details:
      - As that of the module.
  diff_mode:
    support: full
    details:
      - As that of the module.
  idempotent:
    support: full
options:
  name:
    description:
      - The step. Of a deployment, V(secrets), V(instances) and V(registration) are M(llamastack.maas.kube_apply), V(ready)
        is M(llamastack.maas.maas_wait_ready), V(proof) M(llamastack.maas.model_discovery) and V(prune)
        M(llamastack.maas.kube_delete).
      - Of a status, V(status) is M(llamastack.maas.maas_instance_info). Of a diagnosis, V(diagnosis) is
        M(llamastack.maas.maas_diagnose). Of a validation, V(seen) is M(llamastack.maas.maas_wait_ready) that looks once, and
        V(checks) M(llamastack.maas.maas_check). Of a preflight, V(preflight) is M(llamastack.maas.maas_preflight). Of a rendering,
        V(files) is M(llamastack.maas.rendered_dir), to be run where the directory is.
      - Of what brings content to a gateway, V(content) is M(llamastack.maas.litellm_content).
      - Of a removal, V(delete) is M(llamastack.maas.kube_delete).
      - Of a deployment of LiteMaaS, V(namespace), V(database), V(migration), V(gateway), V(pages) and V(app) are
        M(llamastack.maas.kube_apply), V(secrets) is M(llamastack.maas.kube_secret_generate), V(migrated), V(ready) and
        V(app_ready) are M(llamastack.maas.litemaas_wait_ready), and V(prune) is M(llamastack.maas.kube_delete). Of its
        removal, V(delete) is that. Of its preflight, V(preflight) is M(llamastack.maas.litemaas_preflight), and of its
        rendering, V(files) is M(llamastack.maas.rendered_dir).
      - Of a rotation, V(keys) is M(llamastack.maas.maas_key_rotation_info), V(compare) M(llamastack.maas.kube_apply) in check
        mode, V(access) and V(proof) are M(llamastack.maas.model_discovery), V(key_check) is
        M(llamastack.maas.provider_key_check), V(backup) and V(rollback) are M(llamastack.maas.kube_secret_copy),
        V(secrets), V(instances) and V(rollback_instances) M(llamastack.maas.kube_apply), V(ready) and V(rollback_ready)
        M(llamastack.maas.maas_wait_ready), and V(delete_backup) is M(llamastack.maas.kube_delete).
      - Of an export, V(export) is M(llamastack.maas.litellm_export).
      - Of LiteMaaS, V(ready) is M(llamastack.maas.litemaas_wait_ready). Of its validation, V(checks) is
        M(llamastack.maas.litellm_check), of its status, V(status) M(llamastack.maas.litellm_info), of its diagnosis,
        V(diagnosis) M(llamastack.maas.litemaas_diagnose).
      - Of a backup and a restore of LiteMaaS, V(volume) is M(llamastack.maas.kube_apply), V(backup), V(check) and V(restore) are
        M(llamastack.maas.kube_job), V(down) and V(app) are M(llamastack.maas.kube_apply), V(ready) and V(app_ready)
        M(llamastack.maas.litemaas_wait_ready), and V(models) is M(llamastack.maas.litellm_info).
      - Of a rotation of LiteMaaS, V(begin_database), V(begin_master_key), V(new_database), V(new_master_key),
        V(old_master_key), V(end_database) and V(end_master_key) are M(llamastack.maas.kube_secret_renew), V(passwords) is
        M(llamastack.maas.kube_job), V(gateway), V(back), V(app) and V(server) are M(llamastack.maas.kube_apply),
        V(ready), V(back_ready), V(app_ready) and V(server_ready) M(llamastack.maas.litemaas_wait_ready), and V(proof) is
        M(llamastack.maas.litellm_info).
    type: str
    required: true
seealso:
  - module: llamastack.maas.plan
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
objects:
  description: Of the step V(secrets), as M(llamastack.maas.kube_apply) returns them. Most lists and dictionaries that a
    module returns are kept in the plan only, so that the log stays short.
  returned: for that step
  type: list
  elements: dict
instances:
  description: Of the steps V(ready), V(status) and V(diagnosis), as their modules return them.
  returned: for these steps
  type: dict
unread:
  description: Of the step V(status), as M(llamastack.maas.maas_instance_info) returns it.
  returned: for that step
  type: list
  elements: str
broken:
  description: Of the step V(diagnosis), as M(llamastack.maas.maas_diagnose) returns it.
  returned: for that step
  type: list
  elements: str
targets:
  description: Of the step V(diagnosis) of LiteMaaS, as M(llamastack.maas.litemaas_diagnose) returns them.
  returned: for that step
  type: dict
models:
  description: Of the step V(status) of LiteMaaS, as M(llamastack.maas.litellm_info) returns them, with RV(teams), RV(users) and
    RV(virtual_keys).
  returned: for that step
  type: list
  elements: dict
teams:
  description: As RV(models).
  returned: for that step
  type: list
  elements: dict
users:
  description: As RV(models).
  returned: for that step
  type: list
  elements: dict
virtual_keys:
  description: As RV(models).
  returned: for that step
  type: list
  elements: dict
"""
