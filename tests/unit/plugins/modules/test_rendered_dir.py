# Copyright: (c) 2026, llamastack.maas contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module on a real directory, called as Ansible does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.llamastack.maas.plugins.modules import rendered_dir

HEADER = "# Rendered by llamastack.maas for set default of namespace llm; what is changed here is lost."
OTHER = "# Rendered by llamastack.maas for set default of namespace other; what is changed here is lost."
FILES = {"kustomization.yaml": "all", "overlays/a/kustomization.yaml": "a", "overlays/b/kustomization.yaml": "b"}


@pytest.fixture
def run(run_module, tmp_path: Path):
    """Runs the module on the directory; returns its result."""

    def call(files: dict[str, str], seeds: dict[str, str] | None = None, **options: Any) -> dict[str, Any]:
        arguments = {
            "path": str(tmp_path / "gitops"),
            "header": HEADER,
            "files": {path: f"{HEADER}\n{text}\n" for path, text in files.items()},
            "seeds": seeds or {},
            "_ansible_remote_tmp": str(tmp_path),
            **{f"_ansible_{key}": value for key, value in options.items()},
        }
        return run_module(rendered_dir, **arguments)

    return call


@pytest.fixture
def top(tmp_path: Path) -> Path:
    return tmp_path / "gitops"


def tree(top: Path) -> dict[str, str]:
    return {path.relative_to(top).as_posix(): path.read_text() for path in sorted(top.rglob("*")) if path.is_file()}


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_files_are_written_once(run, top: Path) -> None:
    first = run(FILES)
    assert (first["changed"], first["written"]) == (True, sorted(FILES))
    assert tree(top) == {path: f"{HEADER}\n{text}\n" for path, text in FILES.items()}
    again = run(FILES)
    assert (again["changed"], again["written"], again["removed"]) == (False, [], [])


def test_what_was_changed_by_hand_is_written_anew(run, top: Path) -> None:
    run(FILES)
    with (top / "overlays/a/kustomization.yaml").open("a") as file:
        file.write("more\n")
    assert run(FILES)["written"] == ["overlays/a/kustomization.yaml"]


def test_an_overlay_that_is_not_wanted_any_more_is_removed_with_its_directory(run, top: Path) -> None:
    run(FILES)
    result = run({path: text for path, text in FILES.items() if "/b/" not in path})
    assert (result["changed"], result["removed"], result["left"]) == (True, ["overlays/b/kustomization.yaml"], [])
    assert sorted(path.name for path in (top / "overlays").iterdir()) == ["a"]


def test_files_of_others_are_left_alone_and_named_where_they_stay_behind(run, top: Path) -> None:
    run(FILES)
    theirs = {
        put(top / name, text): text
        for name, text in {
            "overlays/b/more.yaml": "theirs",
            "overlays/c/kustomization.yaml": "theirs",
            "overlays/d/kustomization.yaml": f"{OTHER}\nof another set\n",
            "README.md": HEADER,
            "deep/below/overlays/a/kustomization.yaml": HEADER,
        }.items()
    }
    result = run({"kustomization.yaml": "none"})
    assert result["removed"] == ["overlays/a/kustomization.yaml", "overlays/b/kustomization.yaml"]
    assert result["left"] == ["overlays/b/more.yaml"]
    assert {path: path.read_text() for path in theirs} == theirs


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("theirs", "was not rendered by this collection"),
        (f"{OTHER}\n", "is of another rendering (Rendered by llamastack.maas for set default of namespace other)"),
    ],
)
def test_a_file_of_others_in_the_way_stops_everything(run, top: Path, text: str, message: str) -> None:
    put(top / "overlays/a/kustomization.yaml", text)
    result = run(FILES)
    assert result["failed"] and f"- overlays/a/kustomization.yaml {message}" in result["msg"]
    assert tree(top) == {"overlays/a/kustomization.yaml": text}


def test_a_link_is_not_followed(run, top: Path, tmp_path: Path) -> None:
    elsewhere = put(tmp_path / "elsewhere.yaml", f"{HEADER}\nall\n")
    top.mkdir()
    (top / "kustomization.yaml").symlink_to(elsewhere)
    assert run({"kustomization.yaml": "new"})["failed"]
    assert elsewhere.read_text() == f"{HEADER}\nall\n"


def test_a_seed_is_written_once_and_then_theirs(run, top: Path) -> None:
    seeds = {"overlays/a/sealedsecret.yaml": "fill me\n"}
    assert "overlays/a/sealedsecret.yaml" in run(FILES, seeds)["written"]
    put(top / "overlays/a/sealedsecret.yaml", "filled\n")
    assert run(FILES, seeds)["changed"] is False
    result = run({"kustomization.yaml": "none"})
    assert result["left"] == ["overlays/a/sealedsecret.yaml"]
    assert (top / "overlays/a/sealedsecret.yaml").read_text() == "filled\n"


def test_check_mode_tells_and_writes_nothing(run, top: Path) -> None:
    assert run(FILES, check_mode=True)["written"] == sorted(FILES)
    assert not top.exists()
    run(FILES)
    before = tree(top)
    result = run({"kustomization.yaml": "none"}, check_mode=True, diff=True)
    assert (result["written"], result["removed"]) == (["kustomization.yaml"], sorted(FILES)[1:])
    assert [(each["after_header"], each["after"]) for each in result["diff"]] == [
        ("kustomization.yaml", f"{HEADER}\nnone\n"),
        ("overlays/a/kustomization.yaml", ""),
        ("overlays/b/kustomization.yaml", ""),
    ]
    assert tree(top) == before


def test_a_path_that_leads_out_is_refused(run, tmp_path: Path) -> None:
    assert "../out.yaml" in run({"../out.yaml": "x"})["msg"]
    assert not (tmp_path / "out.yaml").exists()


def test_what_cannot_be_written_is_said(run, tmp_path: Path) -> None:
    put(tmp_path / "gitops", "a file where the directory should be")
    assert "could not be brought up to date" in run(FILES)["msg"]
