"""A list of objects with the keys of ruff's JSON, so that tools which read that read this."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from typing import Any

from mllint.diagnostic import Diagnostic, Location, Related, ResolvedFix, Span, TextEdit
from mllint.report import Lines

SUMMARY_APART = True


def render(diagnostics: Sequence[Diagnostic], lines: Lines) -> str:
    """The list."""
    return json.dumps([_diagnostic(each) for each in diagnostics], indent=2) + "\n"


def _diagnostic(diagnostic: Diagnostic) -> dict[str, Any]:
    return {
        "cell": diagnostic.cell,
        "code": diagnostic.code,
        **_places(diagnostic.span),
        "filename": _full(diagnostic.filename),
        "fix": diagnostic.fix and _fix(diagnostic.fix),
        "message": diagnostic.message,
        "name": diagnostic.name,
        "noqa_row": diagnostic.noqa_row or None,
        "related": [_related(each) for each in diagnostic.related],
        "severity": diagnostic.severity,
        "url": None,
    }


def _fix(fix: ResolvedFix) -> dict[str, Any]:
    return {
        "applicability": fix.applicability,
        "edits": [_edit(edit) for edit in fix.edits],
        "message": fix.message,
    }


def _edit(edit: TextEdit) -> dict[str, Any]:
    cell = {} if edit.cell is None else {"cell": edit.cell}
    return {**cell, "content": edit.content, **_places(edit.span)}


def _related(related: Related) -> dict[str, Any]:
    return {
        "cell": related.cell,
        **_places(related.span),
        "filename": _full(related.filename),
        "message": related.message,
    }


def _places(span: Span) -> dict[str, Any]:
    return {"end_location": _location(span.end), "location": _location(span.start)}


def _location(location: Location) -> dict[str, int]:
    return {"column": location.column, "row": location.row}


def _full(filename: str) -> str:
    return filename if filename == "-" else os.path.abspath(filename)
