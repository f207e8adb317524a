"""One line a finding."""

from __future__ import annotations

import os
from collections.abc import Sequence

from mllint.diagnostic import Diagnostic
from mllint.report import Lines
from mllint.report.snippet import printable

SUMMARY_APART = False


def render(diagnostics: Sequence[Diagnostic], lines: Lines) -> str:
    """``path:line:column: ML108 [*] message``."""
    return "".join(f"{headline(each)}\n" for each in diagnostics)


def headline(diagnostic: Diagnostic) -> str:
    """The line; ``[*]`` marks a fix that consists of edits."""
    cell = "" if diagnostic.cell is None else f"cell {diagnostic.cell}:"
    at = diagnostic.span.start
    fixable = " [*]" if diagnostic.fix and diagnostic.fix.edits and diagnostic.fix.applicability != "display" else ""
    place = f"{shown(diagnostic.filename)}:{cell}{at.row}:{at.column}"
    return printable(f"{place}: {diagnostic.code}{fixable} {diagnostic.message}")


def shown(filename: str) -> str:
    """A file's name for people: from the current folder when it lies below."""
    if not os.path.isabs(filename):
        return filename
    relative = os.path.relpath(filename)
    return filename if relative.startswith("..") else relative
