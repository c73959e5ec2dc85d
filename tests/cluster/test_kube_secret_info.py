# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import base64

KEY = "sk-test-0123456789abcdef"


def test_our_own_secret_has_the_revision_that_apply_told(run, namespace, ours):
    secret = ours("Secret", "gem-credentials")
    applied = run(
        "kube_apply", objects=[secret], secret_data={f"{namespace}/gem-credentials": {"api_key": KEY, "project": "p"}}
    )
    result = run("kube_secret_info", namespace=namespace, names=["gem-credentials"])
    found = result["secrets"]["gem-credentials"]
    assert (found["exists"], found["managed"], found["fields"]) == (True, True, ["api_key", "project"])
    assert result["revisions"] == applied["revisions"]


def test_a_foreign_secret_has_its_resource_version_and_no_value_is_told(run, kubectl, namespace):
    kubectl(
        "create", "secret", "generic", "corp", "-n", namespace, f"--from-literal=token={KEY}", "--from-literal=empty="
    )
    result = run("kube_secret_info", namespace=namespace, names=["corp", "absent"])
    version = kubectl("get", "secret", "corp", "-n", namespace)["metadata"]["resourceVersion"]
    assert result["secrets"]["corp"] == {
        "exists": True,
        "fields": ["empty", "token"],
        "empty_fields": ["empty"],
        "managed": False,
        "revision": version,
    }
    assert result["secrets"]["absent"]["exists"] is False
    assert result["revisions"] == {f"{namespace}/corp": version}
    assert KEY not in str(result) and base64.b64encode(KEY.encode()).decode() not in str(result)


def test_a_secret_that_may_not_be_read_is_unknown_not_absent(run, namespace):
    result = run("kube_secret_info", namespace=namespace, names=["corp"], impersonate_user="nobody")
    assert result["secrets"]["corp"]["exists"] is None
    assert 'cannot get resource "secrets"' in str(result["warnings"])
