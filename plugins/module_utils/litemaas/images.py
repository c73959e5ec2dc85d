# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the name of an image says: which version of LiteLLM it is, and which family of PostgreSQL images it is of."""

from __future__ import annotations

import re
import typing as t

# The public image that runs without root, in the version that the tests of this collection run.
LITELLM = "ghcr.io/berriai/litellm-non_root:v1.108.6"
# Made for any user id, on every cluster, and pulled without an account.
POSTGRES = "quay.io/sclorg/postgresql-16-c9s:20260923"
LITEMAAS = "0.4.0"
BACKEND = f"quay.io/rh-aiservices-bu/litemaas-backend:{LITEMAAS}"
FRONTEND = f"quay.io/rh-aiservices-bu/litemaas-frontend:{LITEMAAS}"

COMPROMISED = {
    "1.82.7": "it was published with a program in it that steals credentials (March 2026)",
    "1.82.8": "it was published with a program in it that steals credentials (March 2026)",
    "1.107.0": "it is reported as compromised, as package and as image",
}
# Per line of releases, the first that is free of the advisory GHSA-7hp6-4w63-5g45: a user becomes administrator.
_FIXED = ((1, 100, 4), (1, 101, 3), (1, 102, 2), (1, 103, 1))
_ADVISORY = "GHSA-7hp6-4w63-5g45, by which a user of the admin page becomes administrator"

_VERSION = re.compile(r"(?<![0-9.])v?([0-9]+\.[0-9]+\.[0-9]+)(?![0-9.])")
_FLOATING = re.compile(r"(?:main-)?(?:latest|stable|nightly|dev|main)(?:-dev)?\Z")

SCLORG, DOCKER_LIBRARY = "sclorg", "docker-library"
_SCLORG_NAME = re.compile(r"postgresql-?([0-9]+)(?:-[a-z0-9]+)*\Z")
_MAJOR = re.compile(r"([0-9]+)(?:[.-]|\Z)")


class Image(t.NamedTuple):
    """The parts of a reference; what is not given is empty."""

    path: str
    tag: str
    digest: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


def parse(reference: str) -> Image:
    """The parts of the name of an image."""
    rest, _at, digest = reference.partition("@")
    directory, slash, last = rest.rpartition("/")
    name, _colon, tag = last.partition(":")
    return Image(f"{directory}{slash}{name}", tag, digest)


def litellm_version(reference: str) -> str | None:
    """The version of LiteLLM that the tag names, or None."""
    found = _VERSION.search(parse(reference).tag)
    return found.group(1) if found else None


def litellm_problem(reference: str) -> str:
    """Why an image of LiteLLM is refused, as the rest of a sentence; empty where it is not."""
    version, image = litellm_version(reference), parse(reference)
    if version in COMPROMISED:
        return f"is LiteLLM {version}, which is refused: {COMPROMISED[version]}. Give another version"
    if not image.digest and (not image.tag or _FLOATING.match(image.tag)):
        return (
            "names no version, so that the next start of a pod may be another LiteLLM; give a tag with a version,"
            f" such as {LITELLM}"
        )
    return ""


def litellm_warning(reference: str) -> str:
    """What speaks against an image of LiteLLM that is not refused."""
    version = litellm_version(reference)
    if version is None:
        return "does not say which version of LiteLLM it is, so nothing is known of its weaknesses"
    number = tuple(map(int, version.split(".")))
    fixed = next((each for each in _FIXED if each[:2] == number[:2]), _FIXED[-1])
    if number < fixed:
        return f"is LiteLLM {version}, which has the weakness {_ADVISORY}; {'.'.join(map(str, fixed))} has not"
    return ""


class Postgres(t.NamedTuple):
    """The family of an image of PostgreSQL and its major version."""

    family: str
    major: int


def postgres(reference: str) -> Postgres | None:
    """What an image of PostgreSQL is by its name; None where that does not say it.

    Both families are known by the name that they have in every registry: C(postgresql-16-c9s) or C(rhel9/postgresql-16)
    of sclorg, C(postgres:16) of docker-library.
    """
    image = parse(reference)
    by_name = _SCLORG_NAME.match(image.name)
    if by_name:
        return Postgres(SCLORG, int(by_name.group(1)))
    by_tag = _MAJOR.match(image.tag)
    if image.name == "postgres" and by_tag:
        return Postgres(DOCKER_LIBRARY, int(by_tag.group(1)))
    return None


def postgres_user(reference: str) -> int:
    """The user that the image runs as, where the cluster does not choose one."""
    found = postgres(reference)
    if found and found.family == SCLORG:
        return 26
    return 70 if "alpine" in parse(reference).tag else 999
