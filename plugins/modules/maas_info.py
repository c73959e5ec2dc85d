#!/usr/bin/python
# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: maas_info
short_description: Find out which Models-as-a-Service a cluster has
version_added: 0.1.0
author:
  - llamastack.maas contributors (@llamastack)
description:
  - Tells the generation of Models-as-a-Service, whether the cluster's KServe can be told to load no model, and where
    the gateway is.
  - Reads API discovery and published schemas, which are open to every authenticated user. Objects of the platform are
    read where that is allowed; what may not be read is unknown, never absent.
  - Where that leaves the generation open, Models-as-a-Service itself is asked, by two requests that change nothing, if
    O(ask_maas) allows it, its URL is known, and there is a bearer token to ask with.
  - Fails if nothing can be deployed to the cluster, or if its generation cannot be told.
extends_documentation_fragment:
  - llamastack.maas.maas_connection.trust
  - llamastack.maas.attributes
  - llamastack.maas.attributes.info_module
  - llamastack.maas.attributes.actiongroup_maas
  - kubernetes.core.k8s_auth_options
options:
  gateway:
    description:
      - The Gateway of Models-as-a-Service.
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
  generation:
    description:
      - The generation, where it is known. Nothing is detected then.
    type: str
  url:
    description:
      - The address of the MaaS gateway, where it is known. It is not looked for then.
    type: str
  token:
    description:
      - The bearer token to ask Models-as-a-Service with. Without it, that of the Kubernetes credential in use.
    type: str
  ask_maas:
    description:
      - Whether Models-as-a-Service may be asked, and so be sent a token.
    type: bool
    default: true
  fail_unusable:
    description:
      - Whether to fail where nothing can be deployed. Otherwise RV(problems) tells, and is all that is returned if the cluster cannot be read.
      - Whether to warn of an API server whose certificate is not verified. M(llamastack.maas.maas_preflight) has that among its results.
    type: bool
    default: true
requirements:
  - python >= 3.9
  - kubernetes >= 24.2.0, != 36.0.0
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
  description:
    - V(a) for OpenShift AI 3.2 and 3.3, V(b1) for 3.4, V(b2) for 3.5; V(null) if it cannot be told.
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

from ansible_collections.kubernetes.core.plugins.module_utils.args_common import AUTH_ARG_SPEC
from ansible_collections.kubernetes.core.plugins.module_utils.k8s.core import AnsibleK8SModule

from ansible_collections.llamastack.maas.plugins.module_utils.http.client import MaasClient, url_problem
from ansible_collections.llamastack.maas.plugins.module_utils.http.transport import TRUST_ARGUMENTS, sender
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.cluster import Cluster
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.errors import ApiError, unverified
from ansible_collections.llamastack.maas.plugins.module_utils.maas import detection
from ansible_collections.llamastack.maas.plugins.module_utils.maas.detection import Detected, GatewayState
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations import known

# Where the installers of generation A put the ConfigMap of tiers.
_TIERS = "tier-to-group-mapping"
_TIERS_NAMESPACES = ("maas-api", "redhat-ods-applications", "opendatahub")

Object = t.Dict[str, t.Any]

UNREADABLE = object()


def read(call: t.Callable[[], t.Any]) -> t.Any:
    """What ``call`` returns, or UNREADABLE where the caller lacks the right."""
    try:
        return call()
    except ApiError as exc:
        if exc.status == 403:
            return UNREADABLE
        raise


def storage_initializer(cluster: Cluster) -> bool | None:
    path = f"/openapi/v3/apis/{ownership.INFERENCE_SERVICE_API}"
    schemas = read(lambda: cluster.request("GET", path))
    return None if schemas is UNREADABLE else detection.has_storage_initializer(schemas)


def gateway_state(cluster: Cluster, kinds: dict[str, list[str]], gateway: dict[str, str]) -> GatewayState:
    if not kinds["Gateway"]:
        return GatewayState(exists=False)
    found = read(lambda: cluster.get(kinds["Gateway"][0], "Gateway", gateway["name"], gateway["namespace"]))
    return GatewayState(exists=None) if found is UNREADABLE else detection.gateway_state(found)


def has_tiers(cluster: Cluster) -> bool | None:
    found = [read(lambda n=namespace: cluster.get("v1", "ConfigMap", _TIERS, n)) for namespace in _TIERS_NAMESPACES]
    if any(isinstance(answer, dict) for answer in found):
        return True
    return None if UNREADABLE in found else False


def find_url(
    cluster: Cluster, kinds: dict[str, list[str]], gateway: dict[str, str], state: GatewayState
) -> tuple[str | None, str | None]:
    """URL and where it was found."""
    if state.url:
        return state.url, f"listener of Gateway {gateway['namespace']}/{gateway['name']}"
    if state.exists is False:
        return None, None
    if kinds["Route"]:
        routes = read(lambda: cluster.list(kinds["Route"][0], "Route", gateway["namespace"]))
        url = None if routes is UNREADABLE else detection.route_url(routes, gateway["name"])
        if url:
            return url, f"Route in namespace {gateway['namespace']}"
    if kinds["Ingress"]:
        ingress = read(lambda: cluster.get(kinds["Ingress"][0], "Ingress", "cluster"))
        url = None if ingress is UNREADABLE else detection.conventional_url(ingress)
        if url:
            return url, "domain of the cluster's applications"
    return None, None


def problems_with(detected: Detected) -> list[str]:
    """Why the collection cannot work with this generation."""
    if detected.generation is None:
        return [detected.evidence]
    try:
        known.get(detected.generation)
    except ValueError as exc:
        return [f"{exc}: {detected.evidence}."]
    return []


def ask_maas(cluster: Cluster, url: str | None, params: dict[str, t.Any], undecided: Detected) -> Detected:
    """What MaaS itself tells of its generation, where it can be asked."""
    bearer = params["token"] or cluster.bearer()
    if not (params["ask_maas"] and url and bearer):
        return undecided
    send = sender(ca_file=params["ca_file"], validate_certs=params["validate_maas_certs"])
    client = MaasClient(send, url, headers={"Authorization": f"Bearer {bearer}"})
    return detection.generation_by_answers(client.request(detection.SUBSCRIPTIONS), client.request(detection.HEALTH))


def look(cluster: Cluster, params: dict[str, t.Any]) -> Object:
    gateway = params["gateway"]
    kinds = detection.served(cluster.discovery()[1])
    state = gateway_state(cluster, kinds, gateway)
    url, source = (params["url"], "given") if params["url"] else find_url(cluster, kinds, gateway, state)
    if params["generation"]:
        detected = Detected(params["generation"].lower(), "given, not detected")
    else:
        tiers = None if kinds["MaaSModelRef"] else has_tiers(cluster)
        detected = detection.generation(kinds, tiers=tiers, gateway=state.exists)
        if detected.maas_can_tell:
            detected = ask_maas(cluster, url, params, detected)
    settings = {
        "generation": detected.generation,
        "service_version": detection.service_version(kinds),
        "storage_initializer": storage_initializer(cluster) if kinds["LLMInferenceService"] else None,
        "namespace_labels": state.namespace_labels or {},
    }
    return {
        "generation": detected.generation,
        "settings": settings,
        "evidence": detected.evidence,
        "problems": [*detection.problems(kinds), *problems_with(detected)],
        "kinds": kinds,
        "gateway": {
            **gateway,
            "exists": state.exists,
            "programmed": state.programmed,
            "message": state.message,
            "namespace_labels": state.namespace_labels,
        },
        "url": url,
        "url_source": source,
    }


def main() -> None:
    gateway_spec = {
        "name": {"type": "str", "default": "maas-default-gateway"},
        "namespace": {"type": "str", "default": "openshift-ingress"},
    }
    module = AnsibleK8SModule(
        argument_spec={
            **AUTH_ARG_SPEC,
            **TRUST_ARGUMENTS,
            "gateway": {"type": "dict", "options": gateway_spec, "apply_defaults": True},
            "generation": {"type": "str"},
            "url": {"type": "str"},
            "token": {"type": "str", "no_log": True},
            "ask_maas": {"type": "bool", "default": True},
            "fail_unusable": {"type": "bool", "default": True},
        },
        supports_check_mode=True,
    )
    problem = module.params["url"] and url_problem(module.params["url"])
    if problem:
        module.fail_json(msg=f"url: {problem}")
    result: Object
    try:
        cluster = Cluster(module)
        if not cluster.is_verified and module.params["fail_unusable"]:
            module.warn(". ".join(unverified(cluster.url)))
        result = look(cluster, module.params)
    except ApiError as exc:
        result = {"problems": [str(exc)]}
    except ValueError as exc:
        module.fail_json(msg=f"ca_file: {exc}")
    if result["problems"] and module.params["fail_unusable"]:
        module.fail_json(msg=" ".join(result["problems"]), **result)
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
