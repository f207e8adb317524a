"""``--fix``, ``--unsafe-fixes`` and ``--diff``: what is changed, what is not, and how it is told."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mllint import rule
from tests.cli.conftest import RULES, Run

pytestmark = pytest.mark.usefixtures("engine")

FIX = ("check", "--fix", "--unsafe-fixes", "--output-format", "concise")


@pytest.fixture
def a(project: Path) -> Path:
    return project / "a.py"


def test_unsafe_fixes_must_be_wanted(a: Path, mllint: Run) -> None:
    a.write_text("import torch\nx = bad(1)\n")
    output = mllint("check", "--fix", "--output-format", "concise", "a.py")
    assert (output.code, output.err) == (1, "")
    assert a.read_text() == "import torch\nx = bad(1)\n"
    assert mllint("check", "--unsafe-fixes", "a.py").err == "mllint: --unsafe-fixes needs --fix or --diff\n"


def test_what_is_left_is_reported(a: Path, mllint: Run) -> None:
    a.write_text("import torch\nx = bad(1)  # kept\ny = bad(2) + bad(3)\nodd\n")
    output = mllint(*FIX, "a.py")
    assert a.read_text() == "import torch\nx = 1  # kept\ny = 2 + 3\nodd\n"
    assert output.code == 1
    assert output.err == "Fixed 3 findings.\n"
    assert output.out.startswith("a.py:4:1: ML113 odd")
    assert mllint(*FIX, "--ignore", "ML113", "a.py").code == 0


def test_twice_changes_nothing_more(a: Path, mllint: Run) -> None:
    a.write_text("import torch\nx = bad(1)bad(2)bad(3)\n")  # edits that touch wait for the next round
    mllint(*FIX, "a.py")
    assert a.read_text() == "import torch\nx = 123\n"
    before = a.stat().st_mtime_ns
    assert mllint(*FIX, "a.py").err == ""
    assert a.stat().st_mtime_ns == before


@pytest.mark.parametrize(
    "content",
    [
        b"import torch\r\nx = bad(1)\r\n\tif 1:  \r\n",
        b"\xef\xbb\xbfimport torch\nx = bad(1)",
        b"# coding: latin-1\nimport torch\nx = bad(1)  # \xe9\n\x0c\n",
        b"import torch\rx = bad(1)\r",
    ],
    ids=["crlf", "bom", "latin-1", "cr"],
)
def test_everything_else_stays(a: Path, mllint: Run, content: bytes) -> None:
    a.write_bytes(content)
    mllint(*FIX, "a.py")
    assert a.read_bytes() == content.replace(b"bad(1)", b"1")


def test_modes_and_links_stay(project: Path, a: Path, mllint: Run) -> None:
    a.write_text("import torch\nbad(1)\n")
    a.chmod(0o750)
    (project / "b.py").symlink_to("a.py")
    mllint(*FIX, "b.py")
    assert (project / "b.py").is_symlink()
    assert a.read_text() == "import torch\n1\n"
    assert a.stat().st_mode & 0o777 == 0o750
    assert sorted(os.listdir(project)) == [".git", "a.py", "b.py"]


def test_a_difference_writes_nothing(a: Path, mllint: Run) -> None:
    a.write_text("import torch\nx = bad(1)\n")
    output = mllint("check", "--diff", "--unsafe-fixes", "a.py")
    assert output.code == 1
    assert output.out == "--- a.py\n+++ a.py\n@@ -1,2 +1,2 @@\n import torch\n-x = bad(1)\n+x = 1\n"
    assert output.err == "Would fix 1 finding.\n"
    assert a.read_text() == "import torch\nx = bad(1)\n"
    assert mllint("check", "--diff", "a.py").code == 0


def test_the_end_of_a_file_without_a_line_end(a: Path, mllint: Run) -> None:
    a.write_text("import torch\nx = bad(1)")
    assert mllint("check", "--diff", "--unsafe-fixes", "a.py").out == (
        "--- a.py\n+++ a.py\n@@ -1,2 +1,2 @@\n import torch\n"
        "-x = bad(1)\n\\ No newline at end of file\n+x = 1\n\\ No newline at end of file\n"
    )


def test_a_difference_of_a_cell(project: Path, mllint: Run) -> None:
    (project / "a.ipynb").write_text(json.dumps(_notebook("import torch", "x = 1\ny = bad(1)")))
    assert mllint("check", "--diff", "--unsafe-fixes", ".").out == (
        "--- a.ipynb:cell 2\n+++ a.ipynb:cell 2\n@@ -1,2 +1,2 @@\n x = 1\n-y = bad(1)\n+y = 1\n"
    )


def test_a_file_that_may_not_be_written_is_not_replaced(a: Path, mllint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    a.write_text("import torch\nbad(1)\n")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    output = mllint(*FIX, "a.py")
    assert (output.code, output.err) == (2, "mllint: a.py: cannot be written: Permission denied\nFixed 1 finding.\n")
    assert a.read_text() == "import torch\nbad(1)\n"


def test_standard_input_goes_to_standard_output(mllint: Run) -> None:
    output = mllint(*FIX, "-", input="import torch\nx = bad(1)\nodd\n")
    assert output.out == "import torch\nx = 1\nodd\n"
    assert "3:1: ML113" in output.err
    assert mllint("check", "--fix", "-", input="import torch\n").out == "import torch\n"


def test_a_fix_that_does_not_help_is_dropped_and_said_so(a: Path, mllint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def worse(program: object) -> object:
        text = program.text  # type: ignore[attr-defined]
        for start in (at for at in range(len(text)) if text.startswith("worse", at)):
            site = (start, start + 5)
            yield rule.Finding(site, "worse", fix=rule.safe("more of it", rule.Replace(site, "worse, worse")))  # type: ignore[arg-type]

    monkeypatch.setitem(RULES, "ML201", rule.Rule("ML201", "worse", "error", "labels", worse))  # type: ignore[arg-type]
    a.write_text("import torch\nworse\nx = bad(1)\n")
    output = mllint(*FIX, "a.py")
    assert a.read_text() == "import torch\nworse\nx = 1\n"
    assert output.err == (
        "mllint: a.py:2: the fix for ML201 was dropped: it does not cure the finding alone\nFixed 1 finding.\n"
    )


def test_a_fix_that_breaks_the_program_is_dropped(a: Path, mllint: Run) -> None:
    a.write_text("import torch\nx = bad(broken)\n".replace("broken", "bro") + "ken = 1\n")
    mllint(*FIX, "a.py")
    assert a.read_text() == "import torch\nx = bro\nken = 1\n"


def _notebook(*cells: str) -> dict[str, object]:
    return {
        "cells": [
            {
                "cell_type": "code",
                "execution_count": 3,
                "metadata": {"tags": []},
                "outputs": [],
                "source": c.splitlines(True),
            }
            for c in cells
        ],
        "metadata": {"language_info": {"name": "python"}, "é": "ü"},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


@pytest.mark.parametrize("indent", [1, 2, None])
@pytest.mark.parametrize("ascii", [True, False])
def test_notebooks_keep_everything_else(project: Path, mllint: Run, indent: int | None, ascii: bool) -> None:
    path = project / "a.ipynb"
    before = (
        json.dumps(_notebook("import torch", "%pwd\nx = bad(1)\ny = bad(2)"), indent=indent, ensure_ascii=ascii) + "\n"
    )
    path.write_text(before, encoding="utf-8")
    mllint(*FIX, ".")
    assert path.read_text(encoding="utf-8") == before.replace("bad(1)", "1").replace("bad(2)", "2")


@pytest.mark.parametrize("layout", ["bom", "crlf", "compact"])
def test_notebooks_of_other_layouts(project: Path, mllint: Run, layout: str) -> None:
    path = project / "a.ipynb"
    separators = (",", ":") if layout == "compact" else None
    indent = None if layout == "compact" else 1
    text = json.dumps(_notebook("import torch", "x = bad(1)"), indent=indent, separators=separators) + "\n"
    before = {"bom": "\ufeff" + text, "crlf": text.replace("\n", "\r\n")}.get(layout, text).encode()
    path.write_bytes(before)
    mllint(*FIX, ".")
    assert path.read_bytes() == before.replace(b"bad(1)", b"1")


def test_a_notebook_that_would_be_laid_out_anew_is_left_alone(project: Path, mllint: Run) -> None:
    path = project / "a.ipynb"
    before = json.dumps(_notebook("import torch\nbad(1)"), indent=1).replace('"nbformat": 4', '"nbformat":   4')
    path.write_text(before)
    output = mllint(*FIX, ".")
    assert path.read_text() == before
    assert output.code == 1
    assert output.err.startswith("mllint: a.ipynb: not fixed: the notebook's JSON is laid out in a way")


def test_a_file_that_cannot_be_written(a: Path, mllint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    a.write_text("import torch\nbad(1)\n")
    monkeypatch.setattr(os, "replace", refuse)
    output = mllint(*FIX, "a.py")
    assert output.code == 2
    assert "mllint: a.py: cannot be written: Permission denied" in output.err
    assert a.read_text() == "import torch\nbad(1)\n"
    assert sorted(os.listdir(a.parent)) == [".git", "a.py"]
