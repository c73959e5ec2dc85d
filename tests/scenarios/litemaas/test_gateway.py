# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LiteMaaS from nothing: deployed once, looked at from all sides, then made anew by runs that are killed.

``make test-long`` kills ten in place of four: ``LONG=1``. Each start of LiteLLM takes 20 s of processor.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import yaml
from sandbox import provider_keys
from scenarios.harness import Run
from scenarios.litemaas.gateway import NAMESPACE, Gateway
from scenarios.network.proxy import Network, Seen

KILLS = 10 if os.environ.get("LONG") else 4
SECONDS = 600
REVIEWS = "/apis/authorization.k8s.io/"


@dataclass
class Deployed:
    """The first run, and the requests to the API server that it took. ``environment`` has a run go through ``network``."""

    gateway: Gateway
    network: Network
    environment: dict[str, str]
    run: Run
    seen: list[Seen]


@pytest.fixture(scope="module")
def deployed(plain_cluster, tmp_path_factory) -> Iterator[Deployed]:
    folder, state = plain_cluster
    files = tmp_path_factory.mktemp("litemaas")
    gateway = Gateway(folder, state, files)
    gateway.begin()
    with Network(files, state).running() as network:
        config = yaml.safe_load((folder / "admin.kubeconfig").read_text())
        config["clusters"][0]["cluster"]["proxy-url"] = network.url
        kubeconfig = files / "behind-a-network.kubeconfig"
        kubeconfig.touch(mode=0o600)
        kubeconfig.write_text(yaml.safe_dump(config))
        environment = {"KUBECONFIG": str(kubeconfig), "NO_PROXY": ""}
        run = gateway.play("litemaas_deploy", None, "-vvv", "--diff", env=environment)
        assert run.code == 0, run.output
        yield Deployed(gateway, network, environment, run, list(network.seen))
    gateway.end()


@pytest.fixture
def gateway(deployed) -> Gateway:
    return deployed.gateway


def test_a_run_ends_with_where_it_is_and_who_may_in(deployed):
    for said in (f"{Gateway.url}/ui", Gateway.url, "admin", "litellm-secret", "UI_PASSWORD", Gateway.app_url):
        assert said in deployed.run.text


def test_nothing_secret_is_in_what_a_run_says(deployed):
    assert provider_keys.shown(deployed.run.output, *deployed.gateway.values()) == []


def test_a_second_run_changes_nothing_and_no_secret(gateway):
    before = gateway.secrets()
    run = gateway.play("litemaas_deploy")
    assert (run.code, run.recap("changed")) == (0, 0), run.output
    after = gateway.secrets()
    assert {name: each["metadata"]["resourceVersion"] for name, each in after.items()} == {
        name: each["metadata"]["resourceVersion"] for name, each in before.items()
    }


def test_a_key_calls_what_its_entry_names_and_nothing_else(gateway):
    key = gateway.value("notebook-key", "LITELLM_API_KEY")
    assert gateway.chat("openai-prod/gpt-4o-mini", key) == (200, "openai answers with gpt-4o-mini, called ")
    assert gateway.chat("ops-assistant", key)[1].startswith("local answers with granite-3-8b-instruct")
    assert gateway.chat("anthropic/claude-sonnet-4-6", key)[0] in (401, 403)


def test_validate_proves_all_of_it_and_writes_reports(gateway):
    run = gateway.play("litemaas_validate", report_dir=str(gateway.scratch / "report"))
    assert run.code == 0, run.output
    report = json.loads((gateway.scratch / "report" / "validation.json").read_text())
    assert report
    assert provider_keys.shown(run.output, *gateway.values()) == []


def test_litemaas_has_users_and_models_of_its_own(gateway):
    """Its backend is on the database that is its own, and not on invented data."""
    key = gateway.value("backend-secret", "ADMIN_API_KEY")
    users = gateway.call("GET", "/api/v1/admin/users", key, url=gateway.app_url).json()["data"]
    assert [user["username"] for user in users] == ["system"]
    result = gateway.call("POST", "/api/v1/models/sync", key, url=gateway.app_url).json()
    assert result["success"], result
    models = gateway.call("GET", "/api/v1/models", url=gateway.app_url).json()["data"]
    assert {"granite-8b", "openai-prod/gpt-4o", "gemini/gemini-2.5-flash"} <= {model["id"] for model in models}
    assert "LiteMaaS" in gateway.call("GET", "/", url=gateway.app_url).text


def killed_after(deployed: Deployed, number: int) -> None:
    """Have a first run send ``number`` requests to the API server, then kill all its processes at once."""
    network, gateway = deployed.network, deployed.gateway
    network.begin()
    process = subprocess.Popen(
        gateway.command("litemaas_deploy"),
        env=gateway.environment() | deployed.environment,
        cwd=gateway.scratch,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def kill(_seen: Seen) -> None:
        if sum(each.writes and not each.path.startswith(REVIEWS) for each in network.seen) == number:
            os.killpg(process.pid, signal.SIGKILL)

    network.rule = kill
    with process:
        assert process.wait(SECONDS) == -signal.SIGKILL, f"it ended by itself, after {len(network.seen)} requests"


def test_whatever_a_killed_first_run_leaves_the_next_one_completes_without_a_changed_secret(deployed):
    gateway = deployed.gateway
    writes = sum(each.writes and not each.path.startswith(REVIEWS) for each in deployed.seen)
    for kill in range(KILLS):
        gateway.begin()
        killed_after(deployed, 1 + (writes - 1) * kill // (KILLS - 1))
        left = {name: each["data"] for name, each in gateway.secrets().items() if each.get("data")}
        run = gateway.play("litemaas_deploy")
        assert run.code == 0, run.output
        now = {name: each["data"] for name, each in gateway.secrets().items() if each.get("data")}
        assert {name: now[name] for name in left} == left
        key = gateway.value("notebook-key", "LITELLM_API_KEY")
        assert gateway.chat("openai-prod/gpt-4o-mini", key)[0] == 200
    run = gateway.play("litemaas_deploy")
    assert (run.code, run.recap("changed")) == (0, 0), run.output
    assert NAMESPACE in run.text
