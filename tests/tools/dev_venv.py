# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make venv``: the environment ``.venv`` of the checkout, in which the working tree is llamastack.maas."""

from __future__ import annotations

from pathlib import Path

from tools.kubernetes_core import add_collections
from tools.venvs import copy_venv, ensure_venv

CHECKOUT = Path(__file__).parents[2]


def main() -> None:
    """Make ``.venv`` what the lock says, with the interpreter that runs this."""
    environment = CHECKOUT / ".venv"
    copy_venv(ensure_venv(CHECKOUT / "tests" / "requirements" / "dev.txt"), environment)
    add_collections(environment, CHECKOUT)


if __name__ == "__main__":
    main()
