# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The CustomResourceDefinitions of a sandbox: where they come from, and what makes a set of them unfit.

They come from Go modules and, where the owner of a kind publishes none, from ``maas.crds``. ``SANDBOX_CRD_DIR`` takes
all of them from folders instead (several are separated as in PATH), such as the real ones of a release of a platform.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from . import kserve, toolchain
from .maas.crds import GROUP as MAAS
from .maas.crds import crds as maas_crds

GATEWAY_API = tuple(f"{plural}.gateway.networking.k8s.io" for plural in ("gatewayclasses", "gateways", "httproutes"))
SERVICES = "llminferenceservices.serving.kserve.io"
CONFIGS = "llminferenceserviceconfigs.serving.kserve.io"
#: A definition that only a later generation has: what looks for the generation would find that one.
LATER = {"b1": f"maastenantconfigs.{MAAS}"}


@dataclass(frozen=True)
class Plan:
    """What a sandbox is to be made of; ``generation`` is none where there is no MaaS. ``routes``: those of OpenShift."""

    generation: str
    kserve: kserve.Release
    folders: tuple[Path, ...] = ()
    routes: bool = False

    @property
    def maas(self) -> bool:
        """Whether there is a MaaS."""
        return self.generation != "none"

    def definitions(self, files: Path | None) -> list[dict]:
        """All definitions, ``files`` being those of the KServe release; SystemExit where they cannot work."""
        if self.folders:
            found = _read(self.folders)
            if problems := unfit(found, self.generation, self.kserve):
                raise SystemExit("sandbox: the definitions of SANDBOX_CRD_DIR cannot work:\n" + "\n".join(problems))
        else:
            found = kserve.definitions(files) if files else []
            found += maas_crds(self.generation) if self.maas else []
        if self.routes:
            found += kserve.documents(toolchain.ensure(toolchain.OPENSHIFT) / "crds")
        return found + kserve.stand_ins(self.kserve)

    def registered(self, definitions: list[dict], state: dict) -> list[dict]:
        """The definitions as the cluster gets them: KServe's know the conversion webhook of its controller."""
        if not self.kserve.runs:
            return definitions
        return [
            kserve.convertible(each, state) if each["metadata"]["name"] in (SERVICES, CONFIGS) else each
            for each in definitions
        ]


def plan(generation: str, environment: Mapping[str, str]) -> Plan:
    """What the environment asks for (``SANDBOX_KSERVE``, ``SANDBOX_CRD_DIR``, ``SANDBOX_ROUTES``).

    SystemExit where that cannot work.
    """
    folders = tuple(Path(each) for each in environment.get("SANDBOX_CRD_DIR", "").split(os.pathsep) if each)
    for folder in folders:
        if not folder.is_dir():
            raise SystemExit(f"sandbox: SANDBOX_CRD_DIR names {folder}, which is no folder")
    if folders and generation == "none":
        raise SystemExit("sandbox: without MaaS there are no definitions for SANDBOX_CRD_DIR to replace")
    release = kserve.release(environment.get("SANDBOX_KSERVE", ""), generation)
    return Plan(generation, release, folders, environment.get("SANDBOX_ROUTES") == "1")


def unfit(definitions: list[dict], generation: str, release: kserve.Release) -> list[str]:
    """Why these definitions cannot make a sandbox, a line each."""
    names = [each["metadata"]["name"] for each in definitions]
    problems = [f"{name} is there more than once" for name in sorted({each for each in names if names.count(each) > 1})]
    needed = [*GATEWAY_API, SERVICES, *([CONFIGS] if release.runs else [])]
    needed += [each["metadata"]["name"] for each in maas_crds(generation)]
    problems += [f"{name} is missing" for name in needed if name not in names]
    problems += [
        f"{name} belongs to a later generation of MaaS than {generation}"
        for name in names
        if name == LATER.get(generation) or (generation == "a" and name.endswith(f".{MAAS}"))
    ]
    services = next((each for each in definitions if each["metadata"]["name"] == SERVICES), None)
    return problems + (_unfit_services(services, generation, release) if services else [])


def _unfit_services(definition: dict, generation: str, release: kserve.Release) -> list[str]:
    served = {each["name"]: each for each in definition["spec"]["versions"] if each["served"]}
    reader = f"the controller of KServe {release.name}" if release.runs else f"MaaS of generation {generation}"
    version = "v1alpha2" if release.runs or generation != "a" else "v1alpha1"
    if version not in served:
        return [f"{SERVICES} does not serve {version}, which {reader} reads"]
    fields = served[version]["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"]
    if release.name == kserve.DEFAULT and "tracing" not in fields:
        hint = "; SANDBOX_KSERVE=v0.17.0 may fit" if generation == "b1" else ""
        return [f"{SERVICES} is older than KServe {kserve.DEFAULT}, whose presets it refuses{hint}"]
    return []


def _read(folders: tuple[Path, ...]) -> list[dict]:
    found = [each for folder in folders for each in kserve.documents(folder)]
    return [each for each in found if each.get("kind") == "CustomResourceDefinition"]
