# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.llamastack.maas.plugins.filter.registration import FilterModule

registration = FilterModule().filters()["registration"]


@pytest.mark.parametrize(
    ("scope", "kinds"),
    [
        (
            "all",
            ["MaaSModelRef", "MaaSModelRef", "MaaSAuthPolicy", "MaaSSubscription"]
            + ["MaaSAuthPolicy", "MaaSSubscription"],
        ),
        ("project", ["MaaSModelRef", "MaaSModelRef"]),
        ("platform", ["MaaSAuthPolicy", "MaaSSubscription", "MaaSAuthPolicy", "MaaSSubscription"]),
    ],
)
def test_the_scope_picks_the_halves(instances, scope, kinds):
    objects = registration([instances("one"), instances("two")], {"generation": "b2", "scope": scope})
    assert [item["kind"] for item in objects] == kinds


def test_settings_have_the_defaults_of_their_variables(instance):
    policy = registration([instance], {"generation": "b2"})[1]
    assert policy["metadata"]["namespace"] == "models-as-a-service"
    assert policy["metadata"]["labels"]["llamastack.maas/set"] == "default"


@pytest.mark.parametrize(
    ("settings", "words"),
    [({}, "settings.generation"), ({"generation": "b2", "scope": "half"}, "llamastack_maas_scope")],
)
def test_settings_that_cannot_be_used_are_refused(instance, settings, words):
    with pytest.raises(AnsibleFilterError, match=words):
        registration([instance], settings)
