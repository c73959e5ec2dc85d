# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Backup, restore and rotation of LiteMaaS: what is refused, what each step is asked for, what a run comes to."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.litemaas import backup
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import (
    Arguments,
    Plan,
    PlanError,
    Readers,
    RunInput,
)
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.verbs import VERBS

SALT = "0123456789abcdef0123456789abcdef"
IMAGE = "quay.io/sclorg/postgresql-16-c9s:20260923"
SEEN: dict[str, Any] = {
    "namespace": "litemaas",
    "namespace_state": "ours",
    "openshift": True,
    "routes": True,
    "oauth_issuer": "https://oauth.apps.example.com",
    "ingress_classes": [],
    "storage_classes": [{"name": "fast", "default": True, "created": "1"}],
    "secrets": {},
    "revisions": {"litellm-secret": "1", "postgres-secret": "2"},
    "salt": {"stored": SALT, "now": SALT},
    "database": {"image": IMAGE, "storage": "10Gi", "storage_class": "fast", "claim_state": "ours"},
    "url": "https://litellm.apps.example.com",
    "app_url": "https://litemaas.apps.example.com",
    "jobs": [],
}
ID = "20261201t044503z"


class Run:
    """A plan with what its steps have returned."""

    def __init__(self, verb: str, area: dict[str, Any] | None = None, seen: dict[str, Any] | None = None) -> None:
        self.verb = VERBS[verb]
        self.request = RunInput([], {}, [], {}, area=area or {})
        look = Readers(self._refuse, self._refuse, lambda given: {**SEEN, **(seen or {})})
        self.plan: Plan = self.verb.plan(self.request, look)[0]

    @staticmethod
    def _refuse(given: Any) -> Any:
        raise AssertionError(given)

    def step(self, name: str) -> Arguments | None:
        return self.verb.steps[name].arguments(self.plan, base.held(self.request, self.verb.table))

    def outcome(self) -> base.RunOutcome:
        return self.verb.outcome(self.plan)


def environment(job: dict[str, Any]) -> dict[str, Any]:
    (container,) = job["spec"]["template"]["spec"]["containers"]
    return {each["name"]: each.get("value", each.get("valueFrom")) for each in container["env"]}


# Input


@pytest.mark.parametrize(
    ("verb", "area", "message"),
    [
        ("litemaas_backup", {"backup": {"keep": -1}}, "litemaas_backup.keep: must be a whole number"),
        ("litemaas_backup", {"backup": {"storage": "much"}}, "litemaas_backup.storage: must be an amount"),
        ("litemaas_backup", {"backup": {"claim": "c", "storage": "5Gi"}}, "is for a claim that is made"),
        ("litemaas_backup", {"backup": {"kep": 1}}, "litemaas_backup.kep: unknown key; did you mean keep?"),
        ("litemaas_restore", {}, "litemaas_restore.backup: is missing"),
        ("litemaas_restore", {"restore": {"backup": "yesterday"}}, "must be the id of a backup"),
        ("litemaas_rotate", {"rotate": ["salt"]}, r"litemaas_rotate\[0\]: must be one of database, master_key"),
    ],
)
def test_bad_input_is_refused(verb: str, area: dict[str, Any], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        Run(verb, area)


@pytest.mark.parametrize("verb", ["litemaas_backup", "litemaas_restore", "litemaas_rotate"])
@pytest.mark.parametrize(
    ("seen", "message"),
    [
        ({"database": {}}, "Nothing was changed: namespace litemaas has no"),
        ({"salt": {"stored": None, "now": None}}, "Nothing was changed: Secret litemaas/litellm-secret has no"),
        ({"salt": {"stored": SALT, "now": "f" * 32}}, "has another LITELLM_SALT_KEY than"),
    ],
)
def test_without_a_database_and_its_salt_nothing_is_begun(verb: str, seen: dict[str, Any], message: str) -> None:
    with pytest.raises(PlanError, match=message):
        Run(verb, {"restore": {"backup": ID}}, seen)


# Backup


def test_a_backup_is_a_job_on_a_claim() -> None:
    run = Run("litemaas_backup")
    volume, asked = run.step("volume"), run.step("backup")
    assert volume and asked
    assert [each["kind"] for each in volume["objects"]] == ["ConfigMap", "PersistentVolumeClaim"]
    given = environment(asked["job"])
    assert (given["DATABASES"], given["SALT"], given["KEEP"]) == ("litellm litemaas", SALT, "7")
    assert given["LITELLM_PGPASSWORD"] == {"secretKeyRef": {"name": "postgres-secret", "key": "LITELLM_PASSWORD"}}
    assert json.loads(given["SECRETS"])["salt"] == "litellm-secret/LITELLM_SALT_KEY"
    assert asked["job"]["metadata"]["name"] == f"litemaas-backup-{run.plan.notes['id']}"


def test_a_claim_of_the_users_is_taken_as_it_is() -> None:
    run = Run("litemaas_backup", {"backup": {"claim": "corporate", "keep": 0}})
    volume, asked = run.step("volume"), run.step("backup")
    assert volume and asked
    assert [each["kind"] for each in volume["objects"]] == ["ConfigMap"]
    volumes = asked["job"]["spec"]["template"]["spec"]["volumes"]
    assert {"name": "backups", "persistentVolumeClaim": {"claimName": "corporate"}} in volumes


def test_what_was_backed_up_is_displayed_without_a_value() -> None:
    run = Run("litemaas_backup")
    made = {"id": ID, "databases": {"litellm": 300}, "secrets": {"salt": "litellm-secret/LITELLM_SALT_KEY"}}
    run.plan.done["backup"] = {"result": {"backup": made, "there": f"20261130t000000z {ID} "}}
    outcome = run.outcome()
    assert outcome.published["there"] == ["20261130t000000z", ID]
    assert f"PersistentVolumeClaim litemaas/litemaas-backups, folder {ID}" in outcome.lines[1]
    assert "litellm     300 bytes, litellm.dump" in outcome.lines


# Restore


def restore(**how: Any) -> Run:
    return Run("litemaas_restore", {"restore": {"backup": ID, **how}})


def test_a_restore_is_checked_before_anything_stops() -> None:
    run = restore()
    check, real = run.step("check"), run.step("restore")
    assert check and real
    assert (environment(check["job"])["CHECK"], environment(real["job"])["CHECK"]) == ("true", "false")
    assert environment(real["job"])["OVERWRITE"] == "false"
    assert check["job"]["metadata"]["name"] != real["job"]["metadata"]["name"]
    overwriting = restore(overwrite=True).step("restore")
    assert overwriting and environment(overwriting["job"])["OVERWRITE"] == "true"


def test_the_programs_stop_and_start_as_they_were() -> None:
    run = Run("litemaas_restore", {"restore": {"backup": ID}, "app": {}})
    down, gateway, app = run.step("down"), run.step("gateway"), run.step("app")
    assert down and gateway and app
    assert {each["metadata"]["name"]: each["spec"]["replicas"] for each in down["objects"]} == {
        "litellm": 0,
        "litemaas-backend": 0,
    }
    assert [each["spec"]["replicas"] for each in gateway["objects"] + app["objects"]] == [1, 1, 1]


def test_the_backend_starts_only_when_litellm_has_its_models() -> None:
    run = Run("litemaas_restore", {"restore": {"backup": ID}, "app": {}})
    run.plan.done["restore"] = {"result": {"id": ID, "models": 2, "keys": 1, "teams": 1}}
    assert run.step("models")
    run.plan.done["models"] = {"models": [{"name": "a"}]}
    assert run.step("app") is None
    assert "LiteLLM shows 1 of the 2 models that were restored" in run.outcome().problem
    run.plan.done["models"] = {"models": [{"name": "a"}, {"name": "b"}]}
    assert run.step("app")
    assert run.outcome().problem == ""
    assert run.outcome().lines[0] == f"Backup {ID} is restored: 2 models, 1 keys, 1 teams"


LOG = ["Restoring the database of litellm.", "ERROR"]
ENDED = {"failed": True, "msg": "Job failed", "changed": True, "open": False, "log": LOG}


@pytest.mark.parametrize(
    ("returned", "why"),
    [
        ({**ENDED, "log": [*LOG, "Restored before that: litellm."]}, "A database is restored"),
        # A pod that was killed has no last words, and one that is gone has none at all.
        (ENDED, "or that is not known"),
        ({**ENDED, "log": []}, "or that is not known"),
        # Gave up waiting, lost the API server, or was killed itself.
        ({**ENDED, "open": True, "log": []}, "may still be at work"),
        ({"failed": True, "msg": "no answer"}, "may still be at work"),
    ],
)
def test_nothing_starts_on_databases_of_which_it_is_not_known_that_they_fit_each_other(returned: Any, why: str) -> None:
    run = Run("litemaas_restore", {"restore": {"backup": ID}, "app": {}})
    run.plan.done["restore"] = returned
    assert (run.step("gateway"), run.step("ready"), run.step("app")) == (None, None, None)
    problem = run.outcome().problem
    assert why in problem and "stay down" in problem and "as they were before" not in problem


@pytest.mark.parametrize(
    "returned",
    [
        {**ENDED, "log": ["in use", "No database was changed."]},
        {"failed": True, "msg": "403", "changed": False, "open": False},
    ],
)
def test_the_programs_come_back_on_databases_that_were_not_changed(returned: Any) -> None:
    run = Run("litemaas_restore", {"restore": {"backup": ID}, "app": {}})
    run.plan.done["restore"] = returned
    assert run.step("gateway") and run.step("ready") and run.step("app")
    assert "as they were before" in run.outcome().problem


@pytest.mark.parametrize(
    ("fails_at", "check", "last"),
    [
        ("used.sql", "false", "No database was changed."),
        ("used.sql", "true", ""),
        ("others.sql", "false", "No database was changed."),
        ("restore-litellm", "false", "No database was changed."),
        ("restore-litemaas", "false", "Restored before that: litellm."),
        ("count.sql", "false", "Restored before that: litellm litemaas."),
    ],
)
def test_a_restore_that_fails_says_last_what_it_has_changed(
    tmp_path: Path, fails_at: str, check: str, last: str
) -> None:
    """The script itself, beside a psql that fails at one place."""
    for name, text in backup.FILES.items():
        (tmp_path / name).write_text(text)
    made = tmp_path / "backups" / ID
    made.mkdir(parents=True)
    (made / "backup.json").write_text(f'{{"salt_fingerprint": "{SALT}"}}')
    for name in ("litellm", "litemaas"):
        (made / f"{name}.dump").write_text(f"restore-{name}")
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "psql").write_text(f'#!/bin/sh\n{{ echo "$@"; cat; }} | grep -q -e {fails_at} && exit 3\nexit 0\n')
    (programs / "pg_restore").write_text('#!/bin/sh\nfor last; do :; done\ncat "$last"\n')
    for program in programs.iterdir():
        program.chmod(0o755)
    given = {"BACKUPS": str(tmp_path / "backups"), "SCRIPTS": str(tmp_path), "BACKUP_ID": ID, "SALT": SALT}
    given |= {"DATABASES": "litellm litemaas", "CHECK": check, "OVERWRITE": "true", "SECRET": "s"}
    if fails_at == "used.sql":
        (tmp_path / "used.sql").write_text("used.sql")
    done = subprocess.run(
        ["/bin/sh", str(tmp_path / "restore.sh")],
        env={**given, "PATH": f"{programs}:/usr/bin:/bin"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode != 0
    assert (done.stdout.splitlines() or [""])[-1] == last, done.stdout + done.stderr


# Rotation


def test_both_are_rotated_unless_one_is_named() -> None:
    run = Run("litemaas_rotate")
    database, key = run.step("begin_database"), run.step("begin_master_key")
    assert database and key
    assert sorted(database["secrets"][0]["fields"]) == ["LITELLM_PASSWORD", "LITEMAAS_PASSWORD", "POSTGRES_PASSWORD"]
    assert list(key["secrets"][0]["fields"]) == ["LITELLM_MASTER_KEY"]
    assert Run("litemaas_rotate", {"rotate": "master_key"}).step("passwords") is None
    assert Run("litemaas_rotate", {"rotate": "database"}).step("new_master_key") is None


def test_an_external_database_is_not_rotated() -> None:
    login = {"secret": {"name": "s"}, "host": "h.example.com", "database": "d", "username": "u"}
    external = {"external": {**login, "secret": {"name": "s", "keys": {"password": "password"}}}}
    with pytest.raises(PlanError, match="names database, which is an external one"):
        Run("litemaas_rotate", {"database": external, "rotate": "database"})
    assert Run("litemaas_rotate", {"database": external}).plan.notes["rotate"] == ["master_key"]


def test_the_job_gets_passwords_from_where_they_are_kept() -> None:
    asked = Run("litemaas_rotate").step("passwords")
    assert asked
    given = environment(asked["job"])
    place = {"name": "litemaas-rotation-database", "key": "postgres-secret.LITELLM_PASSWORD.new"}
    assert given["new_LITELLM_PASSWORD".replace("new", "NEW")] == {"secretKeyRef": place}
    (container,) = asked["job"]["spec"]["template"]["spec"]["containers"]
    assert container["command"][-1].rstrip().endswith("change postgres postgres")


def rolled(run: Run) -> list[str]:
    arguments = run.step("gateway")
    assert arguments
    (deployment,) = arguments["objects"]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    return [each["value"] for each in container["env"] if each["name"] == "LLAMASTACK_MAAS_REVISION"]


def test_new_values_roll_the_programs() -> None:
    run = Run("litemaas_rotate")
    before = rolled(run)
    run.plan.done["new_master_key"] = {"revisions": {"litemaas/litellm-secret": "9"}}
    assert rolled(run) != before


@pytest.mark.parametrize(
    ("done", "refused"),
    [
        ({"ready": {"failed": True, "msg": "x", "objects": [{"name": "litellm", "state": "failed"}]}}, True),
        ({"proof": {"failed": True, "msg": "x", "status": 401}}, True),
        ({"ready": {"failed": True, "msg": "x", "objects": [{"name": "litellm", "state": "waiting"}]}}, False),
        ({"proof": {"failed": True, "msg": "x", "status": 503}}, False),
        ({"passwords": {"failed": True, "msg": "x"}}, False),
        ({}, False),
    ],
)
def test_an_old_master_key_comes_back_only_where_litellm_refuses_the_new_one(done: Any, refused: bool) -> None:
    run = Run("litemaas_rotate")
    run.plan.done.update({"new_master_key": {"revisions": {}}, **done})
    assert bool(run.step("old_master_key")) == bool(run.step("back")) == refused
    is_over = not any(each.get("failed") for each in done.values())
    assert bool(run.step("end_master_key")) == bool(run.step("server")) == is_over
    if done:
        assert run.outcome().problem.startswith("x")
    if refused:
        run.plan.done.update(
            {"old_master_key": {"changed": True}, "back": {"changed": True}, "back_ready": {"url": None}}
        )
        assert run.step("end_master_key") and run.step("server")
        assert "master_key: LiteLLM refused the new value, and has the old one again" in run.outcome().problem


def test_a_rotation_ends_with_where_the_new_values_are() -> None:
    run = Run("litemaas_rotate", {"rotate": "master_key"})
    outcome = run.outcome()
    assert outcome.lines[0] == "master_key: its new value is at work"
    assert "master key  Secret litemaas/litellm-secret, key LITELLM_MASTER_KEY" in outcome.lines
    assert outcome.published == {"rotated": {"master_key": "done"}}
