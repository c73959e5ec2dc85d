# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import os
from datetime import datetime, timezone

import pytest
from ansible_collections.llamastack.maas.plugins.module_utils.litellm.proof_keys import (
    PREFIX,
    Maker,
    ProofKeys,
    leftovers,
    moment,
    runs_here,
)

from .fake_litellm import MASTER, FakeLitellm

NOW = datetime(2026, 12, 1, 12, 0, tzinfo=timezone.utc)
EARLIER, LATER = "2026-12-01T11:59:59.358000+00:00", "2026-12-01T12:10:00.530000Z"


def row(alias=f"{PREFIX}1234-calls", expires=LATER, host="here", pid=7, **metadata):
    mark = {"llamastack.maas/proof": {"host": host, "pid": pid}} if host else {}
    return {"token": "t", "key_alias": alias, "expires": expires, "metadata": {**mark, **metadata}}


@pytest.mark.parametrize(
    "found, is_over",
    [
        (row(), False),
        (row(expires=EARLIER), True),
        # Its process is gone.
        (row(pid=8), True),
        # Whether a process of another host runs is not known.
        (row(host="there", pid=8), False),
        (row(host="there", expires=EARLIER), True),
        # Not ours, whatever it is called.
        (row(host=None, expires=EARLIER), False),
        (row(alias="notebook", expires=EARLIER), False),
        (row(alias=None, expires=EARLIER), False),
        (row(expires=None, pid=7), False),
    ],
)
def test_what_a_proof_that_is_over_has_left(found, is_over):
    assert leftovers([found], NOW, "here", lambda pid: pid == 7) == ([found] if is_over else [])


@pytest.mark.parametrize(
    "text, found",
    [
        ("2026-12-01T12:00:00Z", NOW),
        ("2026-12-01T12:00:00+00:00", NOW),
        ("2026-12-01T12:00:00", NOW),
        (None, None),
        ("never", None),
    ],
)
def test_times_as_litellm_writes_them(text, found):
    assert moment(text) == found


def test_this_process_runs():
    assert runs_here(os.getpid()) and not runs_here(2**22 + 1)


def test_what_a_killed_run_has_left_is_deleted_by_the_next():
    litellm = FakeLitellm()
    admin = litellm.connect(MASTER)
    killed = ProofKeys(admin, Maker("here", 2**22 + 1))
    alias = killed.make("calls", ["a"], 1.0).alias
    other = ProofKeys(admin, Maker("there", 1)).make("calls", ["a"], 1.0).alias
    assert ProofKeys(admin, Maker("here", os.getpid())).delete_leftovers(NOW.replace(hour=0)) == [alias]
    assert [each["key_alias"] for each in litellm.keys.values()] == [other]


def test_a_key_whose_making_was_not_answered_is_deleted_too():
    litellm = FakeLitellm()
    keys = ProofKeys(litellm.connect(MASTER), Maker("here", 1))
    litellm.instead["POST", "/key/generate"] = lambda value, document: (litellm._generate(document)[0] + 303, "lost")
    with pytest.raises(Exception, match="503"):
        keys.make("calls", ["a"], 1.0)
    assert litellm.keys and keys.delete() == [] and litellm.keys == {}


def test_a_key_that_cannot_be_deleted_is_named():
    litellm = FakeLitellm()
    keys = ProofKeys(litellm.connect(MASTER), Maker("here", 1))
    key = keys.make("calls", ["a"], 1.0)
    litellm.instead["POST", "/key/delete"] = (500, {"error": {"message": "no database"}})
    (problem,) = keys.delete()
    assert problem.startswith(f"{key.alias}: ") and "no database" in problem and key.value not in problem
