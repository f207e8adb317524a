"""One file's journey from bytes to findings."""

from __future__ import annotations

import ast
import functools
import gc
import traceback
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from mllint import files, rule, screen, suppress
from mllint.diagnostic import Diagnostic, Location, Related, ResolvedFix, Span
from mllint.settings import unknown_message

if TYPE_CHECKING:
    from mllint.reader import Reading, Resolver


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
    read: Callable[[], str]
    """Gives its text or raises ``Unreadable``."""
    codes: frozenset[str]
    """The rules that are on."""
    versions: Mapping[str, str] = field(default_factory=dict)
    """The frameworks' versions, as far as they are given."""


def lint(job: Job) -> Outcome:
    """Lint one program: read it, let every selected rule judge it, drop what comments silence, sort by place."""
    from mllint.reader import SyntaxProblem

    outcome = Outcome()
    try:
        with _collector_paused():
            text = job.read()
            comments = suppress.comments(text)
            outcome.diagnostics += _unknown_rules(comments, job)
            reading = _read(text, job.versions)
            if reading is not None:
                _judge(reading, comments, job, outcome)
    except files.Unreadable as problem:
        outcome.diagnostics += own_finding(job, "ML903", problem.message, problem.row, problem.column)
    except SyntaxProblem as problem:
        message = f"not valid Python: {problem.message}"
        outcome.diagnostics += own_finding(job, "ML900", message, problem.row, problem.column)
    except Exception as error:
        outcome.crashes.append(f"{job.filename}: mllint could not read this file: {_explained(error)}")
    outcome.diagnostics.sort(key=lambda each: (each.span, each.code))
    return outcome


def _read(text: str, versions: Mapping[str, str]) -> Reading | None:
    """What the program trains; None when the text cannot matter to any rule, having made sure that it is Python.

    Raises: SyntaxProblem, Unreadable.
    """
    if not screen.may_matter(text) and _python_says(text) is None:
        return None
    return understand(text, versions)


def understand(text: str, versions: Mapping[str, str]) -> Reading:
    """What a program trains.

    Raises: SyntaxProblem, Unreadable.
    """
    from mllint.reader import SyntaxProblem, read

    place = screen.nested_too_deeply(text)
    if place is not None:
        raise SyntaxProblem(f"more than {screen.MAX_NESTING} brackets inside each other", *place)
    try:
        return read(text, versions)
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


def _judge(reading: Reading, comments: tuple[suppress.Comment, ...], job: Job, outcome: Outcome) -> None:
    """Run the selected rules. A rule that crashes takes only its own findings with it."""
    resolver = functools.cache(reading.resolver)
    for code in sorted(job.codes):
        by = rule.rules()[code]
        try:
            outcome.diagnostics += _findings(by, reading, resolver, comments, job.filename)
        except Exception as error:
            outcome.crashes.append(f"{job.filename}: {by.code} ({by.name}) crashed: {_explained(error)}")


def _findings(
    by: rule.Rule,
    reading: Reading,
    resolver: Callable[[], Resolver],
    comments: tuple[suppress.Comment, ...],
    filename: str,
) -> Iterator[Diagnostic]:
    """What one rule finds: once for each place, and not where a comment silences it."""
    seen: set[Span] = set()
    for finding in by.check(reading.program) if by.check else ():
        span = resolver().span(finding.site)
        rows = {span.start.row, resolver().statement_row(finding.site)}
        if span not in seen and not any(comment.silences(by, rows) for comment in comments):
            yield _resolved(finding, by, span, resolver(), filename)
        seen.add(span)


def _resolved(finding: rule.Finding, by: rule.Rule, span: Span, resolver: Resolver, filename: str) -> Diagnostic:
    fix = finding.fix
    return Diagnostic(
        code=by.code,
        name=by.name,
        severity=finding.severity or by.severity,
        message=finding.message,
        filename=filename,
        span=span,
        fix=None if fix is None else ResolvedFix(fix.applicability, fix.message, resolver.edits(fix)),
        related=tuple(Related(note.message, filename, resolver.span(note.site)) for note in finding.because),
        noqa_row=span.start.row,
    )


def _unknown_rules(comments: tuple[suppress.Comment, ...], job: Job) -> Iterator[Diagnostic]:
    """Names in comments that are no rule's."""
    for named in suppress.unknown(comments):
        yield from own_finding(job, "ML902", unknown_message(named.text), named.row, named.column, len(named.text))


def own_finding(job: Job, code: str, message: str, row: int, column: int, width: int = 0) -> list[Diagnostic]:
    """What the linter says about its own work, unless that is refused."""
    if code not in job.codes:
        return []
    entry = rule.rules()[code]
    span = Span(Location(row, column), Location(row, column + width))
    return [Diagnostic(code, entry.name, entry.severity, message, job.filename, span, noqa_row=row)]


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
