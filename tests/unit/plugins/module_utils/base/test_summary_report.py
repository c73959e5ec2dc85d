# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from ansible_collections.llamastack.maas.plugins.module_utils.base.summary_report import as_text


def test_it_tells_how_to_call_and_why_not():
    text = as_text(
        {
            "openai-prod": {
                "state": "proven",
                "client_base_url": "https://maas.apps.example.com/v1",
                "url": "https://maas.apps.example.com/llm/openai-prod",
                "ids": ["publishers/llm/models/openai-prod"],
                "changed": ["Secret created", "ConfigMap created", "MaaSSubscription updated"],
            },
            "gemini": {
                "state": "not_entitled",
                "reason": "registered, not proven: kube:admin is in none of group data-science " * 2,
                "remedy": "Run as one of them.",
            },
        }
    )
    assert text.splitlines()[:6] == [
        "INSTANCE     STATE         CHANGED",
        "openai-prod  proven        created Secret, ConfigMap; updated MaaSSubscription",
        "  URL     https://maas.apps.example.com/v1",
        "  model   publishers/llm/models/openai-prod",
        "gemini       not entitled  nothing",
        "  why     registered, not proven: kube:admin is in none of group data-science registered, not",
    ]
    assert text.splitlines()[-1] == "2 instances: 1 proven, 1 not entitled"
    assert max(len(line) for line in text.splitlines()) <= 100
