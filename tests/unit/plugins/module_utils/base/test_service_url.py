# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.base import service_url


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://maas.apps.example.com/llm/gem", "not HTTPS"),
        ("http://10.0.0.7:8080/llm/gem", "not HTTPS"),
        ("ftp://maas.apps.example.com/llm/gem", "not HTTPS"),
        ("https://gem-kserve-workload-svc.llm.svc.cluster.local:8000", "within the cluster"),
        ("https://gem-kserve-workload-svc.llm.svc:8000", "within the cluster"),
        ("https://Gateway.openshift-ingress.SVC.cluster.local./llm/gem", "within the cluster"),
        ("https://10-0-0-7.llm.pod.cluster.local/", "within the cluster"),
        ("https://localhost:8443/llm/gem", "within the cluster"),
        ("https://gem.localhost/", "within the cluster"),
        ("http://gem.llm.svc.cluster.local", "within the cluster"),
        ("https:///llm/gem", "not a URL"),
        ("https://[fd01::", "not a URL"),
        ("gem.apps.example.com", "not a URL"),
        ("", "not a URL"),
    ],
)
def test_what_must_get_no_credential(url: str, why: str) -> None:
    assert why in (service_url.problem(url) or "")


@pytest.mark.parametrize(
    "url",
    [
        "https://maas.apps.example.com/llm/gem",
        "https://127.0.0.1:8443/llm/gem",
        "https://10.0.0.7/llm/gem",
        "https://[fd01::7]:443/llm/gem",
        "https://maas.prod.svc.example.com/llm/gem",
        "https://svc.example.com",
        "https://mycluster.local/llm/gem",
        "https://maas/llm/gem",
    ],
)
def test_what_may_get_one(url: str) -> None:
    assert service_url.problem(url) is None
