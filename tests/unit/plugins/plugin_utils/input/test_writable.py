# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import errno
import os

import pytest
from tools.built import check
from ansible_collections.llamastack.maas.plugins.plugin_utils.input import writable
from ansible_collections.llamastack.maas.plugins.plugin_utils.input.writable import problem

VARIABLES = ("report_dir", "render_dir", "output_file")


@pytest.fixture(autouse=True)
def where(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("variable", VARIABLES)
def test_what_can_be_written_leaves_nothing_behind(where, variable):
    assert problem(variable, "new") is None and problem(variable, "~/new") is None
    assert problem(variable, str(where / "new")) is None
    assert list(where.iterdir()) == []


def test_a_folder_is_made_with_all_above_it_and_a_file_is_replaced(where):
    assert problem("report_dir", "a/b/c") is None
    (where / "status.json").touch(mode=0o400)
    assert problem("output_file", "status.json") is None
    (where / "validation.html").touch(mode=0o400)
    assert problem("report_dir", ".") is None


@pytest.mark.parametrize(
    ("variable", "given", "words"),
    [
        ("report_dir", "file", "{}/file is no folder"),
        ("report_dir", "file/below", "{}/file is no folder"),
        ("render_dir", "file/below", "{}/file is no folder"),
        ("report_dir", "link", "{}/file is no folder"),
        ("report_dir", "taken", "{}/taken/validation.xml is no file"),
        ("output_file", "taken", "{}/taken is no file"),
        ("output_file", "none/status.json", "there is no folder {}/none"),
        ("output_file", "file/status.json", "there is no folder {}/file"),
        ("output_file", "/dev/full", "/dev/full is no file"),
        ("output_file", "x" * 300, "File name too long"),
        ("report_dir", "/proc/reports", "nothing can be written in /proc"),
        ("output_file", "/proc/status.json", "nothing can be written in /proc"),
    ],
)
def test_what_cannot_be_written(where, variable, given, words):
    (where / "file").touch()
    (where / "link").symlink_to("file")
    (where / "taken" / "validation.xml").mkdir(parents=True)
    assert words.format(where) in (problem(variable, given) or "")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EDQUOT])
@pytest.mark.parametrize("variable", VARIABLES)
def test_a_file_system_that_takes_nothing(where, monkeypatch, variable, number):
    def refuse(dir):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(writable.tempfile, "TemporaryFile", refuse)
    assert f"nothing can be written in {where}: {os.strerror(number)}" in (problem(variable, "new") or "")


def test_a_disk_that_is_full_is_seen_by_writing(where, monkeypatch):
    monkeypatch.setattr(writable.tempfile, "TemporaryFile", lambda dir: open("/dev/full", "wb"))
    assert "No space left on device" in (problem("report_dir", "new") or "")


def test_it_is_told_with_all_other_problems_of_the_input_and_to_those_who_write_only(where):
    (where / "file").touch()
    settings = {"report_dir": "file", "wait_timeout": "soon"}
    entries = [{"name": "a", "provider": "keyless"}]
    found = check(entries, settings=settings, writes=["report_dir"], credentials=False)
    assert {"llamastack_maas_report_dir", "llamastack_maas_wait_timeout"} < {each["path"] for each in found.problems}
    assert f"llamastack_maas_report_dir: {where}/file is no folder" in found.message
    assert "report_dir" not in check(entries, settings=settings, credentials=False).message
