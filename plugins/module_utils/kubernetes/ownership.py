# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names and labels of everything this collection makes. They are public: other tools may rely on them.

An object belongs to an *instance set* (the list it came from), within that set to a *model namespace*, and within
that to an *instance*. The policy and the subscription of every model namespace live together in one
namespace of the platform, so their own C(metadata.namespace) does not show whose they are: the labels do.
"""

from __future__ import annotations

import re
import typing as t

MANAGED_BY = "llamastack.maas"
FIELD_MANAGER = "llamastack.maas"

LABEL_MANAGED_BY = "app.kubernetes.io/managed-by"
LABEL_INSTANCE = "llamastack.maas/instance"
LABEL_NAMESPACE = "llamastack.maas/namespace"
LABEL_SET = "llamastack.maas/set"

# Whose models an instance serves. Nothing is decided by it: people select by it.
LABEL_PROVIDER = "llamastack.maas/provider"

# Selects all that this collection has made.
OURS = f"{LABEL_MANAGED_BY}={MANAGED_BY}"

# KServe merges its preset into the container of this name; any other name makes a second container.
CONTAINER_NAME = "main"

# What an instance is, in the version that every release of KServe serves and in the one that 0.17 and later store.
INFERENCE_SERVICE = "LLMInferenceService"
INFERENCE_SERVICE_API = "serving.kserve.io/v1alpha1"
INFERENCE_SERVICE_STORED_API = "serving.kserve.io/v1alpha2"

# Selects the Deployments and pods that KServe makes for LLMInferenceServices; each carries its service's name.
WORKLOADS = "app.kubernetes.io/part-of=llminferenceservice"
LABEL_WORKLOAD_OF = "app.kubernetes.io/name"

# The port of the Service that KServe makes for an LLMInferenceService.
SERVER_PORT = 8000

# The longest name for which KServe derives every child's name in plain, without a hash.
INSTANCE_NAME_MAX = 38

_DNS_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?\Z")
_DNS_1123 = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?\Z")


class Owner(t.NamedTuple):
    """Whose an object is. C(instance) is None for an object shared by all instances (the Namespace)."""

    namespace: str
    instance: str | None
    set: str


def secret_name(name: str) -> str:
    """The Secret that holds the credentials of the instance C(name)."""
    return f"{name}-credentials"


def backup_secret_name(name: str) -> str:
    """The Secret that holds the key before a rotation of the instance C(name), as long as that lasts."""
    return f"{secret_name(name)}-before-rotation"


def config_name(name: str) -> str:
    """The ConfigMap that holds the server's configuration and start script."""
    return f"{name}-config"


def deployment_name(name: str) -> str:
    """The Deployment that KServe makes for the LLMInferenceService C(name)."""
    return f"{name}-kserve"


def shared_name(namespace: str, name: str) -> str:
    """The name of what shares one namespace with other model namespaces: MaaSAuthPolicy, MaaSSubscription."""
    return f"{namespace}-{name}"


def published_path_id(namespace: str, name: str) -> str:
    """The id under which KServe 0.20 and later publishes a model at the gateway."""
    return f"publishers/{namespace}/models/{name}"


def labels(instance: str | None, namespace: str, set_name: str) -> dict[str, str]:
    """The labels that mark an object as ours; C(instance) None leaves out the instance's label."""
    result = {LABEL_MANAGED_BY: MANAGED_BY, LABEL_NAMESPACE: namespace, LABEL_SET: set_name}
    if instance is not None:
        result[LABEL_INSTANCE] = instance
    return result


def instance_labels(instance: t.Mapping[str, t.Any]) -> dict[str, str]:
    """The labels of an object that belongs to a normalised instance."""
    marks = labels(instance["name"], instance["namespace"], instance["set"])
    return {**marks, LABEL_PROVIDER: instance["provider"]}


def selector(namespace: str, set_name: str) -> str:
    """The label selector that finds all objects of one instance set in one model namespace."""
    wanted = {LABEL_MANAGED_BY: MANAGED_BY, LABEL_NAMESPACE: namespace, LABEL_SET: set_name}
    return ",".join(f"{key}={value}" for key, value in wanted.items())


def owner_of(obj: t.Mapping[str, t.Any]) -> Owner | None:
    """Whose a Kubernetes object is by its labels, or None where this collection did not make it."""
    found = (obj.get("metadata") or {}).get("labels") or {}
    if found.get(LABEL_MANAGED_BY) != MANAGED_BY or not found.get(LABEL_NAMESPACE) or not found.get(LABEL_SET):
        return None
    return Owner(found[LABEL_NAMESPACE], found.get(LABEL_INSTANCE), found[LABEL_SET])


def is_dns_1035(text: str, longest: int = 63) -> bool:
    """Whether C(text) can name a Service: lower case letters, digits and hyphens, starting with a letter."""
    return len(text) <= longest and bool(_DNS_1035.match(text))


def is_dns_1123(text: str, longest: int = 63) -> bool:
    """Whether C(text) can name a namespace: lower case letters, digits and hyphens."""
    return len(text) <= longest and bool(_DNS_1123.match(text))
