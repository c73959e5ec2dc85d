# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which release of the server an image holds, as far as its name shows, and what that release cannot do."""

from __future__ import annotations

import re
import typing as t

DEFAULT_IMAGE = "docker.io/ogxai/distribution-starter:1.3.0"

Version = t.Tuple[int, int, int]

# Before 0.5 the server does not start with a route policy in its configuration, and nothing else closes its
# administrative paths.
OLDEST: Version = (0, 5, 0)

# The first release that can register a model under an id without the provider's prefix.
OLDEST_WITH_ALIAS: Version = (0, 8, 0)

# The images of the platform's vendor are tagged with the platform's release, not with the server's.
_PLATFORM_IMAGES = ("odh-llama-stack-core-rhel9", "odh-ogx-core-rhel9", "odh-ogx-core", "llama-stack")
_PLATFORM_RELEASES: dict[tuple[int, int], Version] = {
    (2, 22): (0, 2, 10),
    (2, 23): (0, 2, 14),
    (2, 24): (0, 2, 18),
    (2, 25): (0, 2, 22),
    (3, 0): (0, 3, 0),
    (3, 2): (0, 3, 5),
    (3, 3): (0, 4, 7),
    (3, 4): (0, 7, 3),
    (3, 5): (1, 2, 2),
}

# Before, the server does not start where a model is registered that its provider does not list.
_OLDEST_THAT_REGISTERS: Version = (0, 6, 1)

_IMAGE = re.compile(r"(?P<repository>[^@]*?)(:(?P<tag>[\w][\w.-]*))?(@sha256:[0-9a-f]+)?\Z")
_PLATFORM_TAG = re.compile(r"(?:rhoai-)?v(\d+)\.(\d+)(?:[.-].*)?\Z")
_VERSION_TAG = re.compile(r"v?(\d+)\.(\d+)\.(\d+)(?:\D.*)?\Z")


def server_version(image: str) -> Version | None:
    """The release of LlamaStack (below 0.8) or OGX in C(image); None where the name does not show it."""
    match = _IMAGE.match(image)
    if not match or not match["tag"]:
        return None
    if match["repository"].rsplit("/", 1)[-1] in _PLATFORM_IMAGES:
        release = _PLATFORM_TAG.match(match["tag"])
        return _PLATFORM_RELEASES.get((int(release[1]), int(release[2]))) if release else None
    version = _VERSION_TAG.match(match["tag"])
    return (int(version[1]), int(version[2]), int(version[3])) if version else None


def registers_models(image: str) -> bool:
    """Whether the server in C(image) takes models from its configuration that its provider need not list."""
    version = server_version(image)
    return version is None or version >= _OLDEST_THAT_REGISTERS


def shortcoming(image: str, needs_alias: bool) -> str | None:
    """Why an instance cannot run from C(image), or None where it can or nobody knows."""
    version = server_version(image)
    if version is None:
        return None
    if version < OLDEST:
        return (
            f"holds LlamaStack {_text(version)}, which cannot close its administrative paths; "
            f"use {_text(OLDEST)} or newer, such as {DEFAULT_IMAGE}"
        )
    if needs_alias and version < OLDEST_WITH_ALIAS:
        return (
            f"holds LlamaStack {_text(version)}, which cannot answer to the id that MaaS publishes: that needs an "
            f"alias without the provider's prefix, which OGX has from {_text(OLDEST_WITH_ALIAS)} on; "
            f"use for instance {DEFAULT_IMAGE}"
        )
    return None


def _text(version: Version) -> str:
    return ".".join(map(str, version))
