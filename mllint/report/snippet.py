"""Source lines for people: the excerpt that a span marks, and the lines that edits change."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import takewhile

from mllint.diagnostic import Diagnostic, Location, Span, TextEdit

TAB = "    "
MAX_WIDTH = 160
"""Longer lines are cut around what is marked."""
MAX_ROWS = 8
"""Of a longer span the middle rows are left out."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """Text that cannot command the terminal: control characters become spaces."""
    return _CONTROL.sub(" ", text.replace("\t", TAB))


def gutter(diagnostic: Diagnostic) -> int:
    """The width of the largest row number that is printed."""
    rows = [diagnostic.span.end.row, *(each.span.end.row for each in diagnostic.related)]
    if diagnostic.fix is not None:
        rows += [edit.span.end.row + edit.content.count("\n") for edit in diagnostic.fix.edits]
    return len(str(max(rows)))


def excerpt(lines: Sequence[str], span: Span, width: int) -> Iterator[str]:
    """The rows of a span, marked."""
    first, last = span.start.row, min(span.end.row, len(lines))
    if not 1 <= first <= last:
        return
    if span.end.column == 1 and last > first:
        last -= 1
    if first == last:
        line = lines[first - 1]
        end = span.end.column - 1 if span.end.row == first else len(line)
        yield from _one_row(line, span.start.column - 1, end, first, width)
    else:
        yield from _rows(lines, span, first, last, width)


def _one_row(line: str, start: int, end: int, row: int, width: int) -> Iterator[str]:
    left = _left(line, start)
    marked = line[start : min(end, left + MAX_WIDTH)]
    indent = (1 if left else 0) + _columns(line[left:start])
    yield f"{row:>{width}} | {_cut(line, start)}".rstrip()
    yield f"{'':>{width}} | {' ' * indent}{'^' * max(1, _columns(marked))}"


def _rows(lines: Sequence[str], span: Span, first: int, last: int, width: int) -> Iterator[str]:
    skipped = range(first + MAX_ROWS // 2, last - MAX_ROWS // 2 + 2) if last - first >= MAX_ROWS else range(0)
    for row in range(first, last + 1):
        if row in skipped:
            if row == skipped.start:
                yield f"{'':>{width}} | | ..."
            continue
        mark = "/" if row == first else "|"
        yield f"{row:>{width}} | {mark} {_cut(lines[row - 1])}".rstrip()
    end = span.end.column - 1 if span.end.row == last else len(lines[last - 1])
    reach = min(MAX_WIDTH, max(1, _columns(lines[last - 1][:end])))
    yield f"{'':>{width}} | |{'_' * reach}^"


def _left(line: str, at: int) -> int:
    """From where on a line is shown, so that what stands at an offset can be seen."""
    return max(0, at - MAX_WIDTH // 2) if len(line) > MAX_WIDTH else 0


def _cut(line: str, at: int = 0) -> str:
    left = _left(line, at)
    right = left + MAX_WIDTH
    return f"{'…' if left else ''}{printable(line[left:right])}{'…' if right < len(line) else ''}"


def _columns(text: str) -> int:
    """The columns that a terminal gives to the text."""
    shown = printable(text)
    if shown.isascii():
        return len(shown)
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 0 if unicodedata.combining(c) else 1 for c in shown)


def changes(lines: Sequence[str], edits: Sequence[TextEdit], width: int) -> Iterator[str]:
    """The rows that edits take away and the rows that they put in their place."""
    for group in _groups(edits):
        first = group[0].span.start.row
        last = min(max(edit.span.end.row for edit in group), len(lines))
        if not 1 <= first <= last:
            continue
        old = list(lines[first - 1 : last])
        new = _edited(old, first, group).split("\n")
        for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
            if tag != "equal":
                at = _alike(old[i1], new[j1]) if tag == "replace" else 0
                for sign, start, rows in (("-", i1, old[i1:i2]), ("+", j1, new[j1:j2])):
                    for number, line in enumerate(rows, first + start):
                        yield f"{number:>{width}} {sign} {_cut(line, at)}".rstrip()


def _alike(one: str, other: str) -> int:
    """How many characters two lines begin with in common."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _groups(edits: Sequence[TextEdit]) -> Iterator[list[TextEdit]]:
    """Edits in the order of the text, those that share a row together."""
    group: list[TextEdit] = []
    for edit in sorted(edits, key=lambda edit: edit.span):
        if group and edit.span.start.row > max(each.span.end.row for each in group):
            yield group
            group = []
        group.append(edit)
    if group:
        yield group


def _edited(rows: Sequence[str], first: int, edits: Sequence[TextEdit]) -> str:
    """The rows, the first of which has the number ``first``, after the edits."""
    text = "\n".join(rows)
    starts = [0]
    for row in rows:
        starts.append(starts[-1] + len(row) + 1)

    def offset(at: Location) -> int:
        return min(starts[min(at.row - first, len(rows))] + at.column - 1, len(text))

    for edit in reversed(edits):
        content = edit.content.replace("\r\n", "\n").replace("\r", "\n")
        text = text[: offset(edit.span.start)] + content + text[offset(edit.span.end) :]
    return text
