# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that would stop a deployment, told at once, by a run that writes nothing."""

from __future__ import annotations

import re

import pytest
from sandbox import pki
from scenarios.harness import OPENAI


def test_a_good_cluster_is_fine_and_stays_as_it_is(sandbox):
    # A key in OpenAI's own shape: any other is a warning.
    shaped = sandbox.state["keys"]["openai"][-1]
    for option in ((), ("--check",)):
        run = sandbox.play("preflight", [OPENAI], *option, env={"OPENAI_API_KEY": shaped})
        assert (run.code, run.recap("changed")) == (0, 0), run.output
        assert re.search(r"^(\d+) checks: \1 passed$", run.output, re.MULTILINE), run.output
    assert sandbox.versions() == {}
    assert not any(key in run.output for key in (shaped, *sandbox.keys.values(), sandbox.state["admin_token"]))


@pytest.mark.parametrize("half", ["project", "platform"])
def test_half_the_rights_are_enough_for_half_the_work(sandbox, half):
    run = sandbox.play("preflight", [OPENAI], kubeconfig=half, scope=half)
    assert run.code == 0, run.output
    assert ("MaaSSubscription" in run.text) == (half == "platform")
    # The owner of a namespace may not read the gateway: that is unknown, and no failure.
    assert ("maas-default-gateway could not be read (403 Forbidden)" in run.text) == (half == "project")


def test_all_that_is_wrong_is_told_in_one_run(sandbox, tmp_path):
    pki.create(tmp_path / "other")
    named = {"name": "two", "provider": "openai", "credentials_secret": {"name": "no-such"}, "models": ["gpt-4o"]}
    run = sandbox.play(
        "preflight",
        [{**OPENAI, "api_key_evn": "X"}, named],
        kubeconfig="project",
        ca_file=str(tmp_path / "other" / "ca.pem"),
    )
    assert run.code != 0
    for words in (
        "llamastack_maas_instances[0].api_key_evn",
        "llamastack_maas_instances[1].credentials_secret",
        "MaaSSubscription in namespace models-as-a-service: no permission to get, list, create, patch",
        "MaaSAuthPolicy in namespace models-as-a-service: no permission to get, list, create, patch",
        "CERTIFICATE_VERIFY_FAILED",
        "llamastack_maas_ca_file",
    ):
        assert words in run.text, (words, run.output)
    assert sandbox.versions() == {}


def test_a_missing_gateway_a_dead_url_and_a_foreign_object_are_named(sandbox):
    sandbox.kubectl("create", "configmap", "openai-config", "-n", "llm")
    run = sandbox.play("preflight", [OPENAI], gateway={"name": "other"}, url="https://127.0.0.1:1")
    assert run.code != 0
    for words in (
        "There is no Gateway openshift-ingress/other",
        "Connection refused",
        "ConfigMap llm/openai-config is not managed by this collection",
    ):
        assert words in run.text, (words, run.output)


def test_without_the_api_server_the_rest_is_still_checked(sandbox):
    run = sandbox.play(
        "preflight", [{**OPENAI, "name": "Bad"}], kubernetes={"host": "https://127.0.0.1:1", "api_key": "x"}
    )
    assert run.code != 0
    for words in (
        "llamastack_maas_instances[0].name",
        "Check the address of the API server",
        "with a trusted certificate",
    ):
        assert words in run.text, (words, run.output)
