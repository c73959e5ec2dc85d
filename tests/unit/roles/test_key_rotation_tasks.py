# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tasks of role key_rotation that decide by themselves, each run alone with what others have found."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from unit.playbooks.test_reports import play

TASKS = Path(__file__).parents[3] / "roles" / "key_rotation" / "tasks"


def run(tmp_path, file, name, **variables):
    (task,) = [each for each in yaml.safe_load((TASKS / file).read_text()) if each["name"].endswith(name)]
    return play(tmp_path, [task], **variables)


@pytest.mark.parametrize(("urls", "named"), [(["b"], "a, c"), (["a", "b", "c"], "")])
def test_what_is_due_and_has_no_url_is_named_before_anything_is_written(tmp_path, urls, named):
    plan = {"due": ["a", "b", "c"], "urls": {each: f"https://maas.example.com/llm/{each}" for each in urls}}
    code, output = run(tmp_path, "access.yml", "Refuse to rotate what has no URL", __key_rotation_plan=plan)
    assert (code != 0) is bool(named)
    assert (f"Nothing was written: the cluster shows no URL of {named} (status.url" in output) is bool(named)


@pytest.mark.parametrize(("done", "told"), [([], True), (["gem"], False)])
def test_a_run_that_ends_well_tells_which_old_keys_are_kept(tmp_path, done, told):
    outcome = {
        "instances": {"gem": {"state": "listed", "reason": "not proven"}},
        "done": done,
        "lines": ["gem: the new key is in use, not proven. The old one is kept in Secret x."],
    }
    code, output = run(tmp_path, "settle.yml", "Say which old keys are kept", __key_rotation_outcome=outcome)
    assert code == 0
    assert ("The old one is kept in Secret x." in output) is told
