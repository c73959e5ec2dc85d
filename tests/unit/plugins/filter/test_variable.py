# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.llamastack.maas.plugins.filter import variable as plugin

variable = plugin.FilterModule().filters()["variable"]


def test_a_value_has_the_type_of_its_variable() -> None:
    assert variable("yes", "prune") is True
    assert variable("name: g", "gateway") == {"name": "g", "namespace": "openshift-ingress"}
    assert variable("", "wait_timeout") == 600


def test_a_wrong_value_fails_with_the_name_of_the_variable() -> None:
    with pytest.raises(AnsibleFilterError, match="llamastack_maas_prune: must be true or false"):
        variable("perhaps", "prune")
    with pytest.raises(AnsibleFilterError, match="there is no variable llamastack_maas_prun"):
        variable("yes", "prun")


def test_wrong_connection_options_become_one_that_every_module_refuses() -> None:
    """They are templated with every task, and without any a module would connect to another cluster."""
    assert variable("{kubeconfg: /x}", "kubernetes") == {
        "llamastack_maas_kubernetes": "llamastack_maas_kubernetes.kubeconfg: unknown connection option; did you mean kubeconfig?"
    }
