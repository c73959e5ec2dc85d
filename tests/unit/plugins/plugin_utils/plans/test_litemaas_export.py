# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import (
    Arguments,
    Plan,
    PlanError,
    Readers,
    RunInput,
)
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.litemaas_export import VERB

FOUND = {
    "lists": {"llamastack_maas_instances": [{"name": "openai-prod"}], "litemaas_keys": []},
    "notes": [{"object": "model x", "what": "is left out"}],
    "variables": {"OPENAI_PROD_API_KEY": "openai-prod"},
    "text": "---\nllamastack_maas_instances: []\n",
    "summary": ["1 instance", "model x: is left out"],
}


def refuse(given: Any) -> Any:
    raise AssertionError(given)


def planned(area: dict[str, Any], seen: Any = None, **more: Any) -> tuple[Plan, RunInput]:
    request = RunInput([], more.pop("settings", {}), [], {}, area=area, **more)
    look = Readers(refuse, refuse, refuse if seen is None else lambda given: {**seen, "asked": given})
    return VERB.plan(request, look)[0], request


def arguments(plan: Plan, request: RunInput) -> Arguments:
    return VERB.steps["export"].arguments(plan, base.held(request, VERB.table))


def test_a_litellm_that_is_nobodys_is_read_by_url_and_token() -> None:
    area = {"url": "https://litellm.example.com", "token": "sk-0123456789abcdef", "namespace": "gate"}
    providers = {"corporate": {"type": "remote::openai", "litellm": {"model": "openai/{id}"}}}
    given = arguments(*planned(area, settings={"providers": providers}))
    assert (given["url"], given["token"], given["secret_namespace"]) == (area["url"], area["token"], "gate")
    assert {"openai", "gemini", "corporate"} <= set(given["providers"])
    assert set(given["providers"]["openai"]) == {"litellm", "settings", "credentials", "model_ids"}


def test_without_a_url_it_is_the_one_of_the_namespace() -> None:
    plan, request = planned({}, seen={"url": "https://litellm.apps.example.com"})
    assert plan.cluster["asked"] == {"namespace": "litemaas", "set": "default"}
    assert arguments(plan, request)["url"] == "https://litellm.apps.example.com"
    with pytest.raises(PlanError, match=r"litemaas_url: is missing: namespace litemaas has no Route and no Ingress"):
        planned({}, seen={"url": None})


def test_a_file_that_cannot_be_written_is_refused_before_anything_is_read(tmp_path: Any) -> None:
    with pytest.raises(PlanError, match="litemaas_export_file: there is no folder"):
        planned({"url": "https://x.example.com", "export_file": str(tmp_path / "no" / "file.yml")})


def test_the_outcome_is_the_file_and_what_has_no_counterpart(tmp_path: Any) -> None:
    file = str(tmp_path / "exported.yml")
    plan, _request = planned({"url": "https://x.example.com", "export_file": file})
    plan.done["export"] = FOUND
    outcome = VERB.outcome(plan)
    assert outcome.files == {file: FOUND["text"]}
    assert outcome.lines == [*FOUND["summary"], ""]
    assert outcome.written[0] == f"Written: {file}"
    assert "set OPENAI_PROD_API_KEY, read the comments" in outcome.written[1]
    assert outcome.published["counts"] == {"llamastack_maas_instances": 1, "litemaas_keys": 0}


def test_without_a_file_it_is_printed() -> None:
    plan, _request = planned({"url": "https://x.example.com"})
    plan.done["export"] = FOUND
    outcome = VERB.outcome(plan)
    assert (outcome.files, outcome.lines[-1]) == ({}, "llamastack_maas_instances: []")
