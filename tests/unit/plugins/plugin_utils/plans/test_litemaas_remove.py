# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import owner_of
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base, litemaas_remove
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import PlanError, Readers, RunInput

VERB = litemaas_remove.VERB
DATA = {"PersistentVolumeClaim/postgres-storage-postgres-0", "StatefulSet/postgres", "ConfigMap/litellm-salt"}
SECRETS = {"Secret/litellm-secret", "Secret/postgres-secret", "Secret/backend-secret"}


def refuse(given):
    raise AssertionError(given)


def planned(seen=None, phases=(), **area):
    request = RunInput([], {}, [], {}, area=area, phases=phases)
    return VERB.plan(request, Readers(refuse, refuse, lambda given: seen or {}))[0], request


def removed(seen=None, phases=(), **area):
    plan, request = planned(seen, phases, **area)
    objects = VERB.steps["delete"].arguments(plan, base.held(request, VERB.table))["objects"]
    assert all(owner_of(obj).set == "litemaas.default" for obj in objects)
    return {f"{obj['kind']}/{obj['metadata']['name']}" for obj in objects}


@pytest.mark.parametrize("area", [{}, {"keep": ["namespace"]}])
def test_data_go_only_where_that_is_confirmed(area):
    with pytest.raises(PlanError, match="litemaas_confirm_data_loss: is not true"):
        planned(**area)
    assert DATA | SECRETS <= removed(confirm_data_loss=True, **area)


def test_without_the_database_everything_else_goes():
    found = removed(keep="database")
    assert not (DATA | SECRETS | {"Namespace/litemaas"}) & found
    assert {"Deployment/litellm", "Route/litellm", "Ingress/litellm", "Deployment/litemaas-backend"} <= found


def test_who_may_not_read_routes_has_made_none():
    assert "Route/litellm" in removed({"routes_readable": True}, keep="database")
    found = removed({"routes_readable": False}, keep="database")
    assert "Route/litellm" not in found and "Ingress/litellm" in found


def test_the_namespace_can_be_kept():
    assert "Namespace/litemaas" in removed(confirm_data_loss=True)
    assert "Namespace/litemaas" not in removed(confirm_data_loss=True, keep=["namespace"])


@pytest.mark.parametrize("phase", ["app", "gateway"])
def test_a_role_alone_removes_its_part_and_no_data(phase):
    found = removed(phases=(phase,))
    assert found and not (DATA | SECRETS) & found


def test_a_secret_of_the_users_stays():
    found = removed(confirm_data_loss=True, secrets={"litellm": "corp"})
    assert not {"Secret/corp", "Secret/litellm-secret"} & found


def test_jobs_of_migrations_go_with_the_gateway():
    found = removed({"jobs": ["litellm-migration-0123456789", "litellm-backup-1"]}, phases=("gateway",))
    assert "Job/litellm-migration-0123456789" in found and "Job/litellm-backup-1" not in found


def test_what_worked_on_the_data_goes_with_them_and_backups_stay_as_long_as_the_namespace():
    jobs = ["litellm-migration-1", "litemaas-backup-1", "litemaas-restore-1", "litemaas-passwords-1"]
    found = removed({"jobs": jobs}, phases=("database",), confirm_data_loss=True)
    assert {"Job/litemaas-backup-1", "Job/litemaas-restore-1", "Job/litemaas-passwords-1"} <= found
    assert {"Secret/litemaas-rotation-database", "Secret/litemaas-rotation-master-key"} <= found
    assert not {"Job/litellm-migration-1", "PersistentVolumeClaim/litemaas-backups"} & found


def test_an_application_that_would_bring_it_back_is_named():
    plan, _request = planned({"applications": ["team-llm"]}, keep="database")
    plan.done["delete"] = {
        "removed": [{"kind": "Service", "name": "litellm", "namespace": "litemaas", "instance": "gateway"}]
    }
    lines = VERB.outcome(plan).lines
    assert lines[0] == "Deleted of gateway: Service litellm."
    assert any("Application team-llm" in line and "brings them back" in line for line in lines)
