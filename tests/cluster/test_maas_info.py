# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os


def test_the_administrator_learns_everything(run):
    result = run("maas_info")
    assert result["generation"] == os.environ["SANDBOX_GENERATION"]
    assert result["settings"]["storage_initializer"] is True
    assert result["url"] == os.environ["SANDBOX_MAAS_URL"]
    assert result["gateway"]["exists"] is True and result["gateway"]["programmed"] is True
    assert result["settings"]["namespace_labels"] == {"maas.opendatahub.io/gateway-access": "true"}
    assert result["problems"] == []


def test_what_a_project_user_may_not_read_is_unknown(run):
    result = run("maas_info", kubeconfig=os.environ["SANDBOX_PROJECT_KUBECONFIG"])
    assert result["generation"] == os.environ["SANDBOX_GENERATION"]
    assert result["settings"]["storage_initializer"] is True
    assert result["gateway"]["exists"] is None and result["gateway"]["namespace_labels"] is None
    assert result["url"] is None


def test_a_gateway_that_does_not_exist(run):
    result = run("maas_info", gateway={"name": "other"})
    assert result["gateway"]["exists"] is False
    assert result["url"] is None


def test_a_generation_that_is_not_known_is_refused(failure):
    message = failure("maas_info", generation="z9")["msg"]
    assert "z9 is no generation of MaaS" in message


def test_a_cluster_that_cannot_be_reached_is_named(failure):
    message = failure("maas_info", host="https://127.0.0.1:1", api_key="x")["msg"]
    assert "Connection refused" in message and "Check the address of the API server" in message


def test_a_certificate_authority_that_is_not_trusted_is_named(failure, kubectl):
    server = kubectl("config", "view", "--minify")["clusters"][0]["cluster"]["server"]
    message = failure("maas_info", host=server, api_key="x", ca_cert=None, validate_certs=True)["msg"]
    assert "CERTIFICATE_VERIFY_FAILED" in message and "ca_cert" in message
