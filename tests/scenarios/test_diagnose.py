# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployed once, broken in many places: faults that only a running instance and its provider show.

The keys differ, so that one run shows a fault of each. Those of the cluster are in tests/cluster/test_diagnose.py.
"""

from __future__ import annotations

import json

import pytest
from scenarios.harness import ANTHROPIC, GEMINI, OPENAI, Sandbox, instance
from scenarios.keys import WRONG, repeating, shown

SECOND = instance("second", "openai", "OPENAI_API_KEY_2", ["gpt-4o-mini"])
INSTANCES = [OPENAI, SECOND, GEMINI, ANTHROPIC]


@pytest.fixture(scope="module")
def deployed(shared_sandbox) -> Sandbox:
    run = shared_sandbox.play("deploy", INSTANCES)
    assert run.code == 0, run.output
    return shared_sandbox


@pytest.fixture
def diagnosed(deployed):
    """``diagnosed(instances, **variables) -> (by name what is told, the run)``"""

    def call(instances=tuple(INSTANCES), *options, **variables):
        shown = {"ANSIBLE_SHOW_CUSTOM_STATS": "1"}
        run = deployed.play("diagnose", list(instances), *options, env=shown, **variables)
        assert (run.code, run.recap("changed")) == (0, 0), run.output
        stats = json.loads(run.output[run.output.index("RUN: ") + len("RUN: ") :].split("\n", 1)[0])
        return stats["llamastack_maas_diagnosis"]["instances"], run

    return call


@pytest.fixture
def break_providers(deployed):
    """``break_providers((provider, fault, key), …)`` for one test."""

    def call(*faults):
        for provider, fault, key in faults:
            deployed.provider(
                "POST", "/faults", {"provider": provider, "fault": fault, **({"key": key} if key else {})}
            )

    yield call
    deployed.provider("DELETE", "/faults")


def test_healthy_instances(deployed, diagnosed):
    before = deployed.versions()
    found, run = diagnosed()
    for name, each in found.items():
        assert each["state"] == "healthy", each
        assert {link["state"] for link in each["links"]} <= {"ok", "hint"}, each
        hints = [link["cause"] for link in each["links"] if link["state"] == "hint"]
        # On generation A the list's own probe hides a server that does not know OPTIONS.
        assert [("OPTIONS" in hint) for hint in hints] == ([True] if deployed.state["generation"] == "a" else []), name
    assert deployed.versions() == before
    assert "4 healthy" in run.text


def test_what_somebody_may_not_read_is_said_and_not_taken_for_broken(deployed, diagnosed):
    """Each owner of a half, with the token of somebody who may call the models."""
    alice = {"token": deployed.token("alice")}
    tiers = deployed.state["generation"] == "a"
    for owner, state, closed in (
        ("project", "healthy", set() if tiers else {"registration"}),
        ("platform", "unknown", {"secret", "object", "deployment", "pod", "service", "route", "registration"}),
    ):
        found, run = diagnosed(kubeconfig=owner, **alice)
        for each in found.values():
            assert each["state"] == state, run.output
            skipped = {link["link"]: link["cause"] for link in each["links"] if link["state"] == "skipped"}
            assert set(skipped) == closed and all("403 Forbidden" in why for why in skipped.values()), run.output


@pytest.mark.once
def test_no_key_is_shown_and_check_mode_calls_nobody(deployed, diagnosed):
    found, run = diagnosed(INSTANCES, "--check", "-vvv", "--diff")
    assert {each["state"] for each in found.values()} == {"unknown"}
    for secret in (*deployed.keys.values(), *(user["token"] for user in deployed.state["users"].values())):
        assert secret not in run.output


def test_providers_that_fail_behind_running_instances(diagnosed, break_providers):
    break_providers(
        ("openai", "401", "openai"),
        ("openai", "429", "openai_2"),
        ("gemini", "refuse", None),
        ("anthropic", "unreachable", None),
    )
    found, run = diagnosed()
    assert {name: (each["link"], each["cause"]) for name, each in found.items()} == {
        "openai": ("call", "the provider refused the key"),
        "second": ("call", "the provider's own limit or quota is used up"),
        "gemini": ("call", "the provider cannot be reached"),
        "anthropic": ("call", "the egress proxy does not reach the provider"),
    }
    assert all(each["evidence"] and each["remedy"] for each in found.values())
    assert "4 broken" in run.text


@pytest.mark.once
def test_refusals_that_are_neither_about_the_key_nor_of_the_network(diagnosed, break_providers):
    break_providers(
        ("openai", "402", "openai"),
        ("openai", "error_inside", "openai_2"),
        ("anthropic", "402", None),
    )
    found, _run = diagnosed([OPENAI, SECOND, ANTHROPIC])
    no_credit = ("call", "the provider's account has no credit or budget left")
    assert {name: (each["link"], each["cause"]) for name, each in found.items()} == {
        "openai": no_credit,
        "second": ("call", "the provider answered with something else than was asked for"),
        "anthropic": no_credit,
    }


@pytest.mark.once
def test_a_certificate_that_is_not_trusted_and_a_proxy_that_blocks(deployed, diagnosed, break_providers):
    """The authorities of the machine instead of the bundle that knows the proxy's; an egress policy that has changed."""
    (main,) = deployed.get("llmisvc", "gemini", "-n", "llm")["spec"]["template"]["containers"]
    for variable in main["env"]:
        if variable["name"] == "SSL_CERT_FILE":
            variable["value"] = "/etc/ssl/certs/ca-certificates.crt"
    patch = {"spec": {"template": {"containers": [main]}}}
    before = deployed.get("deployment", "gemini-kserve", "-n", "llm")["metadata"]["generation"]
    deployed.kubectl("patch", "llmisvc", "gemini", "-n", "llm", "--type=merge", "-p", json.dumps(patch))
    changed = f"--for=jsonpath={{.metadata.generation}}={before + 1}"
    deployed.kubectl("wait", "deployment/gemini-kserve", "-n", "llm", changed, "--timeout=60s")
    deployed.kubectl("rollout", "status", "deployment/gemini-kserve", "-n", "llm", "--timeout=120s")
    break_providers(("anthropic", "blocked", None))
    found, _run = diagnosed([GEMINI, ANTHROPIC])
    assert found["gemini"]["cause"] == "the provider's certificate is not trusted in the pod", found
    assert "ca_bundle" in found["gemini"]["remedy"]
    assert found["anthropic"]["cause"] == "the egress proxy blocks the provider", found
    assert "admitted at the proxy" in found["anthropic"]["remedy"]


@pytest.mark.once
def test_what_was_wrong_when_they_started(deployed, diagnosed, break_providers):
    """A wrong key, a model that does not exist, models in a wrong form; a first listing that failed does not matter."""
    wrong = [
        OPENAI,
        {**SECOND, "models": ["gpt-4o-mini", "gpt-99"]},
        {**GEMINI, "model_prefix": "flash", "models": ["gemini/gemini-2.5-flash"]},
        {**ANTHROPIC, "model_prefix": "claude"},
    ]
    break_providers(("anthropic", "500", None))
    run = deployed.play("deploy", wrong, "--tags", "namespace,secrets,instances", env=WRONG, force_conflicts=True)
    assert run.code == 0, run.output
    deployed.provider("DELETE", "/faults")
    # The owner of the namespace sees as much of this as the administrator.
    with repeating(deployed, "base64"):
        found, run = diagnosed(wrong, kubeconfig="project", token=deployed.token("alice"))
    broken = {name: (each["link"], each["cause"]) for name, each in found.items() if each["state"] == "broken"}
    assert broken == {
        "openai": ("call", "the provider refused the key"),
        "second": ("models", "the provider does not have a model that the list names"),
        "gemini": ("models", "models has ids in a form that is not the provider's"),
    }, run.output
    assert found["anthropic"]["state"] == "healthy"
    assert "gpt-99" in found["second"]["evidence"]
    assert "Invalid API Key: ****" in run.text and not shown(deployed, run.output), run.output
