# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import subprocess
import sys

AS_ANSIBLE_DOES_BEFORE_IT_FORKS = """
import sys
from ansible.plugins.loader import action_loader, init_plugin_loader
init_plugin_loader()
action_loader.get("llamastack.maas.maas_info", class_only=True)
print(*sys.modules)
"""


def test_loading_it_loads_the_filters():
    command = [sys.executable, "-c", AS_ANSIBLE_DOES_BEFORE_IT_FORKS]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    filters = [
        f"ansible_collections.llamastack.maas.plugins.filter.{name}" for name in ("instances", "manifests", "summary")
    ]
    assert set(filters) <= set(loaded)
