"""`mllint check`: arguments, exit status, and files as the world has them."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mllint import lint as journey
from tests.cli.conftest import RULES, Run

BAD = "import keras\nbad(1)\n"
FOUND = "a.py:2:1: ML108 [*] `bad` of `1`\nFound 1 finding (1 error) in 1 file in 0.00 s.\n"

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture
def a(project: Path) -> Path:
    path = project / "a.py"
    path.write_text(BAD)
    return path


def concise(mllint: Run, *arguments: str) -> str:
    return mllint("check", "--output-format", "concise", *arguments).out


def codes(mllint: Run, *arguments: str) -> list[str]:
    found = json.loads(mllint("check", "--output-format", "json", *arguments).out)
    return [each["code"] for each in found]


def test_exit_status(a: Path, mllint: Run) -> None:
    assert mllint("check", "a.py").code == 1
    assert mllint("check", "--exit-zero", "a.py").code == 0
    assert mllint("check", "--no-cache", "a.py").code == 1
    a.write_text("import keras\n")
    done = mllint("check", "a.py")
    assert (done.code, done.out, done.err) == (0, "No findings in 1 file in 0.00 s.\n", "")


def test_missing_path(a: Path, mllint: Run) -> None:
    done = mllint("check", "a.py", "nowhere.py")
    assert (done.code, done.out, done.err) == (2, "", "mllint: nowhere.py: no such file or folder\n")


def test_nothing_to_lint(project: Path, mllint: Run) -> None:
    done = mllint("check")
    assert done.code == 0
    assert done.err == "mllint: no Python files or notebooks under the given paths\n"


@pytest.mark.parametrize("arguments", [["--output-format", "xml"], ["--nonsense"]])
def test_bad_option(a: Path, mllint: Run, arguments: list[str]) -> None:
    done = mllint("check", *arguments)
    assert (done.code, done.out) == (2, "")
    assert arguments[-1] in done.err


def test_version(mllint: Run) -> None:
    from mllint import __version__

    assert mllint("--version").out == f"mllint {__version__}\n"


# Standard input


def test_stdin(project: Path, mllint: Run) -> None:
    done = mllint("check", "--output-format", "concise", "-", input=BAD)
    assert (done.code, done.out) == (1, FOUND.replace("a.py", "-"))


def test_stdin_with_a_name(project: Path, mllint: Run) -> None:
    (project / "pyproject.toml").write_text("[tool.mllint]\nper-file-ignores = {'sub/*' = ['ML108']}\n")
    call = ("check", "--output-format", "concise", "-", "--stdin-filename")
    assert mllint(*call, "a.py", input=BAD).out == FOUND
    assert mllint(*call, "sub/a.py", input=BAD).code == 0


def test_stdin_shows_its_lines(project: Path, mllint: Run) -> None:
    assert "2 | bad(1)\n  | ^^^^^^\n" in mllint("check", "-", input=BAD).out
    (project / "a.py").write_text("what is on the disk is another text\n")
    assert "2 | bad(1)\n" in mllint("check", "-", "--stdin-filename", "a.py", input=BAD).out


def test_stdin_in_json(project: Path, mllint: Run) -> None:
    done = mllint("check", "--output-format", "json", "-", "--stdin-filename", "a.py", input=BAD)
    assert json.loads(done.out)[0]["filename"] == str(project / "a.py")
    done = mllint("check", "--output-format", "json", "-", input=BAD)
    assert json.loads(done.out)[0]["filename"] == "-"


def test_stdin_stands_alone(a: Path, mllint: Run) -> None:
    assert mllint("check", "-", "a.py", input=BAD).code == 2
    assert mllint("check", "a.py", "--stdin-filename", "b.py").code == 2


def test_stdin_that_is_no_text(project: Path, mllint: Run) -> None:
    done = mllint("check", "--output-format", "concise", "-", input=b"x = '\xe9'\n")
    assert done.code == 1
    assert done.out.startswith("-:1:6: ML903 is not valid utf-8: byte 0xe9; ")


# Selection of rules

ALL = "import keras\nbad(1)\nodd\nrare\n"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ["ML108", "ML113"]),
        (["--select", "ML108"], ["ML108"]),
        (["--select", "ml108"], ["ML108"]),
        (["--select", "bad-call"], ["ML108"]),
        (["--select", "ML1"], ["ML108", "ML113"]),
        (["--select", "ML2"], ["ML205"]),
        (["--select", "ML108,ML205"], ["ML108", "ML205"]),
        (["--select", "ML108, rare-word"], ["ML108", "ML205"]),
        (["--select", "ML108", "--select", "ML205"], ["ML108", "ML205"]),
        (["--select", "ALL"], ["ML108", "ML113", "ML205"]),
        (["--extend-select", "ML205"], ["ML108", "ML113", "ML205"]),
        (["--ignore", "ML108"], ["ML113"]),
        (["--ignore", "odd-word"], ["ML108"]),
        (["--ignore", "ML1"], []),
        (["--ignore", "ALL"], []),
        (["--select", "ML1", "--ignore", "ML108"], ["ML113"]),
        (["--select", "ML108", "--ignore", "ML1"], ["ML108"]),
        (["--select", "ML108", "--ignore", "ML108"], []),
        (["--select", "ALL", "--ignore", "ML2"], ["ML108", "ML113"]),
    ],
)
def test_selection(a: Path, mllint: Run, arguments: list[str], expected: list[str]) -> None:
    a.write_text(ALL)
    assert codes(mllint, *arguments) == expected


@pytest.mark.parametrize(
    ("selector", "says"),
    [
        ("ML109", "`ML109` names no rule"),
        ("MLL108", "`MLL108` names no rule; did you mean `ML108`?"),
        ("113", "`113` names no rule; did you mean `ML113`?"),
        ("bad_call", "`bad_call` names no rule; did you mean `bad-call`?"),
        ("quite-something-else", "`quite-something-else` names no rule"),
        ("M", "`M` names no rule"),
    ],
)
@pytest.mark.parametrize("option", ["--select", "--ignore", "--extend-select"])
def test_unknown_selector(a: Path, mllint: Run, option: str, selector: str, says: str) -> None:
    done = mllint("check", option, f"ML108,{selector}")
    assert (done.code, done.out, done.err) == (2, "", f"mllint: {option}: {says}\n")


def test_the_linter_speaks_about_itself_whatever_is_selected(a: Path, mllint: Run) -> None:
    a.write_text("import keras\nbroken)")
    assert codes(mllint, "--select", "ML108") == ["ML900"]
    assert codes(mllint, "--select", "ML108", "--ignore", "ML900") == []


# Files as the world has them


def test_empty_file(a: Path, mllint: Run) -> None:
    a.write_bytes(b"")
    assert mllint("check", "a.py").code == 0


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfimport keras\nbad(1)\n",
        b"import keras\r\nbad(1)\r\n",
        b"import keras  # \xe9\nbad(1)\n".replace(b"import", b"# coding: latin-1\nimport", 1),
        b"\x0cimport keras\n\x0c\nbad(1)",
        "import keras, 'ünïcödé \u2028 \x85'\nbad(1)\n".encode(),
    ],
    ids=["bom", "crlf", "latin-1", "form feed", "unicode line separators"],
)
def test_text_in_any_form(a: Path, mllint: Run, data: bytes) -> None:
    a.write_bytes(data)
    row = 3 if b"coding" in data or b"\x0c" in data else 2
    done = mllint("check", "a.py")
    assert f"a.py:{row}:1: ML108" in done.out
    assert f"{row} | bad(1)\n  | ^^^^^^\n" in done.out
    assert done.code == 1


@pytest.mark.parametrize(
    ("data", "place", "says"),
    [
        (b"import keras\nx = '\xe9'\n", "2:6", "is not valid utf-8: byte 0xe9"),
        (b"\xef\xbb\xbfx = '\xe9'\n", "1:6", "is not valid utf-8: byte 0xe9"),
        (b"# coding: ascii\nx = '\xe9'\n", "2:6", "is not valid ascii: byte 0xe9"),
        (b"# coding: nonsense\n", "1:1", "declares an encoding that does not exist: nonsense"),
        (b"x = 1\ny = \0\n", "2:5", "holds a NUL byte: not Python source but a binary file"),
        ("x = 1\n".encode("utf-16"), "1:4", "holds a NUL byte: not Python source but UTF-16 text"),
    ],
)
def test_unreadable(a: Path, mllint: Run, data: bytes, place: str, says: str) -> None:
    a.write_bytes(data)
    done = mllint("check", "--output-format", "concise", "a.py")
    assert done.out.startswith(f"a.py:{place}: ML903 {says}")
    assert done.code == 1
    assert mllint("check", "a.py").code == 1


def test_file_that_may_not_be_read(a: Path, mllint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert concise(mllint, "a.py").startswith("a.py:1:1: ML903 cannot be read: Permission denied\n")


def test_syntax_that_only_python_knows(a: Path, mllint: Run) -> None:
    a.write_text("import keras\nbroken\n")
    assert mllint("check", "--output-format", "concise", "a.py").out == (
        "a.py:2:3: ML903 the parser of mllint does not know this syntax yet: the file is not checked\n"
        "Found 1 finding (1 error) in 1 file in 0.00 s.\n"
    )


def test_syntax_error(a: Path, mllint: Run) -> None:
    a.write_text("import keras\nbroken)\n")
    assert mllint("check", "a.py").out == (
        "a.py:2:7: ML900 not valid Python: unmatched ')'\n2 | broken)\n  |       ^\n\n"
        "Found 1 finding (1 error) in 1 file in 0.00 s.\n"
    )


def test_syntax_error_in_a_file_that_no_rule_needs(a: Path, mllint: Run) -> None:
    """The running Python parses it first, because that is fast; the parser has the last word."""
    a.write_text("x = (broken\n")
    assert concise(mllint, "a.py").startswith("a.py:1:5: ML900 not valid Python: '(' was never closed\n")
    a.write_text("x = broken\n")
    assert mllint("check", "a.py").code == 0
    a.write_text("newer syntax\n")
    assert mllint("check", "a.py").code == 0


def test_warnings_of_the_parser_stay_inside(a: Path, mllint: Run, recwarn: pytest.WarningsRecorder) -> None:
    a.write_text("x = '\\d'\ny = 1 is 1\n")
    assert mllint("check", "a.py").code == 0
    assert not recwarn.list


@pytest.mark.parametrize("bracket", ["()", "[]", "{}"])
def test_nesting_beyond_what_python_takes(a: Path, mllint: Run, bracket: str) -> None:
    a.write_text(f"import keras\nx = {bracket[0] * 201}{bracket[1] * 201}\n")
    assert concise(mllint, "a.py").startswith("a.py:2:205: ML900 not valid Python: more than 200 brackets")
    a.write_text(f"import keras\nx = {bracket[0] * 200}{bracket[1] * 200}\nbad(1)\n")
    assert codes(mllint, "a.py") == ["ML108"]


def test_brackets_in_strings_are_not_nested(a: Path, mllint: Run) -> None:
    brackets = "(" * 300
    a.write_text(f"import keras\nx = '{brackets}'  # {brackets}\ny = '''\n{brackets}'''\nbad(1)\n")
    assert codes(mllint, "a.py") == ["ML108"]
    a.write_text(f"import keras\ny = '''\n{brackets}'''\n{brackets}\nbad(1)\n")
    assert concise(mllint, "a.py").startswith("a.py:4:201: ML900")


# Crashes


def test_crash_in_a_rule(a: Path, mllint: Run) -> None:
    """The other rules and the other files are still checked; the run counts as one that could not be done."""
    a.write_text("import keras  # crash\nbad(1)\n")
    (a.parent / "b.py").write_text("import keras\nodd\n")
    done = mllint("check", "--output-format", "concise", "--exit-zero")
    assert done.code == 2
    assert done.out == (
        "a.py:2:1: ML108 [*] `bad` of `1`\nb.py:2:1: ML113 odd in Keras the newest\n"
        "Found 2 findings (1 error, 1 warning) in 2 files in 0.00 s.\n"
    )
    assert done.err.startswith("mllint: a.py: ML301 (crashing) crashed: KeyError: 'no such key' (")
    assert "b.py" not in done.err


def test_code_nested_too_deeply_for_the_reader(a: Path, mllint: Run) -> None:
    (a.parent / "b.py").write_text("import keras\nunreadable\n")
    done = mllint("check", "--output-format", "concise")
    assert (done.code, done.out) == (2, FOUND.replace("1 file ", "2 files "))
    assert done.err.startswith("mllint: b.py: mllint could not read this file: the code is nested too deeply")


def test_crash_of_the_command(a: Path, mllint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's exit status for it is 1, which would say that something was found."""

    def crash(job: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(journey, "lint", crash)
    done = mllint("check")
    assert done.code == 2
    assert "ZeroDivisionError" in done.err


def test_the_collector_is_as_it_was(a: Path, mllint: Run) -> None:
    assert gc.isenabled()
    mllint("check")
    assert gc.isenabled()
    gc.disable()
    try:
        mllint("check")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_the_collector_pauses(a: Path, mllint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    check = RULES["ML108"].check

    def watching(program: object) -> object:
        seen.append(gc.isenabled())
        return check(program)  # type: ignore[misc, arg-type]

    entry = type(RULES["ML108"])("ML108", "bad-call", "error", "loss", watching)  # type: ignore[arg-type]
    monkeypatch.setitem(RULES, "ML108", entry)
    assert codes(mllint) == ["ML108"]
    assert seen == [False]


# The command in a process of its own


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(Path(journey.__file__).parents[1]), **environment},
        check=False,
    )


def test_help_does_not_load_the_engine() -> None:
    code = "import sys, mllint.cli; print([m for m in ('libcst', 'pathspec', 'mllint.reader', 'mllint.rule') if m in sys.modules])"
    assert run("-c", code).stdout == "[]\n"


@pytest.mark.parametrize("encoding", ["ascii", "utf-8", "latin-1"])
def test_what_the_terminal_cannot_show(project: Path, encoding: str) -> None:
    """A file name that is no text, and source that the terminal has no letters for."""
    name = os.fsdecode(b"\xff.py")
    try:
        (project / name).write_text("日本 = (\n", encoding="utf-8")
    except OSError:
        pytest.skip("the file system takes text only")
    done = run("-m", "mllint", "check", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert ".py:1:6: ML900 not valid Python: " in done.stdout, done.stderr
    assert (done.returncode, done.stderr) == (1, "")


def test_progress_is_for_terminals(a: Path, mllint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from mllint import cli

    monkeypatch.setattr(cli, "PATIENCE", -1.0)
    monkeypatch.setattr(cli, "INTERVAL", -1.0)
    assert mllint("check").err == ""
    monkeypatch.setattr(cli, "_on_terminal", lambda: True)
    # The colour of the test's terminal is none: codes that clear the line are taken out.
    assert mllint("check").err == "\rmllint: 0 of 1 files\r"
