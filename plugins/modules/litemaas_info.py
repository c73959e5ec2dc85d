#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: litemaas_info
short_description: Find out what a cluster offers to LiteMaaS, and what is there of it
version_added: 0.2.0
author: llamastack.maas contributors (@llamastack)
description:
  - Returns what an installation of LiteMaaS depends on, such as whether there are Routes and which storage classes there
    are, and what the namespace has of one.
  - What may not be read is unknown, never absent. Of the values of Secrets, only the name of the user is returned.
extends_documentation_fragment:
  - llamastack.maas.attributes
  - llamastack.maas.attributes.cluster
  - llamastack.maas.attributes.info_module
  - kubernetes.core.k8s_auth_options
options:
  namespace:
    description: The namespace of LiteMaaS.
    type: str
    required: true
  set:
    description: The name of the instance set.
    type: str
    default: default
  secrets:
    description: The names of the Secrets to look at.
    type: list
    elements: str
    default: []
  salt_secret:
    description: The Secret whose C(LITELLM_SALT_KEY) is compared with the one that the database was filled with.
    type: str
  fail_unusable:
    description:
      - Whether to fail where the cluster cannot be read. Otherwise RV(problems) says why, and is all that is returned.
    type: bool
    default: true
seealso:
  - module: llamastack.maas.litemaas_wait_ready
"""

EXAMPLES = r"""
- name: Look at the cluster
  llamastack.maas.litemaas_info:
    namespace: litemaas
    secrets: [litellm-secret]
    salt_secret: litellm-secret
  register: found
"""

RETURN = r"""
problems:
  description: Why the cluster cannot be read.
  returned: always
  type: list
  elements: str
  sample: []
namespace:
  description: O(namespace).
  returned: whenever the cluster was read
  type: str
namespace_state:
  description: V(absent), V(ours), V(unmanaged) for one of others, or V(unknown).
  returned: whenever the cluster was read
  type: str
openshift:
  description: Whether pods get their user id from the cluster, and users can log in by its OAuth server.
  returned: whenever the cluster was read
  type: bool
routes:
  description: Whether there are Routes.
  returned: whenever the cluster was read
  type: bool
routes_readable:
  description: Whether the Routes of the namespace may be read.
  returned: whenever the cluster was read
  type: bool
oauth_issuer:
  description: The URL of the cluster's OAuth server, V(null) where there is none, or where it may not be read.
  returned: whenever the cluster was read
  type: str
storage_classes:
  description: Each with C(name), C(default) and C(created). V(null) where they may not be listed.
  returned: whenever the cluster was read
  type: list
  elements: dict
  sample: [{name: standard, default: true, created: '2026-12-01T00:00:00Z'}]
ingress_classes:
  description: As RV(storage_classes).
  returned: whenever the cluster was read
  type: list
  elements: dict
secrets:
  description:
    - Each of O(secrets), by its name. C(exists) is V(null) for one that may not be read, C(managed) whether the set has
      made it, C(fields) and C(empty_fields) are its keys, and C(unfit_for_url) those whose values need an escape in a URL.
  returned: whenever the cluster was read
  type: dict
revisions:
  description: What changes with the values of a Secret, by its name.
  returned: whenever the cluster was read
  type: dict
salt:
  description:
    - Fingerprints of the salt that the database was filled with, C(stored), and of that in O(salt_secret), C(now). V(null)
      where there is none.
  returned: whenever the cluster was read
  type: dict
database:
  description:
    - What there is of the PostgreSQL that the collection deploys. C(image) is that of its StatefulSet, C(storage) and
      C(storage_class) are those of its claim, and C(claim_state) says whose that is, as RV(namespace_state) does.
  returned: whenever the cluster was read
  type: dict
jobs:
  description: The names of the Jobs of the set.
  returned: whenever the cluster was read
  type: list
  elements: str
url:
  description: Where callers find the gateway by its Route or Ingress, V(null) as long as they do not.
  returned: whenever the cluster was read
  type: str
  sample: https://litellm-litemaas.apps.example.com
user:
  description: The name of the user of the admin page, V(null) where O(salt_secret) has none.
  returned: whenever the cluster was read
  type: str
  sample: admin
applications:
  description: The Applications of Argo CD that apply something of the installation.
  returned: whenever the cluster was read
  type: list
  elements: str
app_url:
  description: Where users find the pages of LiteMaaS, likewise.
  returned: whenever the cluster was read
  type: str
"""

import typing as t

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule

from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError, unverified
from ansible_collections.llamastack.maas.plugins.module_utils.litemaas.reading import read


def main() -> None:
    module = AnsibleK8SModule(
        argument_spec={
            **AUTH_ARG_SPEC,
            "namespace": {"type": "str", "required": True},
            "set": {"type": "str", "default": "default"},
            "secrets": {"type": "list", "elements": "str", "default": [], "no_log": False},
            "salt_secret": {"type": "str", "no_log": False},
            "fail_unusable": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    given, fail_unusable = module.params, module.params["fail_unusable"]
    result: dict[str, t.Any]
    try:
        cluster = Cluster(module)
        if not cluster.is_verified and fail_unusable:
            module.warn(". ".join(unverified(cluster.url)))
        result = read(cluster, given["namespace"], given["set"], given["secrets"], given["salt_secret"])
        result["problems"] = []
    except ApiError as exc:
        result = {"problems": [str(exc)]}
    if result["problems"] and fail_unusable:
        module.fail_json(msg=" ".join(result["problems"]), **result)
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
