# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Persistent volumes: a folder for each claim whose class has this provisioner; claims are bound by the real controller.

Imitates a provisioner of folders on a node. Deviates: a volume is as large as the disk, takes every access mode, and is
not formatted; its content goes as soon as its claim has gone, where the class says Delete. What it does not make it
refuses with an event of the claim: a block device, a volume from a snapshot or another claim.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..kube import ApiError, Kube
from .events import Recorder
from .schedule import unbound

log = logging.getLogger(__name__)

PROVISIONER = "sandbox.llamastack.maas/folder"
_ASKED = "volume.kubernetes.io/storage-provisioner"
_MADE = "pv.kubernetes.io/provisioned-by"


def storage_class(name: str, default: bool) -> dict[str, Any]:
    """A class whose volumes are made here."""
    marked = {"storageclass.kubernetes.io/is-default-class": "true"} if default else {}
    return {
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {"name": name, "annotations": marked},
        "provisioner": PROVISIONER,
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "Immediate",
    }


class Claims:
    """Claims and volumes of the cluster.

    :arg root: the folder in which volumes are made.
    """

    def __init__(self, kube: Kube, events: Recorder, root: Path) -> None:
        self._kube, self._events, self._root = kube, events, root
        self._claims: dict[tuple[str, str], dict[str, Any]] = {}
        self._volumes: dict[str, dict[str, Any]] = {}
        self._changed = asyncio.Event()

    async def change(self) -> None:
        """Return once a claim or a volume has changed."""
        await self._changed.wait()

    def unbound(self, pod: Mapping[str, Any]) -> str | None:
        """Why the pod's claims keep it waiting."""
        return unbound(pod, self._claims)

    async def folders(self, pod: Mapping[str, Any]) -> dict[str, Path]:
        """The folder of each of the pod's volumes that is a claim, by the volume's name, once all are known."""
        while True:
            try:
                return self._folders(pod)
            except KeyError:
                await self.change()

    def _folders(self, pod: Mapping[str, Any]) -> dict[str, Path]:
        found = {}
        for volume in pod["spec"].get("volumes") or []:
            if claimed := volume.get("persistentVolumeClaim"):
                claim = self._claims[pod["metadata"]["namespace"], claimed["claimName"]]
                bound = self._volumes[claim["spec"]["volumeName"]]
                found[volume["name"]] = Path(bound["spec"]["hostPath"]["path"])
        return found

    async def watch_claims(self) -> None:
        """Make a volume for each claim that asks for one."""
        async for kind, claim in self._kube.watch("v1/persistentvolumeclaims"):
            key = (claim["metadata"]["namespace"], claim["metadata"]["name"])
            if kind == "DELETED":
                self._claims.pop(key, None)
            else:
                self._claims[key] = claim
                if (claim["metadata"].get("annotations") or {}).get(_ASKED) == PROVISIONER:
                    await self._provide(claim)
            self._tell()

    async def watch_volumes(self) -> None:
        """Remove what was made for a claim that has gone."""
        async for kind, volume in self._kube.watch("v1/persistentvolumes"):
            name, metadata = volume["metadata"]["name"], volume["metadata"]
            ours = (metadata.get("annotations") or {}).get(_MADE) == PROVISIONER
            if kind == "DELETED":
                self._volumes.pop(name, None)
                if ours:
                    shutil.rmtree(volume["spec"]["hostPath"]["path"], ignore_errors=True)
            else:
                self._volumes[name] = volume
                released = (volume.get("status") or {}).get("phase") == "Released"
                delete = volume["spec"].get("persistentVolumeReclaimPolicy") == "Delete"
                if ours and released and delete and "deletionTimestamp" not in metadata:
                    await self._try(self._kube.delete("v1/persistentvolumes", name))
            self._tell()

    def _tell(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def _provide(self, claim: Mapping[str, Any]) -> None:
        metadata, spec = claim["metadata"], claim["spec"]
        if spec.get("volumeName") or "deletionTimestamp" in metadata:
            return
        if spec.get("volumeMode") == "Block" or spec.get("dataSource") or spec.get("dataSourceRef"):
            why = "this sandbox makes no block devices and copies no volumes"
            self._events.provisioner(claim, "Warning", "ProvisioningFailed", f"failed to provision volume: {why}")
            return
        name = f"pvc-{metadata['uid']}"
        folder = self._root / name
        folder.mkdir(parents=True, exist_ok=True)
        made_of = await self._kube.get("storage.k8s.io/v1/storageclasses", spec["storageClassName"])
        reference = {
            "apiVersion": "v1",
            "kind": "PersistentVolumeClaim",
            "resourceVersion": metadata["resourceVersion"],
        }
        reference |= {key: metadata[key] for key in ("name", "namespace", "uid")}
        volume = {
            "apiVersion": "v1",
            "kind": "PersistentVolume",
            "metadata": {"name": name, "annotations": {_MADE: PROVISIONER}},
            "spec": {
                "capacity": {"storage": spec["resources"]["requests"]["storage"]},
                "accessModes": spec["accessModes"],
                "persistentVolumeReclaimPolicy": made_of.get("reclaimPolicy", "Delete"),
                "storageClassName": spec["storageClassName"],
                "hostPath": {"path": str(folder)},
                "claimRef": reference,
            },
        }
        await self._try(self._kube.create(volume))
        self._events.provisioner(claim, "Normal", "ProvisioningSucceeded", f"Successfully provisioned volume {name}")

    async def _try(self, request: Any) -> None:
        try:
            await request
        except ApiError as error:
            if error.status not in (404, 409):
                log.warning("%s", error)
