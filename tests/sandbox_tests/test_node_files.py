# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from sandbox.node import logs, volumes
from sandbox.node.podspec import File

NOW = datetime(2026, 1, 1, 12, 1, 0, tzinfo=UTC)
STORED = b"""\
2026-01-01T12:00:00.000001000Z stdout F one
2026-01-01T12:00:30.000000000Z stderr F two
2026-01-01T12:00:31.000000000Z stdout P thr
2026-01-01T12:00:32.000000000Z stdout F ee
2026-01-01T12:00:33.000000000Z stdout F being wri"""


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, b"one\ntwo\nthree\n"),
        ({"tailLines": "2"}, b"three\n"),
        ({"tailLines": "0"}, b""),
        ({"sinceSeconds": "30"}, b"two\nthree\n"),
        ({"sinceTime": "2026-01-01T12:00:32Z"}, b"ee\n"),
        ({"limitBytes": "5"}, b"one\nt"),
        ({"tailLines": "1", "timestamps": "true"}, b"2026-01-01T12:00:32.000000000Z ee\n"),
    ],
)
def test_log_queries(options: dict[str, str], expected: bytes) -> None:
    assert logs.select(logs.parse(STORED), logs.Query.of(options, NOW)) == expected


def test_a_query_that_makes_no_sense() -> None:
    with pytest.raises(ValueError, match="many"):
        logs.Query.of({"tailLines": "many"}, NOW)


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    writer = logs.Writer(tmp_path / "logs" / "0.log")
    writer.line("stdout", b"hello")
    writer.line("stderr", b"\xff and ", whole=False)
    writer.line("stderr", b"bye")
    writer.close()
    stored = (tmp_path / "logs" / "0.log").read_bytes()
    assert logs.select(logs.parse(stored), logs.Query()) == b"hello\n\xff and bye\n"
    assert logs.termination_message(stored) == "hello\n\N{REPLACEMENT CHARACTER} and bye\n"


def test_a_volume_holds_exactly_its_files(tmp_path: Path) -> None:
    volumes.write(tmp_path, {"a": File(b"1", 0o644), "deep/b": File(b"2", 0o400)})
    assert (tmp_path / "a").read_bytes() == b"1"
    assert (tmp_path / "deep" / "b").stat().st_mode & 0o777 == 0o400
    volumes.write(tmp_path, {"a": File(b"3", 0o600), "c": File(b"4", 0o644)})
    visible = {entry.name: (tmp_path / entry.name).read_bytes() for entry in tmp_path.iterdir() if entry.name[0] != "."}
    assert visible == {"a": b"3", "c": b"4"}


def test_all_files_of_a_volume_change_at_one_moment(tmp_path: Path) -> None:
    volumes.write(tmp_path, {"tls.crt": File(b"c1", 0o644), "tls.key": File(b"k1", 0o644)})
    before = (tmp_path / "..data").resolve()
    volumes.write(tmp_path, {"tls.crt": File(b"c1", 0o644), "tls.key": File(b"k1", 0o644)})
    assert (tmp_path / "..data").resolve() == before
    volumes.write(tmp_path, {"tls.crt": File(b"c2", 0o644), "tls.key": File(b"k2", 0o644)})
    after = (tmp_path / "..data").resolve()
    assert after != before
    assert not before.exists()
    assert {(tmp_path / name).resolve().parent for name in ("tls.crt", "tls.key")} == {after}
