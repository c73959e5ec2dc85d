# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is asked of the module that makes the Secrets is what it takes."""

from __future__ import annotations

from ansible_collections.llamastack.maas.plugins.modules import kube_secret_generate
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import installation, litemaas_check
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas.installation import generated

APP = {"auth": "oidc", "oidc": {"issuer": "https://sso", "client_id": "x", "client_secret": {"name": "s", "key": "k"}}}


def test_every_field_is_described_in_words_that_the_module_knows():
    values, problems = litemaas_check.run_values({}, {"host": "a.example.com", "app_host": "b.example.com", "app": APP})
    assert problems == []
    secrets = generated(installation.complete(values, {}, {}).installation)
    assert [each["name"] for each in secrets] == ["litellm-secret", "postgres-secret", "backend-secret"]
    for each in secrets:
        for field in each["fields"].values():
            assert set(field) <= kube_secret_generate._FIELD_KEYS
