"""The format for people: each finding with its source lines, its evidence and what to write instead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mllint.diagnostic import Diagnostic, ResolvedFix
from mllint.report import Lines
from mllint.report.concise import headline, shown
from mllint.report.snippet import changes, excerpt, gutter, printable

SUMMARY_APART = False


def render(diagnostics: Sequence[Diagnostic], lines: Lines) -> str:
    """The findings, an empty line after each."""
    return "".join(f"{line}\n" for each in diagnostics for line in (*_finding(each, lines), ""))


def _finding(diagnostic: Diagnostic, lines: Lines) -> Iterator[str]:
    source = lines(diagnostic.filename)
    width = gutter(diagnostic)
    yield headline(diagnostic)
    yield from excerpt(source, diagnostic.span, width)
    for related in diagnostic.related:
        elsewhere = "" if related.filename == diagnostic.filename else f" ({shown(related.filename)})"
        yield printable(f"because: {related.message}{elsewhere}")
        yield from excerpt(lines(related.filename), related.span, width)
    if diagnostic.fix is not None:
        yield from _fix(diagnostic.fix, source, width)


def _fix(fix: ResolvedFix, source: Sequence[str], width: int) -> Iterator[str]:
    label = "hint" if fix.applicability == "display" else "fix"
    # Said because an unsafe fix is one that the user must want.
    suffix = " (unsafe: changes what is trained or reported)" if fix.applicability == "unsafe" else ""
    yield printable(f"{label}: {fix.message}{suffix}")
    yield from changes(source, fix.edits, width)
