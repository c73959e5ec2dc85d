# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The other end of what the collection supports: ansible-core 2.16 and kubernetes.core 5.0 on Python 3.10 to 3.12."""

from __future__ import annotations

from pathlib import Path

from tools import kubernetes_core
from tools.dev_venv import CHECKOUT
from tools.venvs import copy_venv, ensure_venv, find_python


def ensure_oldest_venv() -> Path | None:
    """The environment of that ansible-core, None where no such Python runs."""
    python = find_python("3.10", "3.12")
    return python and ensure_venv(CHECKOUT / "tests" / "requirements" / "ansible-2.16.txt", python)


def make_oldest_venv(folder: Path) -> bool:
    """Make ``folder`` an environment in which the working tree is llamastack.maas; False where no such Python runs."""
    environment = ensure_oldest_venv()
    if environment is None:
        return False
    copy_venv(environment, folder)
    kubernetes_core.add_collections(folder, CHECKOUT, kubernetes_core.OLDEST)
    return True
