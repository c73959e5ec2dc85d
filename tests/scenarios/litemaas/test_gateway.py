# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""LiteMaaS from nothing: a first run that is killed at four moments and carried on with, then looked at from all sides.

``make test-long`` has ten more first runs, each killed at one moment: ``LONG=1``. Each start of LiteLLM takes 20 s of
processor, and the four moments share one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import yaml
from sandbox import provider_keys
from scenarios.harness import Run
from scenarios.litemaas.gateway import NAMESPACE, Gateway
from scenarios.network.kills import killed
from scenarios.network.proxy import Network, Seen

KILLS = 10
#: What is in the path of the write that a run is killed at: its first Secret, the database, LiteLLM, the value of a key.
MOMENTS = ("/secrets", "/statefulsets/", "/deployments/", "/secrets/notebook-key")
REVIEWS = "/apis/authorization.k8s.io/"


@dataclass
class Behind:
    """A gateway, and runs that go through a network to the API server."""

    gateway: Gateway
    network: Network
    environment: dict[str, str]

    def play(self) -> Run:
        return self.gateway.play("litemaas_deploy", None, "-vvv", "--diff", env=self.environment)

    def killed(self, at: str | int) -> str:
        """What a run printed that was killed at its first write with that in its path, or at the write of that number."""

        def reached(seen: Seen) -> bool:
            if isinstance(at, str):
                return writes(seen) and at in seen.path
            return sum(map(writes, self.network.seen)) == at

        command = self.gateway.command("litemaas_deploy", None, "-vvv", "--diff")
        environment = self.gateway.environment() | self.environment
        return killed(self.network, reached, command, environment, self.gateway.scratch)

    def data(self) -> dict[str, dict[str, str]]:
        """What the Secrets hold."""
        return {name: each["data"] for name, each in self.gateway.secrets().items() if each.get("data")}


def writes(seen: Seen) -> bool:
    """Whether a request leaves anything in the cluster."""
    return seen.writes and not seen.path.startswith(REVIEWS) and "dryRun=" not in seen.path


@pytest.fixture(scope="module")
def behind(plain_cluster, tmp_path_factory) -> Iterator[Behind]:
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
        yield Behind(gateway, network, {"KUBECONFIG": str(kubeconfig), "NO_PROXY": ""})
    gateway.end()


@dataclass
class Deployed:
    """The run that completed what was killed, what all of them printed, and what each that was killed left in Secrets."""

    run: Run
    printed: str
    left: list[dict[str, Any]]


@pytest.fixture(scope="module")
def deployed(behind) -> Deployed:
    printed, left = "", []
    for moment in MOMENTS:
        printed += behind.killed(moment)
        left.append(behind.data())
    behind.network.begin()
    run = behind.play()
    assert run.code == 0, run.output
    return Deployed(run, printed + run.output, left)


@pytest.fixture
def gateway(behind, deployed) -> Gateway:
    return behind.gateway


def test_a_run_ends_with_where_it_is_and_who_may_in(deployed):
    for said in (f"{Gateway.url}/ui", Gateway.url, "admin", "litellm-secret", "UI_PASSWORD", Gateway.app_url):
        assert said in deployed.run.text


def test_nothing_secret_is_in_what_runs_print(gateway, deployed):
    assert provider_keys.shown(deployed.printed, *gateway.values()) == []


def test_no_secret_that_a_killed_run_has_left_is_changed_by_the_next(behind, deployed):
    now = behind.data()
    for left in deployed.left:
        assert {name: now[name] for name in left} == left
    assert {"litellm-secret", "postgres-secret", "notebook-key"} <= deployed.left[-1].keys()


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


@pytest.mark.long
def test_whatever_a_killed_first_run_leaves_the_next_one_completes_without_a_changed_secret(behind):
    gateway, network = behind.gateway, behind.network
    gateway.begin()
    network.begin()
    run = behind.play()
    assert run.code == 0, run.output
    last = sum(map(writes, network.seen))
    for kill in range(KILLS):
        gateway.begin()
        behind.killed(1 + (last - 1) * kill // (KILLS - 1))
        left = behind.data()
        run = gateway.play("litemaas_deploy")
        assert run.code == 0, run.output
        now = behind.data()
        assert {name: now[name] for name in left} == left
        key = gateway.value("notebook-key", "LITELLM_API_KEY")
        assert gateway.chat("openai-prod/gpt-4o-mini", key)[0] == 200
    run = gateway.play("litemaas_deploy")
    assert (run.code, run.recap("changed")) == (0, 0), run.output
    assert NAMESPACE in run.text
