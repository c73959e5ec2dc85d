# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bring a running sandbox back to how it started, in seconds: for the next test."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import aiohttp

from . import cluster_setup
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
SECONDS = 60


def run(folder: Path) -> None:
    """Remove what was made since the start, lift every fault, forget every key, and put the platform's objects back."""
    asyncio.run(_reset(read_state(folder)))


async def _reset(state: dict) -> None:
    async with aiohttp.ClientSession(raise_for_status=True) as session:
        for daemon in ("provider_admin", "maas_admin"):
            await session.post(f"http://127.0.0.1:{state['ports'][daemon]}/reset")
    async with Kube(state) as kube:
        deadline = time.monotonic() + SECONDS
        kept = KEPT.union(cluster_setup.NAMESPACES[state["generation"]])
        while left := await _delete_all(kube, set(state["namespaces"]), kept):
            if time.monotonic() > deadline:
                raise SystemExit(f"sandbox: not gone {SECONDS} s after they were deleted: {', '.join(sorted(left))}")
            await asyncio.sleep(0.3)
        for namespace in state["namespaces"]:
            await kube.raw("DELETE", f"/api/v1/namespaces/{namespace}/events")
        for obj in cluster_setup.objects(state):
            await kube.apply(obj)


async def _delete_all(kube: Kube, model_namespaces: set[str], kept: set[str]) -> list[str]:
    """Delete everything once more and return what is still there."""
    left = []
    for resource in KINDS:
        left += [await _delete(kube, resource, each) for each in await _list(kube, resource)]
    for namespace in model_namespaces:
        left += [await _delete(kube, "v1/pods", each, grace_seconds=0) for each in await kube.list("v1/pods", namespace)]
        for resource in ("v1/secrets", "v1/configmaps", "v1/serviceaccounts"):
            ours = await kube.list(resource, namespace, labels="app.kubernetes.io/managed-by=llamastack.maas")
            left += [await _delete(kube, resource, each) for each in ours]
    for namespace in await kube.list("v1/namespaces"):
        if namespace["metadata"]["name"] not in kept | model_namespaces:
            left.append(await _delete(kube, "v1/namespaces", namespace))
    return left


async def _list(kube: Kube, resource: str) -> list[dict]:
    """All objects of a resource, none where the generation does not have it."""
    try:
        return await kube.list(resource)
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
