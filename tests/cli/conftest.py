"""A small engine in the place of the real one, so that what is tested here is the command around it.

The program is the text. ML108 reports every ``bad(...)`` call and offers to unwrap it, ML113 reports every ``odd`` and
only hints, ML205 is opt-in and reports ``rare``, ML301 raises where it meets ``crash``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from mllint import rule
from mllint.cli import main
from mllint.diagnostic import Location, Span, TextEdit


class SyntaxProblem(Exception):
    def __init__(self, message: str, row: int, column: int) -> None:
        super().__init__(message)
        self.message, self.row, self.column = message, row, column


@dataclass
class Program:
    text: str
    versions: Mapping[str, str]
    assumed: tuple[()] = ()


class Resolver:
    """Sites are pairs of offsets."""

    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")

    def span(self, site: Any) -> Span:
        return Span(self._location(site[0]), self._location(site[1]))

    def _location(self, offset: int) -> Location:
        before = self.text[:offset]
        return Location(before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)

    def statement_row(self, site: Any) -> int:
        """Statements of the small engine begin with a word at the margin."""
        starts = [found.start() for found in re.finditer(r"^\w", self.text, re.MULTILINE)]
        return self._location(max(start for start in starts if start <= site[0])).row

    def edits(self, fix: rule.Fix) -> tuple[TextEdit, ...]:
        return tuple(TextEdit(self.span(edit.site), edit.text) for edit in fix.edits)  # type: ignore[union-attr]


class SourceFile:
    def __init__(self, text: str) -> None:
        self.name, self.text, self.resolver = "", text, Resolver(text)


class Reading:
    def __init__(self, program: Program) -> None:
        self.program = program
        self._file = SourceFile(program.text)

    def home(self, site: Any) -> SourceFile:
        return self._file

    def is_own(self, file: SourceFile) -> bool:
        return file is self._file


def read(text: str, versions: Mapping[str, str] | None = None, around: Any = None) -> Reading:
    if "unreadable" in text:
        raise RecursionError("maximum recursion depth exceeded")
    if "broken" in text:
        row = text[: text.index("broken")].count("\n") + 1
        raise SyntaxProblem("it is broken", row, 3)
    return Reading(Program(text.replace("\r\n", "\n"), versions or {}))


def bad_call(program: Any) -> Iterator[rule.Finding]:
    for found in re.finditer(r"bad\(([^()]*)\)", program.text):
        made = re.search(r"made", program.text)
        yield rule.Finding(
            found.span(),  # type: ignore[arg-type]
            f"`bad` of `{' '.join(found[1].split())}`",
            because=[rule.Note(made.span(), "made here")] if made else [],  # type: ignore[arg-type]
            fix=rule.unsafe("take `bad` away", rule.Replace(found.span(), found[1])),  # type: ignore[arg-type]
        )


def odd_word(program: Any) -> Iterator[rule.Finding]:
    for found in [*re.finditer("odd", program.text)] * 2:
        version = program.versions.get("keras", "the newest")
        yield rule.Finding(found.span(), f"odd in Keras {version}", fix=rule.hint("even is better"))  # type: ignore[arg-type]


def rare_word(program: Any) -> Iterator[rule.Finding]:
    for found in re.finditer("rare", program.text):
        yield rule.Finding(found.span(), "rare")  # type: ignore[arg-type]


def crashing(program: Any) -> Iterator[rule.Finding]:
    if "crash" in program.text:
        raise KeyError("no such key")
    yield from ()


RULES = {
    entry.code: entry
    for entry in (
        rule.Rule("ML108", "bad-call", "error", "loss", bad_call),
        rule.Rule("ML113", "odd-word", "warning", "loss", odd_word),
        rule.Rule("ML205", "rare-word", "info", "labels", rare_word, default=False),
        rule.Rule("ML301", "crashing", "error", "data", crashing),
        rule.Rule("ML900", "syntax-error", "error", "linter", None),
        rule.Rule("ML902", "unknown-rule-in-config-or-comment", "warning", "linter", None),
        rule.Rule("ML903", "unreadable-file", "error", "linter", None),
    )
}


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small engine."""
    module = ModuleType("mllint.reader")
    module.read, module.SyntaxProblem = read, SyntaxProblem  # type: ignore[attr-defined]
    module.Surroundings, module.Trees = lambda *around: around, SimpleNamespace  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "mllint.reader", module)
    monkeypatch.setattr(rule, "rules", lambda: RULES)


@dataclass
class Output:
    """What a run of the command gave; the seconds in it are replaced, so that it can be compared whole."""

    code: int
    out: str
    err: str


Run = Callable[..., Output]


@pytest.fixture
def mllint() -> Run:
    """Runs the command in process."""

    def run(*arguments: str, input: bytes | str | None = None) -> Output:
        result = CliRunner().invoke(main, arguments, input=input, prog_name="mllint")
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        out, err = (re.sub(r"\d+\.\d\d s\b", "0.00 s", text) for text in (result.stdout, result.stderr))
        return Output(result.exit_code, out, err)

    return run
