"""One file's journey from bytes to findings."""

from __future__ import annotations

import ast
import gc
import traceback
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mllint import files, rule, screen, suppress
from mllint.diagnostic import Diagnostic, Location, Related, ResolvedFix, Span, TextEdit
from mllint.files import Source
from mllint.notebook import Cells
from mllint.settings import unknown_message

if TYPE_CHECKING:
    from mllint.facts import Site
    from mllint.project import Project
    from mllint.reader import Reading, SourceFile


@dataclass(slots=True)
class Outcome:
    """What came of linting one file."""

    diagnostics: list[Diagnostic] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)
    """Mistakes of mllint itself, for people; whatever else could be checked was."""


@dataclass(frozen=True, slots=True)
class Job:
    """One program to lint."""

    filename: str
    """What findings call it."""
    read: Callable[[], Source]
    """Gives the program or raises ``Unreadable``."""
    codes: frozenset[str]
    """The rules that are on."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """The frameworks' versions, as far as they are given."""
    file: str = ""
    """Its absolute path; empty for a program that is in no file."""
    project: Project | None = None
    """Where the modules are that it imports; None: they are not read."""
    data: bytes | None = None
    """Its bytes, where they do not come from the file."""


def lint(job: Job) -> Outcome:
    """Lint one program: read it, let every selected rule judge it, drop what comments silence, sort by place."""
    from mllint.reader import SyntaxProblem

    outcome = Outcome()
    source = Source("")
    try:
        with _collector_paused():
            source = job.read()
            for each in source.problems:
                message = f"not valid Python: {each.message}"
                outcome.diagnostics += own_finding(job, "ML900", message, each.row, each.column, cells=source.cells)
            comments = suppress.comments(source.text)
            outcome.diagnostics += _unknown_rules(comments, job, source)
            reading = _read(source.text, job)
            if reading is not None:
                _judge(reading, comments, job, source, outcome)
    except files.Broken as problem:
        outcome.diagnostics += own_finding(job, "ML900", problem.message, problem.row, problem.column)
    except files.Unreadable as problem:
        place = (problem.row, problem.column)
        outcome.diagnostics += own_finding(job, "ML903", problem.message, *place, cells=source.cells)
    except SyntaxProblem as problem:
        message = f"not valid Python: {problem.message}"
        outcome.diagnostics += own_finding(job, "ML900", message, problem.row, problem.column, cells=source.cells)
    except Exception as error:
        outcome.crashes.append(f"{job.filename}: mllint could not read this file: {_explained(error)}")
    outcome.diagnostics.sort(key=_order)
    return outcome


def _order(diagnostic: Diagnostic) -> tuple[Any, ...]:
    return Path(diagnostic.filename).parts, diagnostic.cell or 0, diagnostic.span, diagnostic.code


def _read(text: str, job: Job) -> Reading | None:
    """What the program trains; None when the text cannot matter to any rule, having made sure that it is Python.

    Raises: SyntaxProblem, Unreadable.
    """
    if not screen.may_matter(text) and _python_says(text) is None:
        return None
    return understand(text, job.versions, job.file, job.project)


def understand(text: str, versions: Mapping[str, str], file: str = "", project: Project | None = None) -> Reading:
    """What a program trains.

    Raises: SyntaxProblem, Unreadable.
    """
    from mllint.reader import Surroundings, SyntaxProblem, read

    place = screen.nested_too_deeply(text)
    if place is not None:
        raise SyntaxProblem(f"more than {screen.MAX_NESTING} brackets inside each other", *place)
    try:
        return read(text, versions, Surroundings(file, project.modules, project.trees) if project else None)
    except SyntaxProblem as problem:
        # Python itself knows best what is wrong, if it agrees that something is.
        error = _python_says(text)
        if error is None:
            message = "the parser of mllint does not know this syntax yet: the file is not checked"
            raise files.Unreadable(message, problem.row, problem.column) from problem
        if isinstance(error, SyntaxError) and error.lineno:
            raise SyntaxProblem(error.msg, error.lineno, max(1, error.offset or 1)) from problem
        raise


def _python_says(text: str) -> Exception | None:
    """Why the running Python cannot parse it. That is not the last word: the program may be for a newer one."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(text)
    except Exception as error:
        return error
    return None


def _judge(
    reading: Reading, comments: tuple[suppress.Comment, ...], job: Job, source: Source, outcome: Outcome
) -> None:
    """Run the selected rules. A rule that crashes takes only its own findings with it."""
    judge = _Judge(reading, comments, job, source.cells)
    for code in sorted(job.codes):
        by = rule.rules()[code]
        try:
            outcome.diagnostics += judge.findings(by)
        except Exception as error:
            outcome.crashes.append(f"{job.filename}: {by.code} ({by.name}) crashed: {_explained(error)}")


class _Judge:
    """What the rules find in one program, in its own file and in the modules that it uses."""

    def __init__(self, reading: Reading, comments: tuple[suppress.Comment, ...], job: Job, cells: Cells | None) -> None:
        self._reading = reading
        self._cells = cells
        self._job = job
        self._own = comments
        self._homes: dict[Site, SourceFile] = {}

    def findings(self, by: rule.Rule) -> Iterator[Diagnostic]:
        """What one rule finds: once for each place, and not where a comment silences it."""
        seen: set[tuple[SourceFile, Span]] = set()
        for finding in by.check(self._reading.program) if by.check else ():
            home = self._home(finding.site)
            span = home.resolver.span(finding.site)
            if (home, span) not in seen and self._is_wanted(finding, by, home, span):
                yield self._resolved(finding, by, home, span)
            seen.add((home, span))

    def _home(self, site: Site) -> SourceFile:
        if site not in self._homes:
            self._homes[site] = self._reading.home(site)
        return self._homes[site]

    def _is_wanted(self, finding: rule.Finding, by: rule.Rule, home: SourceFile, span: Span) -> bool:
        rows = {span.start.row, home.resolver.statement_row(finding.site)}
        own = self._reading.is_own(home)
        if not own and not self._concerns(finding, by, home):
            return False
        comments = self._own if own else suppress.comments(home.text)
        return not any(comment.silences(by, rows) for comment in comments)

    def _concerns(self, finding: rule.Finding, by: rule.Rule, home: SourceFile) -> bool:
        """Whether a finding in a module is this program's to tell: the module, read alone, does not show it."""
        project = self._job.project
        if project is None or by.code not in project.codes(home.name):
            return False
        return project.is_linted(home.name) or any(self._home(note.site) is not home for note in finding.because)

    def _resolved(self, finding: rule.Finding, by: rule.Rule, home: SourceFile, span: Span) -> Diagnostic:
        cell, place = self._place(home, span)
        return Diagnostic(
            code=by.code,
            name=by.name,
            severity=finding.severity or by.severity,
            message=finding.message,
            filename=self._name(home),
            span=place,
            fix=None if finding.fix is None else self._fix(finding.fix, home),
            related=tuple(self._related(note) for note in (*finding.because, *self._options(finding))),
            cell=cell,
            noqa_row=place.start.row,
        )

    def _place(self, home: SourceFile, span: Span) -> tuple[int | None, Span]:
        """The cell that a span of a notebook is in, and its place inside the cell."""
        return (None, span) if self._cells is None or not self._reading.is_own(home) else self._cells.place(span)

    def _options(self, finding: rule.Finding) -> Iterator[rule.Note]:
        """The options whose defaults a finding rests on: whoever runs the program can set them otherwise."""
        assumed = self._reading.program.assumed
        if assumed:
            sites = (finding.site, *(note.site for note in finding.because))
            found = (each for site in sites for each in self._home(site).resolver.assumed(site, assumed))
            for option in dict.fromkeys(found):
                yield rule.Note(option, "decided by this default, which can be set otherwise")

    def _related(self, note: rule.Note) -> Related:
        home = self._home(note.site)
        cell, span = self._place(home, home.resolver.span(note.site))
        return Related(note.message, self._name(home), span, cell)

    def _fix(self, fix: rule.Fix, home: SourceFile) -> ResolvedFix:
        """A fix with its edits, when all of them are in the finding's file."""
        inside = all(self._home(site) is home for edit in fix.edits for site in rule.sites(edit))
        edits = home.resolver.edits(fix) if inside else ()
        return ResolvedFix(fix.applicability, fix.message, tuple(self._edit(home, each) for each in edits))

    def _edit(self, home: SourceFile, edit: TextEdit) -> TextEdit:
        cell, span = self._place(home, edit.span)
        return TextEdit(span, edit.content, cell)

    def _name(self, home: SourceFile) -> str:
        project = self._job.project
        return self._job.filename if project is None or self._reading.is_own(home) else project.name(home.name)


def gathered(outcomes: Iterable[Outcome]) -> list[Diagnostic]:
    """The findings of all programs by file and place; what several programs show of one module, once."""
    found: dict[tuple[Any, ...], Diagnostic] = {}
    for outcome in outcomes:
        for each in outcome.diagnostics:
            found.setdefault(_order(each), each)
    return sorted(found.values(), key=_order)


def _unknown_rules(comments: tuple[suppress.Comment, ...], job: Job, source: Source) -> Iterator[Diagnostic]:
    """Names in comments that are no rule's."""
    for named in suppress.unknown(comments):
        message = unknown_message(named.text)
        yield from own_finding(job, "ML902", message, named.row, named.column, len(named.text), source.cells)


def own_finding(
    job: Job, code: str, message: str, row: int, column: int, width: int = 0, cells: Cells | None = None
) -> list[Diagnostic]:
    """What the linter says about its own work, unless that is refused."""
    if code not in job.codes:
        return []
    entry = rule.rules()[code]
    span = Span(Location(row, column), Location(row, column + width))
    cell, span = (None, span) if cells is None else cells.place(span)
    return [
        Diagnostic(code, entry.name, entry.severity, message, job.filename, span, cell=cell, noqa_row=span.start.row)
    ]


def _explained(error: Exception) -> str:
    """What went wrong and where, in one line."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
    what = "the code is nested too deeply" if isinstance(error, RecursionError) else f"{type(error).__name__}: {error}"
    return what + where


@contextmanager
def _collector_paused() -> Iterator[None]:
    """The objects of a syntax tree are many and all alive: collector passes over them cost a third and free nothing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
