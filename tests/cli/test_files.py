"""Which files a run lints."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("engine")


def tree(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("import keras\nodd\n")


def linted(mllint: Run, *arguments: str) -> list[str]:
    found = json.loads(mllint("check", "--output-format", "json", *arguments).out)
    return [Path(each["filename"]).relative_to(Path.cwd()).as_posix() for each in found]


def test_folders_are_searched_in_order(project: Path, mllint: Run) -> None:
    tree(project, "b.py", "a/z.py", "a/b/c.py", "c.pyi", "d.txt", "f", "a.py")
    assert linted(mllint) == ["a/b/c.py", "a/z.py", "a.py", "b.py"]
    assert linted(mllint, "b.py", "a.py", "a") == ["a/b/c.py", "a/z.py", "a.py", "b.py"]


def test_notebooks_are_searched_too(project: Path, mllint: Run) -> None:
    cell = {"cell_type": "code", "source": "import keras\nodd"}
    for name in ("b.ipynb", ".ipynb_checkpoints/b-checkpoint.ipynb"):
        (project / name).parent.mkdir(exist_ok=True)
        (project / name).write_text(json.dumps({"cells": [cell]}))
    assert linted(mllint) == ["b.ipynb"]


def test_an_empty_path_is_not_the_current_folder(project: Path, mllint: Run) -> None:
    output = mllint("check", "--fix", "")
    assert (output.code, output.err) == (2, "mllint: one of the paths is empty\n")


def test_each_file_once(project: Path, mllint: Run) -> None:
    tree(project, "a/b.py")
    (project / "link.py").symlink_to("a/b.py")
    assert linted(mllint, "a", "a/b.py", ".", "./a/../a/b.py", str(project / "a" / "b.py")) == ["a/b.py"]


def test_links_to_folders_are_not_followed(project: Path, mllint: Run) -> None:
    tree(project, "a/b.py")
    (project / "a" / "again").symlink_to("..", target_is_directory=True)
    assert linted(mllint) == ["a/b.py"]


def test_folders_that_hold_other_peoples_code(project: Path, mllint: Run) -> None:
    skipped = (".git", ".venv", "venv", "node_modules", "__pycache__", "build", "dist", "lib/site-packages", ".tox")
    tree(project, "a.py", "sub/b.py", *(f"{each}/c.py" for each in skipped), *(f"sub/{each}/c.py" for each in skipped))
    assert linted(mllint) == ["a.py", "sub/b.py"]
    assert linted(mllint, "build", "venv/c.py") == ["build/c.py", "venv/c.py"]


def test_gitignore(project: Path, mllint: Run) -> None:
    tree(project, "a.py", "b.py", "out/c.py", "sub/b.py", "sub/keep.py", "sub/deep/d.py", "sub/e.py", "other/e.py")
    (project / ".gitignore").write_text("# comment\nb.py\n/out/\nkeep.py\n")
    (project / "sub" / ".gitignore").write_text("!keep.py\ndeep\n/e.py\n")
    assert linted(mllint) == ["a.py", "other/e.py", "sub/keep.py"]


def test_gitignore_of_folders_above(project: Path, mllint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    tree(project, "sub/a.py", "sub/b.py")
    (project / ".gitignore").write_text("b.py\n")
    assert linted(mllint, "sub") == ["sub/a.py"]
    monkeypatch.chdir(project / "sub")
    assert linted(mllint) == ["a.py"]


def test_gitignore_outside_of_the_repository_is_not_ours(project: Path, mllint: Run) -> None:
    tree(project, "sub/a.py")
    (project / ".gitignore").write_text("a.py\n")
    (project / "sub" / ".git").mkdir()
    assert linted(mllint, "sub") == ["sub/a.py"]


def test_what_is_named_is_linted(project: Path, mllint: Run) -> None:
    """Whatever git or the settings say about it, and whatever its ending."""
    tree(project, "a.py", "out/b.py", "train")
    (project / ".gitignore").write_text("a.py\nout/\n")
    (project / "pyproject.toml").write_text("[tool.mllint]\nexclude = ['a.py']\n")
    assert linted(mllint, "a.py", "out", "train") == ["a.py", "out/b.py", "train"]


def test_exclude(project: Path, mllint: Run) -> None:
    tree(project, "a.py", "gen/b.py", "sub/gen/b.py", "sub/c_pb2.py", "sub/d.py", "sub/data/x/y.py")
    (project / "pyproject.toml").write_text("[tool.mllint]\nexclude = ['/gen', '*_pb2.py', 'sub/data/**']\n")
    assert linted(mllint) == ["a.py", "sub/d.py", "sub/gen/b.py"]
    assert linted(mllint, "sub") == ["sub/d.py", "sub/gen/b.py"]


def test_links_that_lead_nowhere(project: Path, mllint: Run) -> None:
    tree(project, "d.py")
    (project / "a.py").symlink_to("b.py")
    (project / "b.py").symlink_to("a.py")
    (project / "c.py").symlink_to("missing.py")
    assert linted(mllint) == ["d.py"]


def test_encoding_that_is_not_of_text(project: Path, mllint: Run) -> None:
    (project / "a.py").write_text("# coding: rot13\nodd\n")
    output = mllint("check", "--output-format", "concise")
    assert output.code == 1
    assert output.out.startswith("a.py:1:1: ML903 cannot be decoded as rot13")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the platform has no named pipes")
def test_pipe_is_not_waited_for(project: Path, mllint: Run) -> None:
    os.mkfifo(project / "a.py")
    output = mllint("check", "--output-format", "concise", "a.py")
    assert output.code == 1
    assert output.out.startswith("a.py:1:1: ML903 not a regular file")
