# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""rotate: which steps run, with what, and what the run comes to."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.evidence import server_variable
from ansible_collections.llamastack.maas.plugins.module_utils.kserve.revisions import CREDENTIALS_REVISION
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import backup_secret_name
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans import base
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.base import Held, Plan, PlanError, Readers, RunInput
from ansible_collections.llamastack.maas.plugins.plugin_utils.plans.verbs import VERBS

VERB = VERBS["rotate"]
OPENAI = {"name": "openai", "provider": "openai", "api_key_env": "OPENAI", "models": ["gpt-4o"]}
GEMINI = {"name": "gem", "provider": "gemini", "api_key_env": "GEM", "models": ["gemini-2.5-flash"]}
CORP = {**OPENAI, "name": "corp", "api_key_env": None, "credentials_secret": {"name": "theirs"}}
KEYS = {"OPENAI": "sk-0123456789-openai", "GEM": "AIza-0123456789-gem"}
CLUSTER = {
    "generation": "b2",
    "url": "https://maas.example.com",
    "settings": {"generation": "b2", "storage_initializer": True, "service_version": "serving.kserve.io/v1alpha2"},
}
URLS = {name: f"https://maas.example.com/llm/{name}" for name in ("openai", "gem", "corp")}
READY = {"ready": True, "note": "", "state": "ready"}
PROVEN = {"state": "proven", "reason": "", "url": "", "client_base_url": "", "ids": []}
REFUSED = {**PROVEN, "state": "failed", "cause": "key_refused", "reason": "the provider refused the key"}
UNDO = ("rollback", "rollback_instances", "rollback_ready")


def planned(*entries: dict[str, Any], check_mode: bool = False, **settings: Any) -> tuple[Plan, Held]:
    theirs = {"secrets": {"theirs": {"keys": ["api_key"]}}, "revisions": {"llm/theirs": "77"}}
    request = RunInput(
        given=[{key: value for key, value in each.items() if value is not None} for each in entries],
        settings=settings,
        names=["llamastack_maas_instances"],
        environment=KEYS,
        check_mode=check_mode,
    )
    plan = VERB.plan(request, Readers(lambda given: CLUSTER, lambda given: theirs))[0]
    return plan, base.held(request)


def found(plan: Plan, *due: str, backups: bool = True, urls: dict[str, str] | None = None) -> None:
    """As module maas_key_rotation_info returns it."""
    secrets = {name: f"llm/{name}-credentials" for name in due}
    copies = {
        name: {"source": secrets[name], "target": {"kind": "Secret", "metadata": {"name": backup_secret_name(name)}}}
        for name in due
        if backups and name != "corp"
    }
    rotations = {
        name: {"managed": name != "corp", "unfinished": False, "revision": "new", "before": "old", "in_use": False}
        for name in due
    }
    plan.done["keys"] = {
        "due": list(due),
        "instances": rotations,
        "revisions": {which: dict.fromkeys(secrets.values(), which) for which in ("new", "rolled", "before")},
        "keep": list(copies.values()),
        "urls": URLS if urls is None else urls,
        "roll_back": {name: {"source": backup_secret_name(name), "target": {}} for name in copies},
    }
    plan.done["compare"] = {"objects": []}


def arguments(plan: Plan, held: Held, step: str) -> Any:
    return VERB.steps[step].arguments(plan, held)


def ready(plan: Plan, *names: str, **more: Any) -> None:
    plan.done["ready"] = {"instances": {name: {**READY, "url": URLS[name], **more} for name in names}}


def revisions(objects: list[dict[str, Any]]) -> dict[str, str | None]:
    return {
        obj["metadata"]["name"]: server_variable(obj, CREDENTIALS_REVISION)
        for obj in objects
        if obj["kind"] == "LLMInferenceService"
    }


def test_of_what_is_not_due_nothing_is_started():
    plan, held = planned(OPENAI, GEMINI)
    given = arguments(plan, held, "keys")
    assert given["names"] == [] and set(given["secret_data"]) == {"llm/openai-credentials", "llm/gem-credentials"}
    found(plan)
    del plan.done["compare"]
    assert [step for step in VERB.steps if step != "keys" and arguments(plan, held, step) is not None] == []
    outcome = VERB.outcome(plan)
    assert outcome.lines == ["Every key given is the one in use: there is nothing to rotate."]
    assert (outcome.problem, outcome.published) == ("", {"namespace": "llm", "instances": {}})


def test_only_what_is_due_is_written_with_its_revisions():
    plan, held = planned(OPENAI, GEMINI)
    found(plan, "gem")
    assert revisions(arguments(plan, held, "compare")["objects"]) == {"gem": "rolled"}
    assert revisions(arguments(plan, held, "instances")["objects"]) == {"gem": "new"}
    secrets = arguments(plan, held, "secrets")
    assert [obj["metadata"]["name"] for obj in secrets["objects"]] == ["gem-credentials"]
    assert secrets["secret_data"] == {"llm/gem-credentials": {"api_key": KEYS["GEM"]}}
    assert arguments(plan, held, "backup") == {"copies": plan.done["keys"]["keep"], "overwrite": False}
    waited = arguments(plan, held, "ready")
    assert waited["instances"] == ["gem"] and not waited["fail_unready"] and waited["registration"]
    # Pods may still have the key before.
    assert backup_secret_name("gem") in waited["masking"]["secrets"] and KEYS["GEM"] in waited["masking"]["values"]


def test_an_unmanaged_secret_is_not_written():
    plan, held = planned(CORP)
    found(plan, "corp")
    assert [arguments(plan, held, step) for step in ("backup", "secrets")] == [None, None]
    assert revisions(arguments(plan, held, "instances")["objects"]).keys() == {"corp"}


def test_comparing_writes_nothing_and_access_is_seen_in_check_mode_too():
    assert {name: step.check_mode for name, step in VERB.steps.items() if step.check_mode is not None} == {
        "compare": True,
        "access": False,
    }
    plan, held = planned(OPENAI)
    found(plan, "openai")
    given = arguments(plan, held, "access")
    assert (given["proof"], given["wait_timeout"], given["urls"]) == ("access", 20, URLS)


@pytest.mark.parametrize(("urls", "named"), [(["b"], "a, c"), (["a", "b", "c"], "")])
def test_what_is_due_and_has_no_url_is_named_before_anything_is_written(urls, named):
    plan, held = planned(*({**OPENAI, "name": name} for name in "abc"))
    found(plan, *"abc", urls={each: f"https://maas.example.com/llm/{each}" for each in urls})
    if named:
        with pytest.raises(PlanError, match=rf"Nothing was written: the cluster shows no URL of {named} \(status\.url"):
            arguments(plan, held, "access")
    else:
        assert arguments(plan, held, "access")


def test_what_differs_in_more_than_keys_is_refused():
    plan, held = planned(OPENAI)
    found(plan, "openai")
    plan.done["compare"] = {
        "objects": [{"kind": "ConfigMap", "name": "x", "changed": True}, {"kind": "A", "name": "b", "changed": False}]
    }
    with pytest.raises(PlanError, match=r"differ in more than keys: ConfigMap x\. Run"):
        arguments(plan, held, "access")


def test_providers_are_asked_unless_that_is_left_out():
    plan, held = planned(OPENAI)
    found(plan, "openai")
    assert [each["name"] for each in arguments(plan, held, "key_check")["instances"]] == ["openai"]
    plan, held = planned(OPENAI, rotate_check="no")
    found(plan, "openai")
    assert arguments(plan, held, "key_check") is None


def test_the_keys_of_others_need_not_be_there():
    plan, held = planned({**OPENAI, "api_key_env": "NOT_SET"}, GEMINI, rotate="gem")
    assert plan.names == ["openai", "gem"] and arguments(plan, held, "keys")["names"] == ["gem"]
    with pytest.raises(PlanError, match="NOT_SET"):
        planned({**OPENAI, "api_key_env": "NOT_SET"}, GEMINI)


def test_the_platform_alone_has_no_keys():
    with pytest.raises(PlanError, match="llamastack_maas_scope"):
        planned(OPENAI, scope="platform")


def test_only_what_is_ready_and_admitted_is_proven():
    plan, held = planned(OPENAI, GEMINI)
    found(plan, "openai", "gem")
    assert arguments(plan, held, "proof") is None
    ready(plan, "openai")
    for more in ({"ready": False}, {"note": "waits for its policy"}):
        plan.done["ready"]["instances"]["gem"] = {**READY, "url": URLS["gem"], **more}
        assert [each["name"] for each in arguments(plan, held, "proof")["instances"]] == ["openai"]


def test_a_refused_key_is_rolled_back():
    plan, held = planned(OPENAI, GEMINI)
    found(plan, "openai", "gem")
    ready(plan, "openai", "gem")
    plan.done["secrets"] = plan.done["instances"] = {"objects": []}
    plan.done["proof"] = {"failed": True, "msg": "refused", "instances": {"openai": PROVEN, "gem": REFUSED}}
    assert arguments(plan, held, "rollback") == {"copies": [plan.done["keys"]["roll_back"]["gem"]]}
    assert revisions(arguments(plan, held, "rollback_instances")["objects"]) == {"gem": "before"}
    assert arguments(plan, held, "rollback_ready")["instances"] == ["gem"]
    gone = [obj["metadata"]["name"] for obj in arguments(plan, held, "delete_backup")["objects"]]
    assert gone == [backup_secret_name("openai"), backup_secret_name("gem")]
    outcome = VERB.outcome(plan)
    assert outcome.problem == (
        "refused\nopenai: the new key is in use.\ngem: rolled back, so its pods run with the old key."
    )
    assert outcome.lines == []


@pytest.mark.parametrize("step", ["access", "key_check", "backup"])
def test_what_fails_before_a_key_is_written_rolls_nothing_back(step):
    plan, held = planned(OPENAI)
    found(plan, "openai")
    plan.done[step] = {"failed": True, "msg": "it failed", "instances": {"openai": {"cause": "key_refused"}}}
    assert [arguments(plan, held, each) for each in (*UNDO, "delete_backup")] == [None] * 4
    assert VERB.outcome(plan).problem == "it failed\nopenai: nothing was changed."


def test_what_is_not_proven_fails_but_in_check_mode():
    for check_mode in (False, True):
        plan, held = planned(OPENAI, check_mode=check_mode)
        found(plan, "openai")
        plan.done["secrets"] = {"objects": [_changed()]}
        ready(plan, "openai", ready=False)
        outcome = VERB.outcome(plan)
        assert bool(outcome.problem) is not check_mode and bool(outcome.lines) is check_mode
        assert arguments(plan, held, "delete_backup") is None


@pytest.mark.parametrize(("accepted", "kept"), [(False, True), (True, False)])
def test_a_run_that_ends_well_says_which_old_keys_are_kept(accepted, kept):
    plan, held = planned(OPENAI, proof="list")
    found(plan, "openai")
    plan.done["key_check"] = {"instances": {"openai": {"state": "accepted" if accepted else "undecided"}}}
    plan.done["secrets"] = {"objects": [_changed()]}
    ready(plan, "openai")
    plan.done["proof"] = {"instances": {"openai": {**PROVEN, "state": "listed", "reason": "not proven"}}}
    outcome = VERB.outcome(plan)
    assert outcome.problem == "" and "1 instance: 1 listed" in outcome.lines
    assert any("The old one is kept in Secret" in line for line in outcome.lines) is kept
    assert (arguments(plan, held, "delete_backup") is None) is kept
    assert outcome.published["instances"]["openai"]["changed"] == ["Secret updated"]
    assert outcome.returned == {"objects": [_changed()], "instances": outcome.published["instances"]}


def _changed() -> dict[str, Any]:
    return {"kind": "Secret", "name": "openai-credentials", "instance": "openai", "changed": True, "action": "updated"}
