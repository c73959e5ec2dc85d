# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The generations of MaaS by name, and by the release of the platform. The interface is in C(base.py), each generation in a
file of its own."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.llamastack.maas.plugins.module_utils.base.problems import nearest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes import ownership
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.a import GenerationA
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.b1 import GenerationB1
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.b2 import GenerationB2
from ansible_collections.llamastack.maas.plugins.module_utils.maas.generations.base import Generation, Settings

_ALL: dict[str, Generation] = {
    generation.name: generation for generation in (GenerationA(), GenerationB1(), GenerationB2())
}

NAMES = tuple(_ALL)

_OF_PLATFORM = ("MaaSSubscription", "MaaSAuthPolicy")

_BY_RELEASE = {release: generation for generation in _ALL.values() for release in generation.releases}

RELEASES = tuple(_BY_RELEASE)


def get(given: t.Any) -> Generation:
    """The generation of this name, or of this release of the platform, such as C(B2), C(3.5), C(v3.5.1) or the number 3.5.

    Raises ValueError.
    """
    text = str(given).strip().lower()
    release = re.fullmatch(r"v?(\d+\.\d+)(\.\d+)?", text)
    found = _BY_RELEASE.get(release.group(1)) if release else _ALL.get(text)
    if found is None:
        raise ValueError(
            f"{given} is no generation of MaaS and no release of OpenShift AI that this collection knows; "
            f"{nearest(release.group(1) if release else text, [*NAMES, *RELEASES])}"
        )
    return found


def set_kinds(settings: Settings, scope: str = "all") -> list[tuple[str, str, str]]:
    """API version, kind and namespace of all that an instance set may be made of, of whatever generation, in the order in
    which it is to go: who may call an instance before the instance.

    C(scope): platform for what lies in the subscription namespace, project for the rest, all for both.
    """
    registering = {
        kind: None for generation in _ALL.values() for kind in reversed(generation.registration_kinds(settings))
    }
    shared = [kind for kind in registering if kind[1] in _OF_PLATFORM]
    own = [kind for kind in registering if kind[1] not in _OF_PLATFORM]
    namespace = settings["namespace"]
    own += [
        (ownership.INFERENCE_SERVICE_API, ownership.INFERENCE_SERVICE, namespace),
        *(("v1", kind, namespace) for kind in ("ConfigMap", "Secret", "ServiceAccount")),
    ]
    return shared * (scope != "project") + own * (scope != "platform")
