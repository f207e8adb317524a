"""What each format prints, whole. To renew the golden files: ``MLLINT_GOLDEN=write pytest tests/cli``, then read them."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from mllint.diagnostic import Location, Span, TextEdit
from mllint.report.snippet import changes, excerpt, printable
from tests.cli.conftest import Run

GOLDEN = Path(__file__).parent / "golden"

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture
def program(project: Path) -> Path:
    path = project / "program.py"
    path.write_bytes((GOLDEN / "program.txt").read_bytes())
    return path


def golden(name: str, output: str) -> None:
    path = GOLDEN / name
    if os.environ.get("MLLINT_GOLDEN") == "write":
        path.write_text(output, encoding="utf-8")
    assert output == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("format", ["full", "concise"])
def test_text(program: Path, mllint: Run, format: str) -> None:
    done = mllint("check", "--output-format", format, "program.py")
    assert (done.code, done.err) == (1, "")
    golden(f"{format}.txt", done.out)


def test_full_is_the_default(program: Path, mllint: Run) -> None:
    assert mllint("check").out == mllint("check", "--output-format", "full").out


def test_json(program: Path, mllint: Run) -> None:
    done = mllint("check", "--output-format", "json", "program.py")
    assert done.code == 1
    assert done.err == "Found 6 findings (5 errors, 1 warning) in 1 file in 0.00 s.\n"
    golden("json.json", done.out.replace(str(program.parent), "FOLDER"))


def test_json_has_the_keys_of_ruff(program: Path, mllint: Run) -> None:
    for finding in json.loads(mllint("check", "--output-format", "json").out):
        assert set(finding) == {
            "cell", "code", "end_location", "filename", "fix", "location", "message", "name", "noqa_row", "related",
            "severity", "url",
        }  # fmt: skip
        assert Path(finding["filename"]) == program


def test_json_edits_are_right(program: Path, mllint: Run) -> None:
    """Applied as they are written, from the last to the first, they do what the fix says."""
    lines = program.read_text(encoding="utf-8").split("\n")

    def offset(place: dict[str, int]) -> int:
        return sum(len(line) + 1 for line in lines[: place["row"] - 1]) + place["column"] - 1

    findings: list[dict[str, Any]] = json.loads(mllint("check", "--output-format", "json").out)
    edits = [edit for finding in findings for edit in (finding["fix"] or {"edits": []})["edits"]]
    text = "\n".join(lines)
    for edit in reversed(edits):
        text = text[: offset(edit["location"])] + edit["content"] + text[offset(edit["end_location"]) :]
    assert text == re.sub(r"bad\(([^()]*)\)", r"\1", "\n".join(lines))


def test_json_of_nothing(project: Path, mllint: Run) -> None:
    (project / "a.py").write_text("x = 1\n")
    done = mllint("check", "--output-format", "json")
    assert (done.code, json.loads(done.out), done.err) == (0, [], "No findings in 1 file in 0.00 s.\n")


def test_names_are_shown_from_the_current_folder(project: Path, mllint: Run) -> None:
    (project / "a.py").write_text("import keras\nodd\n")
    done = mllint("check", "--output-format", "concise", str(project))
    assert done.out.startswith("a.py:2:1: ML113 odd")


def _marked(line: str, start: int, end: int) -> list[str]:
    return list(excerpt([line], Span(Location(1, start), Location(1, end)), 1))


def test_marks_stand_under_what_they_mark() -> None:
    assert _marked("\tx = y", 6, 7) == ["1 |     x = y", "  |         ^"]
    assert _marked("x = y", 3, 3) == ["1 | x = y", "  |   ^"]
    assert _marked("\fx = y", 2, 3) == ["1 |  x = y", "  |  ^"]


def test_places_outside_of_the_text_show_nothing() -> None:
    assert list(excerpt([], Span(Location(1, 1), Location(1, 1)), 1)) == []
    assert list(excerpt(["x"], Span(Location(3, 1), Location(3, 1)), 1)) == []


def test_source_cannot_command_the_terminal() -> None:
    assert printable("a\x1b[31mb\x07\x9bc\u202ed") == "a [31mb  c d"


def _edit(row: int, column: int, end_row: int, end_column: int, content: str) -> TextEdit:
    return TextEdit(Span(Location(row, column), Location(end_row, end_column)), content)


@pytest.mark.parametrize(
    ("edits", "shown"),
    [
        ([_edit(2, 1, 2, 1, "new\n")], ["2 + new"]),
        ([_edit(2, 1, 3, 1, "")], ["2 - two"]),
        ([_edit(1, 1, 1, 4, "ONE"), _edit(1, 4, 1, 4, "!")], ["1 - one", "1 + ONE!"]),
        ([_edit(3, 1, 3, 6, "THREE"), _edit(1, 1, 1, 4, "ONE")], ["1 - one", "1 + ONE", "3 - three", "3 + THREE"]),
        ([_edit(3, 6, 3, 6, "\r\nfour")], ["4 + four"]),
        ([], []),
    ],
)
def test_changed_lines(edits: list[TextEdit], shown: list[str]) -> None:
    assert list(changes(["one", "two", "three"], edits, 1)) == shown


def test_golden_json_is_pure_ascii() -> None:
    """It is read by programs that may not share the terminal's encoding."""
    assert (GOLDEN / "json.json").read_bytes().isascii()
