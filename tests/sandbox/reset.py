# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring a running sandbox back to how it started, in seconds: for the next test.

The namespaces of the models are emptied; the others lose what is of MaaS or KServe, and those made since go whole.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import aiohttp

from . import cluster_setup, trusted_ca
from .kube import ApiError, Kube
from .lifecycle import read_state

#: Namespaces that are there from the start and stay, besides those of the generation.
KEPT = {"default", "kube-system", "kube-public", "kube-node-lease", "kserve"}
#: Kinds that tests make, in the order in which they are taken away: what a controller must let go of first.
KINDS = (
    "maas.opendatahub.io/v1alpha1/maassubscriptions",
    "maas.opendatahub.io/v1alpha1/maasauthpolicies",
    "maas.opendatahub.io/v1alpha1/maasmodelrefs",
    "serving.kserve.io/v1alpha1/llminferenceservices",
    "v1/resourcequotas",
    "v1/limitranges",
)
#: Kinds that anybody makes in the namespaces of the models. What a controller made of something else goes with that.
LOOSE_KINDS = (
    "apps/v1/statefulsets",
    "batch/v1/cronjobs",
    "batch/v1/jobs",
    "v1/persistentvolumeclaims",
    "networking.k8s.io/v1/ingresses",
    "networking.k8s.io/v1/networkpolicies",
    "policy/v1/poddisruptionbudgets",
    "route.openshift.io/v1/routes",
    "v1/secrets",
    "v1/configmaps",
    "v1/serviceaccounts",
    "v1/services",
    "apps/v1/deployments",
    "rbac.authorization.k8s.io/v1/roles",
    "rbac.authorization.k8s.io/v1/rolebindings",
)
#: What controllers put into every namespace, by kind and name.
IN_EVERY_NAMESPACE = {("ServiceAccount", "default"), ("ConfigMap", "kube-root-ca.crt"), ("ConfigMap", trusted_ca.NAME)}
SECONDS = 60


def run(folder: Path) -> None:
    """Remove what was made since the start, lift every fault, forget every key, and put the platform's objects back."""
    asyncio.run(_reset(read_state(folder)))


async def _reset(state: dict) -> None:
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        for daemon in ("provider_admin", *(["maas_admin"] if state["generation"] != "none" else [])):
            await session.post(f"http://127.0.0.1:{state['ports'][daemon]}/reset")
    async with Kube(state) as kube:
        deadline = time.monotonic() + SECONDS
        objects = cluster_setup.objects(state)
        while left := await _delete_all(kube, set(state["namespaces"]), objects):
            if time.monotonic() > deadline:
                raise SystemExit(f"sandbox: not gone {SECONDS} s after they were deleted: {', '.join(sorted(left))}")
            await asyncio.sleep(0.3)
        for namespace in state["namespaces"]:
            await kube.raw("DELETE", f"/api/v1/namespaces/{namespace}/events")
        for obj in objects:
            await kube.apply(obj)
            if obj["kind"] == "Namespace" and obj["metadata"]["name"] in state["namespaces"]:
                await _drop_labels(kube, obj)


async def _drop_labels(kube: Kube, namespace: dict) -> None:
    """Take away what a namespace of the models was labelled with since the start."""
    name, wanted = namespace["metadata"]["name"], {*namespace["metadata"]["labels"], "kubernetes.io/metadata.name"}
    found = await kube.get("v1/namespaces", name)
    added = found["metadata"]["labels"].keys() - wanted
    if added:
        await kube.patch("v1/namespaces", name, {"metadata": {"labels": dict.fromkeys(added)}})


async def _delete_all(kube: Kube, model_namespaces: set[str], from_the_start: list[dict]) -> list[str]:
    """Delete everything once more and return what is still there."""
    set_up = {(obj["kind"], obj["metadata"].get("namespace"), obj["metadata"]["name"]) for obj in from_the_start}
    left = []
    for resource in KINDS:
        left += [await _delete(kube, resource, each) for each in await _list(kube, resource)]
    for namespace in model_namespaces:
        left += [
            await _delete(kube, "v1/pods", each, grace_seconds=0) for each in await kube.list("v1/pods", namespace)
        ]
        stay = set_up.union((kind, namespace, name) for kind, name in IN_EVERY_NAMESPACE)
        for resource in LOOSE_KINDS:
            for each in await _list(kube, resource, namespace):
                metadata = each["metadata"]
                if (each["kind"], namespace, metadata["name"]) not in stay and not metadata.get("ownerReferences"):
                    left.append(await _delete(kube, resource, each))
    for namespace in await kube.list("v1/namespaces"):
        name = namespace["metadata"]["name"]
        if name not in KEPT and ("Namespace", None, name) not in set_up:
            left.append(await _delete(kube, "v1/namespaces", namespace))
    return left


async def _list(kube: Kube, resource: str, namespace: str | None = None) -> list[dict]:
    """The objects of a resource in one namespace or in all, none where the generation does not have it."""
    try:
        return await kube.list(resource, namespace)
    except ApiError as error:
        if error.status != 404:
            raise
        return []


async def _delete(kube: Kube, resource: str, obj: dict, grace_seconds: int | None = None) -> str:
    metadata = obj["metadata"]
    try:
        await kube.delete(resource, metadata["name"], metadata.get("namespace"), grace_seconds=grace_seconds)
    except ApiError as error:
        if error.status not in (404, 409):
            raise
    return f"{resource} {metadata.get('namespace', '')}/{metadata['name']}"
