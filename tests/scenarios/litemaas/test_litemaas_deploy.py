# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The installation itself, by an Ingress and as a user of the namespace only: what is refused, what is made once, what
outlives a rotation that is killed and a loss, what goes.

One story with three starts of LiteLLM, in the order in which it is told.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from sandbox import reset
from scenarios.harness import Run, Sandbox, instance

NAMESPACE = "litemaas"
KINDS = "statefulsets,deployments,services,configmaps,ingresses,networkpolicies,poddisruptionbudgets,jobs"
AREA = {
    "expose": "ingress",
    "host": "llm.apps.sandbox.example",
    "database": {"storage": "1Gi"},
    "teams": [{"id": "data-science", "budget": 100, "budget_duration": "30d"}],
}
DATABASE = ("--tags", "namespace,secrets,database")
MODEL = "openai/gpt-4o-mini"
LIST = [instance("openai", "openai", "OPENAI_API_KEY", ["gpt-4o-mini"], access={"groups": ["data-science"]})]
KEY = {
    "alias": "notebook",
    "team": "data-science",
    "models": [MODEL],
    "secret": {"name": "notebook-key", "namespace": NAMESPACE},
}


class Installation:
    """The playbooks of LiteMaaS on the sandbox, run by whoever administers the namespace and nothing else."""

    def __init__(self, sandbox: Sandbox):
        self.sandbox = sandbox
        router = f"http://127.0.0.1:{sandbox.state['ports']['router']}"
        self._environment = {"HTTPS_PROXY": router, "NO_PROXY": "127.0.0.1,localhost"}
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.proxies, self._http.verify = {"https": router}, sandbox.ca

    def play(self, verb: str, *options: str, instances: list | None = None, **area: Any) -> Run:
        return self.sandbox.play(
            verb, instances, *self._given(area), *options, env=self._environment, kubeconfig="project"
        )

    def play_with_content(self, verb: str, **area: Any) -> Run:
        return self.play(verb, instances=LIST, keys=[KEY], **area)

    def kill_with_content(self, verb: str, at: str) -> None:
        given = self._given({"keys": [KEY]})
        self.sandbox.play_and_kill(at, verb, LIST, *given, env=self._environment, kubeconfig="project")

    def _given(self, area: dict[str, Any]) -> list[str]:
        given = {f"litemaas_{name}": value for name, value in {**AREA, "ca_file": self.sandbox.ca, **area}.items()}
        return ["-e", json.dumps(given)]

    def call(self, method: str, path: str, key: str, body: Any = None) -> int:
        headers = {"Authorization": f"Bearer {key}"}
        url = f"https://{AREA['host']}{path}"
        return self._http.request(method, url, json=body, headers=headers, timeout=60).status_code

    def chat(self) -> int:
        body = {"model": MODEL, "messages": [{"role": "user", "content": "hello"}], "max_tokens": 5}
        (key,) = self.secret("notebook-key").values()
        return self.call("POST", "/v1/chat/completions", key, body)

    def secret(self, name: str) -> dict[str, str]:
        data = self.sandbox.get("secret", name, "-n", NAMESPACE)["data"]
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    def secrets(self) -> dict[str, str]:
        found = self.sandbox.get("secrets", "-n", NAMESPACE)["items"]
        return {each["metadata"]["name"]: each["metadata"]["resourceVersion"] for each in found}

    def values(self) -> list[str]:
        """Every value of every Secret, as it stands there."""
        found = self.sandbox.get("secrets", "-n", NAMESPACE)["items"]
        return [value for each in found for value in each["data"].values() if each["data"]]

    def versions(self) -> dict[str, str]:
        found = self.sandbox.get(KINDS, "-n", NAMESPACE)["items"]
        return {f"{each['kind']}/{each['metadata']['name']}": each["metadata"]["resourceVersion"] for each in found}

    def generations(self) -> dict[str, int]:
        found = self.sandbox.get("statefulsets,deployments", "-n", NAMESPACE)["items"]
        return {each["metadata"]["name"]: each["metadata"]["generation"] for each in found}

    def kubectl(self, *words: str, given: str | None = None) -> str:
        return self.sandbox.kubectl("-n", NAMESPACE, *words, given=given)


@pytest.fixture(scope="module")
def installation(plain_cluster, tmp_path_factory) -> Iterator[Installation]:
    folder, state = plain_cluster
    reset.run(folder)
    yield Installation(Sandbox(folder, state, tmp_path_factory.mktemp("installation")))
    reset.run(folder)


def test_preflight_finds_everything_at_once_and_writes_nothing(installation):
    run = installation.play("litemaas_preflight", image="ghcr.io/berriai/litellm:v1.82.8", replicas=0)
    assert run.code != 0
    for part in ("steals credentials", "litemaas_replicas", "permissions"):
        assert part in run.text
    run = installation.play("litemaas_preflight")
    assert run.code == 0, run.output
    assert "may not be listed" in run.text  # the storage classes, by a user of the namespace
    assert not {"postgres", "litellm"} & set(installation.versions())


def test_check_mode_writes_nothing(installation):
    before = installation.versions()
    run = installation.play("litemaas_deploy", "--check", "--diff")
    assert run.code == 0, run.output
    assert run.recap("changed") >= 3
    assert (installation.versions(), installation.secrets()) == (before, {})


def test_what_others_made_is_refused_before_anything_is_written(installation):
    installation.kubectl("create", "service", "clusterip", "litellm", "--tcp=80")
    run = installation.play("litemaas_deploy")
    assert run.code != 0 and "Service litemaas/litellm is not managed by this collection" in run.text
    assert installation.secrets() == {}
    installation.kubectl("delete", "service", "litellm")
    installation.kubectl(
        "create", "secret", "generic", "litellm-secret", "--from-literal=LITELLM_MASTER_KEY=sk-corporate-key"
    )
    run = installation.play("litemaas_deploy")
    assert run.code != 0 and "litemaas_secrets: {litellm: litellm-secret}" in run.text
    assert "sk-corporate-key" not in run.output and set(installation.secrets()) == {"litellm-secret"}
    installation.kubectl("delete", "secret", "litellm-secret")


def test_a_user_of_the_namespace_deploys_from_nothing(installation):
    run = installation.play("litemaas_deploy")
    assert run.code == 0, run.output
    assert "callers https://llm.apps.sandbox.example/v1" in run.text
    assert "Secret litemaas/litellm-secret, key UI_PASSWORD" in run.text and "created: team data-science" in run.text
    assert {"Ingress/litellm", "Deployment/litellm", "StatefulSet/postgres"} <= set(installation.versions())


def test_each_role_gets_into_its_own_database_only(installation):
    """By the passwords of the Secret, over the network that pods have."""

    def psql(role: str, password: str, database: str) -> str:
        login = f'PGPASSWORD="${password}" psql -h postgres.{NAMESPACE}.svc -U {role} -d {database} -tAc "SELECT current_user"'
        image = "quay.io/sclorg/postgresql-16-c9s:20260923"
        container = {"name": "psql", "image": image, "command": ["/bin/sh", "-c", f"{login} 2>&1; true"]}
        reference = {"secretKeyRef": {"name": "postgres-secret", "key": password}}
        container["env"] = [{"name": password, "valueFrom": reference}]
        name = f"psql-{role}-{database.replace('_', '-')}"
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": NAMESPACE}}
        pod["spec"] = {"restartPolicy": "Never", "containers": [container]}
        installation.kubectl("create", "-f", "-", given=json.dumps(pod))
        installation.kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", f"pod/{name}", "--timeout=60s")
        said = installation.kubectl("logs", name)
        installation.kubectl("delete", "pod", name, "--wait=false")
        return said

    assert psql("litellm", "LITELLM_PASSWORD", "litellm_db").strip() == "litellm"
    assert psql("litemaas", "LITEMAAS_PASSWORD", "litemaas_db").strip() == "litemaas"
    assert "permission denied for database" in psql("litellm", "LITELLM_PASSWORD", "litemaas_db")


def test_five_more_runs_change_nothing_and_no_secret(installation):
    secrets, versions, generations = installation.secrets(), installation.versions(), installation.generations()
    assert set(secrets) == {"litellm-secret", "postgres-secret"}
    for tags in ((), *[("--tags", "namespace,secrets")] * 4):
        run = installation.play("litemaas_deploy", "-vvv", *tags)
        assert (run.code, run.recap("changed")) == (0, 0), run.output
        assert not [value for value in installation.values() if value in run.output]
    assert (installation.secrets(), installation.generations()) == (secrets, generations)
    assert versions.keys() == installation.versions().keys()


def test_another_salt_is_refused_with_the_reason(installation):
    before = installation.sandbox.get("secret", "litellm-secret", "-n", NAMESPACE)
    installation.kubectl(
        "patch", "secret", "litellm-secret", "-p", '{"stringData": {"LITELLM_SALT_KEY": "sk-salt-other"}}'
    )
    run = installation.play("litemaas_deploy")
    assert run.code != 0 and "has another LITELLM_SALT_KEY than the database" in run.text
    data = json.dumps({"data": {"LITELLM_SALT_KEY": before["data"]["LITELLM_SALT_KEY"]}})
    installation.kubectl("patch", "secret", "litellm-secret", "-p", data)


def test_nothing_is_lost_by_a_rotation_and_by_a_restore(installation):
    deployed = installation.play_with_content("litemaas_deploy")
    assert deployed.code == 0, deployed.output
    before = {name: installation.secret(name) for name in ("litellm-secret", "postgres-secret", "notebook-key")}
    assert installation.chat() == 200

    backup = installation.play_with_content("litemaas_backup")
    assert backup.code == 0, backup.output
    backup_id = backup.text.partition("folder ")[2].split()[0]

    # Killed when the Secrets have the new values and no program knows of it.
    installation.kill_with_content("litemaas_rotate", at="Start LiteLLM with the new values")
    kept = installation.secret("litemaas-rotation-master-key")
    rotated = installation.play_with_content("litemaas_rotate")
    assert rotated.code == 0, rotated.output
    assert "master_key: its new value is at work" in rotated.output
    after = {name: installation.secret(name) for name in before}
    old, new = before["litellm-secret"], after["litellm-secret"]
    assert {name for name in old if old[name] != new[name]} == {"LITELLM_MASTER_KEY"}
    assert new["LITELLM_MASTER_KEY"] == kept["litellm-secret.LITELLM_MASTER_KEY.new"]
    assert not set(before["postgres-secret"].values()) & set(after["postgres-secret"].values())
    assert after["notebook-key"] == before["notebook-key"]
    assert installation.chat() == 200
    assert installation.call("GET", "/key/list", old["LITELLM_MASTER_KEY"]) == 401
    names = installation.secrets()
    assert [name for name in names if name.startswith("litemaas-rotation")] == []

    # Somebody deletes the team, and its key with it.
    assert installation.call("POST", "/team/delete", new["LITELLM_MASTER_KEY"], {"team_ids": ["data-science"]}) == 200
    refused = installation.play_with_content("litemaas_restore", restore={"backup": backup_id})
    assert refused.code != 0
    assert "is in use: there is something in LiteLLM_ProxyModelTable" in refused.text
    restored = installation.play_with_content("litemaas_restore", restore={"backup": backup_id, "overwrite": True})
    assert restored.code == 0, restored.output
    assert f"Backup {backup_id} is restored: 1 models, 1 keys, 1 teams" in restored.output
    assert installation.chat() == 200

    # It is what a deployment of the same list is.
    again = installation.play_with_content("litemaas_deploy")
    assert (again.code, again.recap("changed")) == (0, 0), again.output
    printed = "".join(run.output for run in (deployed, backup, rotated, refused, restored, again))
    for secrets in (*before.values(), *after.values()):
        for name, value in secrets.items():
            assert name == "UI_USERNAME" or value not in printed, name


def test_a_removal_without_confirmation_is_refused_and_one_that_keeps_the_data_keeps_the_secrets(installation):
    secrets = set(installation.secrets())
    run = installation.play("litemaas_remove")
    assert run.code != 0 and "litemaas_confirm_data_loss" in run.text
    run = installation.play("litemaas_remove", keep="database")
    assert run.code == 0, run.output
    assert set(installation.secrets()) == secrets and "StatefulSet/postgres" in installation.versions()
    assert not {"Deployment/litellm", "Ingress/litellm"} & set(installation.versions())
    server, versions = installation.generations()["postgres"], installation.secrets()
    run = installation.play("litemaas_deploy", *DATABASE)
    assert run.code == 0, run.output
    assert (installation.generations()["postgres"], installation.secrets()) == (server, versions)


def test_with_it_everything_goes_but_backups_and_the_secrets_of_keys(installation):
    run = installation.play("litemaas_remove", confirm_data_loss=True)
    assert run.code == 0, run.output
    assert set(installation.secrets()) == {"notebook-key"}
    assert installation.sandbox.names("persistentvolumeclaims", NAMESPACE) == ["litemaas-backups"]
    assert not [name for name in installation.versions() if "litellm" in name or "postgres" in name]
