# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What stands for container images: environments with the same release from PyPI, and programs of this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from real_litellm import postgres, releases
from tools.venvs import ensure_venv

REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements"
LOCKS = {"docker.io/ogxai/distribution-starter:1.3.0": "ogx-1.3.0.txt"}


def ensure() -> dict[str, str]:
    """Image name -> folder that stands for it, made from its lock file when it is not cached."""
    return {image: str(ensure_venv(REQUIREMENTS / lock)) for image, lock in LOCKS.items()}


def stand_ins(folder: Path) -> dict[str, Any]:
    """What a cluster without MaaS runs, for the state of the sandbox in ``folder``: see ``node.images``.

    Volumes lie where the user of PostgreSQL's server can get to them.
    """
    volumes = str(postgres.scratch() if postgres.user() else folder / "volumes")
    found = {}
    for version in releases.RELEASES:
        release = releases.ensure(version)
        found[version] = {"path": [str(each) for each in release.path], "environment": release.environment}
    known = {
        "litellm": found,
        "postgres": {"path": str(postgres.programs()), "volumes": volumes},
        "services": str(folder / "run" / "services.json"),
    }
    return {"volumes": volumes, "stand_ins": known}
