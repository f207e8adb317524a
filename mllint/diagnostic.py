"""What a run reports: findings resolved to places in the text, free of any syntax tree, picklable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "info"]
Applicability = Literal["safe", "unsafe", "display"]


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a text. ``row`` and ``column`` count from 1; columns count characters."""

    row: int
    column: int


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of text; ``end`` is the first place behind it."""

    start: Location
    end: Location


@dataclass(frozen=True, slots=True)
class TextEdit:
    """Put ``content`` where ``span`` is, in a notebook in that cell. An empty span inserts, empty content deletes."""

    span: Span
    content: str
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class ResolvedFix:
    """What to write instead. ``display`` fixes are shown, never applied; they may have no edits."""

    applicability: Applicability
    message: str
    edits: tuple[TextEdit, ...] = ()


@dataclass(frozen=True, slots=True)
class Related:
    """Evidence: another place that the finding rests on."""

    message: str
    filename: str
    span: Span
    cell: int | None = None


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding, ready to print.

    ``cell`` counts code cells of a notebook from 1 (``None`` for a Python file); rows then count inside the cell.
    ``noqa_row`` is the row on which a suppression comment for this finding belongs.
    """

    code: str
    name: str
    severity: Severity
    message: str
    filename: str
    span: Span
    fix: ResolvedFix | None = None
    related: tuple[Related, ...] = ()
    cell: int | None = None
    noqa_row: int = 0
