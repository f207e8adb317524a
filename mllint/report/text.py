"""The format for people: each finding with its source lines, its evidence and what to write instead."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mllint.diagnostic import Diagnostic, Related, ResolvedFix
from mllint.report import Lines
from mllint.report.concise import headline, shown
from mllint.report.snippet import changes, excerpt, gutter, printable

SUMMARY_APART = False


def render(diagnostics: Sequence[Diagnostic], lines: Lines) -> str:
    """The findings, an empty line after each."""
    return "".join(f"{line}\n" for each in diagnostics for line in (*_finding(each, lines), ""))


def _finding(diagnostic: Diagnostic, lines: Lines) -> Iterator[str]:
    source = lines(diagnostic.filename, diagnostic.cell)
    width = gutter(diagnostic)
    yield headline(diagnostic)
    yield from excerpt(source, diagnostic.span, width)
    for related in diagnostic.related:
        yield printable(f"because: {related.message}{_elsewhere(related, diagnostic)}")
        yield from excerpt(lines(related.filename, related.cell), related.span, width)
    if diagnostic.fix is not None:
        yield from _fix(diagnostic, diagnostic.fix, lines, width)


def _elsewhere(related: Related, diagnostic: Diagnostic) -> str:
    """Where evidence is, when it is not where the finding is."""
    file = shown(related.filename) if related.filename != diagnostic.filename else ""
    cell = f"cell {related.cell}" if related.cell is not None and related.cell != diagnostic.cell else ""
    place = ", ".join(each for each in (file, cell) if each)
    return f" ({place})" if place else ""


def _fix(diagnostic: Diagnostic, fix: ResolvedFix, lines: Lines, width: int) -> Iterator[str]:
    label = "hint" if fix.applicability == "display" else "fix"
    # Said because an unsafe fix is one that the user must want.
    suffix = " (unsafe: changes what is trained or reported)" if fix.applicability == "unsafe" else ""
    yield printable(f"{label}: {fix.message}{suffix}")
    for cell in dict.fromkeys(edit.cell for edit in fix.edits):
        edits = [edit for edit in fix.edits if edit.cell == cell]
        yield from changes(lines(diagnostic.filename, cell), edits, width)
