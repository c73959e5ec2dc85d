# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.ownership import (
    LABEL_PROVIDER,
    backup_secret_name,
    labels,
)
from ansible_collections.llamastack.maas.plugins.module_utils.kubernetes.secrets import (
    encode,
    revision,
    revision_of as revision_of_secret,
)
from ansible_collections.llamastack.maas.plugins.module_utils.maas import rotation as key_rotation
from ansible_collections.llamastack.maas.plugins.module_utils.maas.rotation import RotationObjects, outcome, plan
from ansible_collections.llamastack.maas.plugins.plugin_utils.manifests.patches import CREDENTIALS_REVISION

OLD, NEW = encode({"api_key": "old"}), encode({"api_key": "new"})


def revision_of(data):
    return revision("llm", "gem-credentials", data)


def instance(managed=True, secret=True):
    named = {"name": "gem-credentials" if managed else "corp", "managed": managed} if secret else None
    return {"name": "gem", "namespace": "llm", "set": "default", "provider": "gemini", "credentials": {"secret": named}}


def secret(data, name="gem-credentials", set_name="default", version="7"):
    metadata = {"name": name, "namespace": "llm", "resourceVersion": version, "labels": labels("gem", "llm", set_name)}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": data}


def service(rolled):
    variables = [{"name": "OTHER", "value": "x"}, {"name": CREDENTIALS_REVISION, "value": rolled}]
    return {
        "apiVersion": "serving.kserve.io/v1alpha1",
        "kind": "LLMInferenceService",
        "metadata": {"name": "gem", "namespace": "llm", "uid": "u-1", "labels": labels("gem", "llm", "default")},
        "spec": {"template": {"containers": [{"name": "sidecar"}, {"name": "main", "env": variables}]}},
    }


def settled(data=OLD, **changed):
    return RotationObjects(**{"service": service(revision_of(data)), "secret": secret(data), "kept": None, **changed})


def test_a_key_that_is_in_use_is_not_due() -> None:
    assert not plan(instance(), settled(), OLD, named=False).due


def test_a_key_that_changed_is_due_and_has_one_to_go_back_to() -> None:
    found = plan(instance(), settled(), NEW, named=False)
    assert found.due and not found.unfinished
    assert (found.revision, found.rolled, found.before) == (revision_of(NEW), revision_of(OLD), revision_of(OLD))


def test_one_that_is_named_is_due_though_its_key_has_not_changed() -> None:
    found = plan(instance(), settled(), OLD, named=True)
    assert found.due and found.before is None


def test_pods_with_another_key_than_the_secret_are_due() -> None:
    """A run that was killed between the Secret and the service, or a Secret that a person changed."""
    found = plan(instance(), settled(secret=secret(NEW)), NEW, named=False)
    assert (found.due, found.rolled, found.before) == (True, revision_of(OLD), None)


@pytest.mark.parametrize("wanted", [OLD, NEW])
def test_what_was_broken_off_is_due_and_goes_back_to_what_was_kept(wanted) -> None:
    seen = settled(NEW, kept=secret(OLD, backup_secret_name("gem")))
    found = plan(instance(), seen, wanted, named=False)
    assert found.due and found.unfinished
    assert found.before == revision_of(OLD)


def test_a_secret_of_somebody_else_goes_by_its_version() -> None:
    corp = secret(OLD, "corp", version="8")
    corp["metadata"]["labels"] = {}
    found = plan(instance(managed=False), RotationObjects(service("7"), corp, None), None, named=False)
    assert (found.due, found.managed, found.revision, found.rolled, found.before) == (True, False, "8", "7", None)
    assert not plan(instance(managed=False), RotationObjects(service("8"), corp, None), None, named=False).due


def test_a_secret_of_another_instance_goes_by_its_values_as_deploying_it_does() -> None:
    """Its resourceVersion also changes with its labels; the pods were started with what module kube_secret_info told."""
    lent = secret(OLD, "corp", version="8")
    rolled = revision("llm", "corp", OLD)
    assert revision_of_secret(lent) == rolled
    assert not plan(instance(managed=False), RotationObjects(service(rolled), lent, None), None, named=False).due
    assert plan(
        instance(managed=False), RotationObjects(service(rolled), {**lent, "data": NEW}, None), None, named=False
    ).due


@pytest.mark.parametrize(
    ("who", "seen", "words"),
    [
        (instance(secret=False), settled(), "no credentials"),
        (instance(), settled(service=None), "no LLMInferenceService"),
        (instance(), settled(secret=None), "no Secret gem-credentials"),
        (instance(), settled(secret=secret(OLD, set_name="other")), "of another instance set"),
    ],
)
def test_what_cannot_be_rotated_is_passed_over_unless_it_is_named(who, seen, words) -> None:
    assert not plan(who, seen, NEW, named=False).due
    with pytest.raises(ValueError, match=words):
        plan(who, seen, NEW, named=True)


def test_a_name_that_is_not_in_the_list_is_refused_with_the_near_match() -> None:
    problems = key_rotation.unknown_names(["gen"], [instance()], "llamastack_maas_rotate")
    assert [(each["path"], each["message"]) for each in problems] == [
        ("llamastack_maas_rotate.gen", "unknown instance; did you mean gem?")
    ]


def test_the_kept_secret_goes_with_the_service_and_holds_nothing_by_itself() -> None:
    kept = key_rotation.kept_secret(instance(), service("x"))
    assert kept["metadata"]["ownerReferences"] == [
        {"apiVersion": "serving.kserve.io/v1alpha1", "kind": "LLMInferenceService", "name": "gem", "uid": "u-1"}
    ]
    assert "data" not in kept and kept["metadata"]["labels"] == {
        **labels("gem", "llm", "default"),
        LABEL_PROVIDER: "gemini",
    }


READY = {"ready": True, "note": ""}
NOT_READY = {"ready": False, "what": "Deployment", "reason": "ProgressDeadlineExceeded", "message": "too long"}


def judged(*, said=None, ready=None, found=None, **rotation):
    entry = {"managed": True, "unfinished": False, **rotation}
    going_back = {"gem": {}} if entry.pop("back", True) else {}
    written = entry.pop("written", True)
    made = {"due": ["gem"], "instances": {"gem": entry}, "roll_back": going_back}
    result = outcome(
        made,
        asked={"instances": {"gem": said} if said else {}},
        waited={"instances": {"gem": ready} if ready else {}},
        discovered={"instances": {"gem": found} if found else {}},
        written=written,
    )
    return result["instances"]["gem"]["state"], result["roll_back"], result["done"], result["lines"][0]


ACCEPTED = {"state": "accepted", "reason": "GET x answered 200", "cause": ""}


@pytest.mark.parametrize(("state", "said"), [("proven", None), ("proven", ACCEPTED), ("listed", ACCEPTED)])
def test_what_was_wanted_ends_it(state, said) -> None:
    assert judged(said=said, ready=READY, found={"state": state})[:3] == (state, [], ["gem"])


@pytest.mark.parametrize("said", [None, {"state": "undecided", "cause": ""}, {"state": "skipped", "cause": ""}])
@pytest.mark.parametrize("unfinished", [False, True])
def test_a_list_does_not_let_an_old_key_be_forgotten_that_may_be_the_only_good_one(said, unfinished) -> None:
    listed = {"state": "listed", "reason": "not proven: x"}
    state, roll_back, done, line = judged(said=said, ready=READY, found=listed, unfinished=unfinished)
    assert (state, roll_back, done) == ("listed", [], [])
    assert line == (
        "gem: the new key is in use, not proven: x. The old one is kept in Secret gem-credentials-before-rotation until "
        "rotate or deploy proves it."
    )
    assert judged(said=said, ready=READY, found=listed, back=False)[2] == ["gem"], "there is none to be kept"


REFUSED = {
    "ready": READY,
    "found": {"state": "failed", "cause": "key_refused", "reason": "the provider refused the key"},
}


def test_a_refused_key_gives_way_to_the_old_one() -> None:
    assert judged(**REFUSED)[:3] == ("refused", ["gem"], ["gem"])
    state, roll_back, done, line = judged(**REFUSED, back=False)
    assert (state, roll_back, done) == ("refused", [], []) and "no other key" in line
    state, roll_back, done, line = judged(**REFUSED, back=False, managed=False)
    assert (state, roll_back, done) == ("refused", [], []) and "unmanaged" in line


def test_a_key_that_the_provider_accepted_stays_whatever_it_answers_a_call() -> None:
    for doubtful in (False, True):
        found = {**REFUSED["found"], "doubtful": doubtful}
        state, roll_back, done, line = judged(said=ACCEPTED, ready=READY, found=found)
        assert (state, roll_back, done) == ("open", [], [])
        assert "although it had accepted the key for its list" in line and "is kept in Secret" in line


def test_a_refusal_without_words_brings_no_key_back_by_itself() -> None:
    found = {**REFUSED["found"], "doubtful": True, "reason": "the provider refused the key, or the place: 400"}
    for said in (None, {"state": "undecided", "cause": ""}):
        state, roll_back, done, line = judged(said=said, ready=READY, found=found)
        assert (state, roll_back, done) == ("open", [], [])
        assert line.startswith("gem: the new key stays, not proven: the provider refused the key, or the place.")
    said = {"state": "refused", "cause": "key_refused", "reason": "the provider refused the key"}
    assert judged(said=said, ready=READY, found=found)[:2] == ("refused", ["gem"])


@pytest.mark.parametrize(
    ("evidence", "words"),
    [
        ({}, "may have been written"),
        ({"ready": NOT_READY}, "Deployment: ProgressDeadlineExceeded: too long"),
        ({"ready": READY}, "its provider was not asked"),
        ({"ready": {"ready": True, "note": "no auth policy names it yet"}}, "no auth policy names it yet"),
        (
            {"ready": READY, "found": {"state": "failed", "cause": "parameter_refused", "reason": "a parameter: 400"}},
            "a parameter.",
        ),
        ({"ready": READY, "found": {"state": "failed", "cause": "no_money", "reason": "no credit: 402"}}, "no credit."),
        (
            {"ready": READY, "found": {"state": "failed", "cause": "model_unknown", "reason": "no such model: 404"}},
            "no such",
        ),
        ({"ready": READY, "found": {"state": "failed", "cause": "tls", "reason": "not trusted: x"}}, "not trusted"),
        (
            {"ready": READY, "found": {"state": "failed", "cause": "caller_refused", "reason": "refuses: 403"}},
            "refuses",
        ),
        ({"ready": READY, "found": {"state": "pending", "cause": "provider_down", "reason": "no answer"}}, "no answer"),
        (
            {"ready": READY, "found": {"state": "limit_reached", "cause": "token_limit", "reason": "limit: 429"}},
            "limit",
        ),
        ({"ready": READY, "found": {"state": "not_entitled", "reason": "alice is in none"}}, "alice is in none"),
        ({"said": {"state": "undecided"}, "ready": READY, "found": {"state": "pending", "reason": "x"}}, "x"),
    ],
)
def test_whatever_else_is_wrong_the_new_key_stays_and_the_old_one_is_kept(evidence, words) -> None:
    state, roll_back, done, line = judged(**evidence)
    assert (state, roll_back, done) == ("open", [], [])
    assert words in line


@pytest.mark.parametrize(
    ("ready", "told"),
    [
        (None, "gem: its Secret is unmanaged; its pods may still run with what it held before."),
        (NOT_READY, "gem: its Secret is unmanaged, so its pods run with what it holds now."),
    ],
)
def test_an_unmanaged_secret_stays_and_the_pods_may_not_have_it_yet(ready, told) -> None:
    assert judged(ready=ready, back=False, managed=False)[3] == told


def test_before_anything_is_written_only_a_refused_key_that_was_broken_off_comes_back() -> None:
    refused = {"state": "refused", "cause": "key_refused", "reason": "the provider refused the key"}
    assert judged(said=refused, written=False)[1:] == ([], [], "gem: nothing was changed.")
    assert judged(said=refused, written=False, unfinished=True, in_use=True)[1] == ["gem"]
    for said in (None, {"state": "unknown", "cause": ""}, {"state": "refused", "cause": "provider_refuses"}):
        assert judged(said=said, written=False, unfinished=True, in_use=True)[1:3] == ([], [])


A, B, C = (encode({"api_key": each}) for each in ("a", "b", "c"))


@pytest.mark.parametrize(
    ("given", "rolled", "roll_back"),
    [(C, B, []), (C, A, []), (C, C, []), (B, B, ["gem"]), (B, A, ["gem"]), (A, B, []), (A, A, [])],
)
def test_a_refused_key_that_is_not_in_use_leaves_the_one_that_is(given, rolled, roll_back) -> None:
    """A is kept, B is in the Secret, not proven and not refused; A may be the one that leaked."""
    seen = RotationObjects(service(revision_of(rolled)), secret(B), secret(A, backup_secret_name("gem")))
    rotation = plan(instance(), seen, given, named=True)
    made = {"due": ["gem"], "instances": {"gem": rotation._asdict()}, "roll_back": {"gem": {}}}
    refused = {"gem": {"state": "refused", "cause": "key_refused", "reason": "the provider refused the key"}}
    found = outcome(made, asked={"instances": refused}, written=False)
    assert (found["roll_back"], found["done"]) == (roll_back, roll_back)
    if not roll_back:
        assert found["lines"] == ["gem: nothing was changed; an earlier rotation of it is still open."]


def test_a_kept_key_that_is_refused_itself_does_not_come_back() -> None:
    seen = RotationObjects(service(revision_of(B)), secret(B), secret(A, backup_secret_name("gem")))
    entry = plan(instance(), seen, A, named=False)._asdict()
    assert judged(**REFUSED, **entry)[1:3] == ([], [])
