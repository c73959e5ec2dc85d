# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
import yaml
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base, litemaas_render
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import PlanError, Readers, RunInput

VERB = litemaas_render.VERB


def refuse(given):
    raise AssertionError(given)


def rendered(tmp_path, **area):
    request = RunInput([], {"render_dir": str(tmp_path)}, [], {}, area=area)
    plan = VERB.plan(request, Readers(refuse, refuse, refuse))[0]
    return VERB.steps["files"].arguments(plan, base.held(request, VERB.table)), plan


OIDC = {"oidc": {"issuer": "https://i", "client_id": "c", "client_secret": {"name": "sso", "key": "secret"}}}


def test_the_files_are_a_kustomization_of_all_objects_without_a_secret(tmp_path):
    arguments, plan = rendered(tmp_path, expose="ingress", host="llm.example.com", app_host="app.example.com", app=OIDC)
    resources = yaml.safe_load(arguments["files"]["kustomization.yaml"])["resources"]
    assert {*resources, "kustomization.yaml"} == set(arguments["files"])
    objects = [yaml.safe_load(text) for path, text in arguments["files"].items() if path in resources]
    kinds = {obj["kind"] for obj in objects}
    assert {"Namespace", "StatefulSet", "Deployment", "Ingress", "NetworkPolicy"} <= kinds and "Secret" not in kinds
    assert all(text.startswith(arguments["header"]) for text in arguments["files"].values())
    needed = {each["name"]: each["keys"] for each in plan.notes["rendered"]["secrets"]}
    assert set(needed) == {"litellm-secret", "postgres-secret", "backend-secret", "sso"}
    assert "LITELLM_SALT_KEY" in needed["litellm-secret"]


@pytest.mark.parametrize(
    ("area", "path"),
    [
        ({}, "litemaas_expose"),
        ({"expose": "ingress"}, "litemaas_host"),
        ({"expose": "route", "app": {"issuer": "https://oauth.example.com"}}, "litemaas_app_host"),
    ],
)
def test_what_no_cluster_shows_must_be_given(tmp_path, area, path):
    with pytest.raises(PlanError, match=path):
        rendered(tmp_path, **area)


def test_the_directory_is_needed(tmp_path):
    with pytest.raises(PlanError, match="llamastack_maas_render_dir: is missing"):
        VERB.plan(RunInput([], {}, [], {}, area={"expose": "none"}), Readers(refuse, refuse, refuse))
