# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Jobs' own commands on real servers: what a LiteLLM holds is dumped, and brought to another server that knew nothing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from real_litellm import postgres
from real_litellm.gateway import Gateway, LiteLLM
from real_litellm.postgres import Postgres
from sandbox.processes import free_ports

from ansible_collections.llamastack.maas.plugins.module_utils.litemaas import names
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import installation, litemaas_check
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas import backup

ID = "20261201t044503z"
SALT = "0123456789abcdef"
BACKUP = {"claim": None, "storage": "5Gi", "storage_class": None, "keep": 2}


@pytest.fixture(scope="module")
def volume(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the claim is bound to."""
    folder = tmp_path_factory.mktemp("backup") / "volume"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def other(gateway: Gateway) -> Iterator[Postgres]:
    """Another server, whose data directory is empty but for a role and its databases, as a deployment makes them."""
    server = Postgres(postgres.scratch() / "server", *free_ports(1))
    server.create()
    server.start()
    for role, database in (("litellm", "litellm_db"), ("litemaas", "litemaas_db")):
        server.sql(f"CREATE ROLE {role} LOGIN PASSWORD 'another-{role}'")
        server.sql(f"CREATE DATABASE {database} OWNER {role}")
    yield server
    server.stop()
    shutil.rmtree(server.folder.parent, ignore_errors=True)


def described(server: Postgres, litellm: tuple[str, str], litemaas: tuple[str, str]) -> dict[str, Any]:
    """An installation whose databases are those of a server: for each program the user and the database."""
    values, problems = litemaas_check.run_values({}, {"expose": "none"})
    assert problems == []
    made = installation.complete(values, {}).installation
    for name, (user, database) in (("litellm", litellm), ("litemaas", litemaas)):
        login = made["database"]["logins"][name]
        login.update(username=user, database=database, host="127.0.0.1", port=server.port)
    return made


def run(job: dict[str, Any], volume: Path, passwords: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What the container of a Job would do: its command and environment, with its folders where they are here."""
    (container,) = job["spec"]["template"]["spec"]["containers"]
    scripts = volume.parent / "scripts"
    scripts.mkdir(exist_ok=True)
    for name, text in backup.FILES.items():
        (scripts / name).write_text(text)
    mounts = {backup.BACKUPS: str(volume)}
    mounts.update(
        (each["mountPath"], str(scripts)) for each in container["volumeMounts"] if each["name"] == names.BACKUP_CONFIG
    )
    environment = {"PATH": f"{postgres.programs()}{os.pathsep}{os.environ['PATH']}"}
    for variable in container["env"]:
        text = variable.get("value")
        if text is None:
            text = passwords[variable["valueFrom"]["secretKeyRef"]["key"]]
        environment[variable["name"]] = mounts.get(text, text)
    command = container["command"]
    for path, real in mounts.items():
        command = [part.replace(path, real) for part in command]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)


def result(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.splitlines()[-1].removeprefix("result: "))


def chat(litellm: LiteLLM, key: str) -> tuple[int, Any]:
    body = {"model": "backed-up/gpt-4o-mini", "messages": [{"role": "user", "content": "hello"}], "max_tokens": 5}
    return litellm.call("POST", "/v1/chat/completions", body, key=key)


def spend(litellm: LiteLLM, key: str) -> float:
    return litellm.call("GET", f"/key/info?key={key}")[1]["info"]["spend"]


@pytest.fixture(scope="module")
def key(gateway: Gateway, source: LiteLLM) -> str:
    """The value of a key of a team that has called a model, whose provider's key nobody but that LiteLLM knows."""
    model = {
        "model": "openai/gpt-4o-mini",
        "api_key": gateway.provider_keys["openai"][0],
        "input_cost_per_token": 0.0001,
    }
    made = source.call("POST", "/model/new", {"model_name": "backed-up/gpt-4o-mini", "litellm_params": model})
    assert made[0] == 200, made
    assert source.call("POST", "/team/new", {"team_id": "backed-up", "max_budget": 100})[0] == 200
    value = source.call("POST", "/key/generate", {"key_alias": "backed-up", "team_id": "backed-up"})[1]["key"]
    answer = chat(source, value)
    assert answer[0] == 200, answer
    deadline = time.monotonic() + 60
    while not spend(source, value):
        assert time.monotonic() < deadline, source.log()[-3000:]
        time.sleep(0.5)
    return value


@pytest.fixture(scope="module")
def source(gateway: Gateway, litellm: LiteLLM) -> LiteLLM:
    """The LiteLLM that is backed up, with all that other tests have left in it, beside a database of LiteMaaS."""
    gateway.postgres.sql("CREATE DATABASE litemaas_source OWNER litellm")
    login = ("litellm", gateway.postgres.password)
    gateway.postgres.sql("CREATE TABLE api_keys AS SELECT 'a key' AS name", "litemaas_source", login)
    return litellm


@pytest.fixture(scope="module")
def backed_up(gateway: Gateway, source: LiteLLM, key: str, volume: Path) -> dict[str, Any]:
    """What the Job says of the backup."""
    database = source.database_url.rpartition("/")[2]
    made = described(gateway.postgres, ("litellm", database), ("litellm", "litemaas_source"))
    passwords = dict.fromkeys(("LITELLM_PASSWORD", "LITEMAAS_PASSWORD"), gateway.postgres.password)
    for backup_id in ("20261101t000000z", "20261102t000000z", ID):
        done = run(backup.backup_job(made, BACKUP, backup_id, SALT), volume, passwords)
    return result(done)


_BUDGET = """SELECT max_budget FROM "LiteLLM_TeamTable" WHERE team_id = 'backed-up'"""
RESTORE = {"backup": ID, "overwrite": False}
PASSWORDS = {"LITELLM_PASSWORD": "another-litellm", "LITEMAAS_PASSWORD": "another-litemaas"}


def restore(other: Postgres, volume: Path, **how: Any) -> subprocess.CompletedProcess[str]:
    made = described(other, ("litellm", "litellm_db"), ("litemaas", "litemaas_db"))
    salt = how.pop("salt", SALT)
    return run(backup.restore_job(made, BACKUP, {**RESTORE, **how}, "run", salt), volume, PASSWORDS)


def test_a_backup_says_what_it_holds_and_what_is_needed_to_read_it(
    backed_up: dict[str, Any], gateway: Gateway, source: LiteLLM, volume: Path
) -> None:
    said = backed_up["backup"]
    assert said == json.loads((volume / ID / "backup.json").read_text())
    assert said["id"] == ID
    assert said["secrets"] == {
        "salt": "litellm-secret/LITELLM_SALT_KEY",
        "master_key": "litellm-secret/LITELLM_MASTER_KEY",
    }
    sizes = {name: (volume / ID / f"{name}.dump").stat().st_size for name in ("litellm", "litemaas")}
    assert said["databases"] == sizes
    for file in (volume / ID).iterdir():
        content = file.read_bytes()
        for secret in (source.key, gateway.salt, gateway.postgres.password, gateway.provider_keys["openai"][0]):
            assert secret.encode() not in content


def test_the_newest_backups_are_kept(backed_up: dict[str, Any], volume: Path) -> None:
    assert backed_up["there"].split() == ["20261102t000000z", ID] == sorted(each.name for each in volume.iterdir())


def test_what_is_no_backup_is_not_restored(backed_up: dict[str, Any], other: Postgres, volume: Path) -> None:
    absent = restore(other, volume, backup="20200101t000000z")
    assert absent.returncode == 1
    assert f"There are: 20261102t000000z {ID}" in absent.stdout
    other_salt = restore(other, volume, salt="fedcba9876543210")
    assert other_salt.returncode == 1
    assert "The salt of Secret litellm-secret is not the one of backup" in other_salt.stdout
    assert other.sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'", "litellm_db") == "0"


def test_another_server_has_all_of_it(
    backed_up: dict[str, Any], gateway: Gateway, source: LiteLLM, key: str, other: Postgres, volume: Path
) -> None:
    said = result(restore(other, volume))
    assert said["id"] == ID
    assert min(said["models"], said["keys"], said["teams"]) >= 1
    assert other.sql("SELECT name FROM api_keys", "litemaas_db") == "a key"
    # As the pods of an installation: LiteMaaS reads the models of LiteLLM.
    reader = ("litemaas", PASSWORDS["LITEMAAS_PASSWORD"])
    listed = other.sql('SELECT model_name FROM "LiteLLM_ProxyModelTable"', "litellm_db", reader).splitlines()
    assert len(listed) == said["models"]
    assert "backed-up/gpt-4o-mini" in listed

    url = other.url("litellm_db", ("litellm", PASSWORDS["LITELLM_PASSWORD"]))
    restored = gateway.litellm(database_url=url)
    assert restored.key != source.key
    assert spend(restored, key) == spend(source, key) > 0
    assert restored.call("GET", "/team/info?team_id=backed-up")[1]["team_info"]["max_budget"] == 100
    # The provider refuses whoever does not have its key.
    assert chat(restored, key)[0] == 200
    restored.stop()

    used = restore(other, volume)
    assert used.returncode == 1
    assert "The database of litellm is in use: there is something in LiteLLM_" in used.stdout
    assert "set overwrite: true in litemaas_restore" in used.stdout


def test_a_used_installation_is_overwritten_only_whole(
    backed_up: dict[str, Any], other: Postgres, volume: Path
) -> None:
    if not other.sql("SELECT 1 FROM pg_tables WHERE tablename = 'LiteLLM_ProxyModelTable'", "litellm_db"):
        result(restore(other, volume))
    other.sql('UPDATE "LiteLLM_TeamTable" SET max_budget = 1', "litellm_db")
    broken = volume / "20261103t000000z"
    shutil.copytree(volume / ID, broken)
    dump = broken / "litellm.dump"
    dump.write_bytes(dump.read_bytes()[: dump.stat().st_size // 2])
    assert restore(other, volume, backup=broken.name, overwrite=True).returncode != 0
    assert other.sql(_BUDGET, "litellm_db") == "1"
    result(restore(other, volume, overwrite=True))
    assert other.sql(_BUDGET, "litellm_db") == "100"
