# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The container images that the imitated node can run: each a virtual environment with the same release of OGX from PyPI."""

from __future__ import annotations

from pathlib import Path

from tools.venvs import ensure_venv

REQUIREMENTS = Path(__file__).resolve().parents[1] / "requirements"
LOCKS = {"docker.io/ogxai/distribution-starter:1.3.0": "ogx-1.3.0.txt"}


def ensure() -> dict[str, str]:
    """Image name -> folder that stands for it, made from its lock file when it is not cached."""
    return {image: str(ensure_venv(REQUIREMENTS / lock)) for image, lock in LOCKS.items()}
