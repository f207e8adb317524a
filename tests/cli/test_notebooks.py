"""Jupyter notebooks: cells in order, what only IPython understands, places inside cells."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from mllint import notebook
from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("engine")


def _notebook(*cells: str, language: str = "python", **more: Any) -> str:
    code = [
        {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": source.splitlines(True)}
        for source in cells
    ]
    text = {"cell_type": "markdown", "metadata": {}, "source": ["bad(text) is no code"]}
    metadata = {"language_info": {"name": language}}
    return json.dumps({"cells": [text, *code], "metadata": metadata, "nbformat": 4, "nbformat_minor": 5, **more})


def _found(mllint: Run, content: str) -> list[tuple[int | None, int, int, str]]:
    """Cell, row, column and code of every finding."""
    output = mllint("check", "--output-format", "json", "--stdin-filename", "a.ipynb", "-", input=content)
    return [(e["cell"], e["location"]["row"], e["location"]["column"], e["code"]) for e in json.loads(output.out)]


def test_rows_count_inside_code_cells(mllint: Run) -> None:
    content = _notebook("import torch", "", "x = 1\ny = bad(x)\n", "bad(1)")
    assert _found(mllint, content) == [(3, 2, 5, "ML108"), (4, 1, 1, "ML108")]


def test_a_file_is_shown_as_it_is_written(project: Path, mllint: Run) -> None:
    (project / "a.ipynb").write_text(_notebook("import torch\nmade = 1", "%matplotlib inline\nx = bad(\n  made)"))
    assert mllint("check", "a.ipynb").out == (
        "a.ipynb:cell 2:2:5: ML108 [*] `bad` of `made`\n"
        "2 | / x = bad(\n"
        "3 | |   made)\n"
        "  | |_______^\n"
        "because: made here (cell 1)\n"
        "2 | made = 1\n"
        "  | ^^^^\n"
        "fix: take `bad` away (unsafe: changes what is trained or reported)\n"
        "2 - x = bad(\n"
        "3 -   made)\n"
        "2 + x =\n"
        "3 +   made\n"
        "\n"
        "Found 1 finding (1 error) in 1 file in 0.00 s.\n"
    ).replace("2 |   x = bad(", "2 | / x = bad(").replace("2 + x =\n", "2 + x =\n")


def test_a_cell_that_is_indented_as_a_whole(mllint: Run) -> None:
    content = _notebook("import torch", "  x = 1\n\n  y = bad(x)", "  x = 1\ny = bad(x)")
    assert _found(mllint, content) == [(2, 3, 7, "ML108"), (3, 1, 2, "ML900")]


def test_concise_names_the_cell(project: Path, mllint: Run) -> None:
    (project / "a.ipynb").write_text(_notebook("import torch\nbad(1)"))
    assert mllint("check", "--output-format", "concise", ".").out.startswith("a.ipynb:cell 1:2:1: ML108 [*] ")


def test_a_cell_that_is_no_python_is_a_finding_and_the_others_are_read(mllint: Run) -> None:
    content = _notebook("import torch\nbad(1)", "print 'old'", "bad(2)")
    assert _found(mllint, content) == [(1, 2, 1, "ML108"), (2, 1, 1, "ML900"), (3, 1, 1, "ML108")]


@pytest.mark.parametrize(
    "content", ["", "[]", "{", '{"cells": 1}', '"text"', '{"cells": [1, {"cell_type": 2}], "x": }']
)
def test_what_is_no_notebook(mllint: Run, content: str) -> None:
    ((cell, row, _, code),) = _found(mllint, content)
    assert (cell, row, code) == (None, 1, "ML900")


@pytest.mark.parametrize("language", ["R", "julia", "scala"])
def test_another_language(mllint: Run, language: str) -> None:
    assert _found(mllint, _notebook("x <- bad(1) torch", language=language)) == []


def test_worksheets_of_old_notebooks(mllint: Run) -> None:
    cell = {"cell_type": "code", "language": "python", "input": ["import torch\n", "bad(1)"], "outputs": []}
    content = json.dumps({"metadata": {"name": ""}, "nbformat": 3, "worksheets": [{"cells": [cell]}]})
    assert _found(mllint, content) == [(1, 2, 1, "ML108")]


def test_comments_silence_inside_their_cell(mllint: Run) -> None:
    content = _notebook("import torch\nbad(1)  # noqa: ML108", "bad(2)", "bad(3)  # mllint: ignore[bad-call] wanted")
    assert _found(mllint, content) == [(2, 1, 1, "ML108")]


def test_edits_are_inside_cells(mllint: Run) -> None:
    output = mllint(
        "check",
        "--output-format",
        "json",
        "--stdin-filename",
        "a.ipynb",
        "-",
        input=_notebook("import torch", "bad(1)"),
    )
    (edit,) = json.loads(output.out)[0]["fix"]["edits"]
    assert (edit["cell"], edit["location"], edit["end_location"]) == (
        2,
        {"column": 1, "row": 1},
        {"column": 7, "row": 1},
    )


@pytest.mark.parametrize(
    ("source", "python"),
    [
        ("%matplotlib inline\nx = 1", "pass\nx = 1"),
        ("!pip install a \\\n  b\nx = 1", "pass\n\nx = 1"),
        ("if x:\n    !ls\n    y = 1", "if x:\n    pass\n    y = 1"),
        ("files = !ls *.csv\nx = files", "files = ...\nx = files"),
        ("where = %pwd", "where = ..."),
        ("pd.read_csv?\nx = 1", "pass\nx = 1"),
        ("?len", "pass"),
        ("pip install torch\nx = 1", "pass\nx = 1"),
        ("%time model.fit(x)", "if 1: model.fit(x)"),
        ("%timeit -n 10 -r 3 model.fit(x)", "if 1:              model.fit(x)"),
        ("%timeit -r1 for x in y: pass", "for x in y: pass"),
        ("%%time\nmodel.fit(x)", "\nmodel.fit(x)"),
        ("\n%%bash\nrm -r x", "\n\n"),
        ("%%writefile model.py\nx = 1", "\n"),
        ("x = (a\n  % b)\n!ls", "x = (a\n  % b)\npass"),
        ('x = """\n%s ?\n!no\n"""\n%pwd', 'x = """\n%s ?\n!no\n"""\npass'),
        ("x = '(' # [\n!ls", "x = '(' # [\npass"),
        ("await f()", "await f()"),
        ("x = 10 % 3", "x = 10 % 3"),
    ],
)
def test_what_only_ipython_understands(source: str, python: str) -> None:
    content = notebook.read(_notebook(source))
    assert not content.problems
    assert content.text == python + "\n"
    assert content.written == source + "\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "1:1: ML900 not a notebook: the file is empty"),
        (b"{}", "1:1: ML900 not a notebook: it has no list of `cells`"),
        (b'{"cells": [\n', "2:1: ML900 not a notebook: Expecting value"),
        (b'{"cells": "\xe9"}', "1:12: ML903 is not valid UTF-8: byte 0xe9"),
        (b'{"cells": [], "a": ' + b"9" * 6000 + b', "b": NaN}', ""),
    ],
)
def test_odd_notebooks(project: Path, mllint: Run, content: bytes, message: str) -> None:
    (project / "a.ipynb").write_bytes(content)
    output = mllint("check", "--output-format", "concise", "a.ipynb")
    assert output.out.startswith(f"a.ipynb:{message}\n" if message else "No findings")
    assert (output.code, output.err) == (1 if message else 0, "")
