"""Fixes, each verified before it is kept: the program parses, the finding is gone, and no new one has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from difflib import unified_diff
from functools import partial
from pathlib import Path

from mllint import files
from mllint.diagnostic import Applicability, Diagnostic, TextEdit
from mllint.document import CannotEdit, Document, document
from mllint.lint import Job, Outcome, lint

MAX_ROUNDS = 10
"""Overlapping fixes, and those that others make possible, wait for the next round."""


@dataclass(slots=True)
class Fixed:
    """What became of one file."""

    outcome: Outcome
    """What is found in it afterwards."""
    data: bytes | None = None
    """Its new content; None when nothing changed."""
    applied: Counter[str] = field(default_factory=Counter)
    """Fixes by the code of their rule."""
    dropped: list[str] = field(default_factory=list)
    """Fixes that did not do what they promise, for people."""


def fix(job: Job, allowed: frozenset[Applicability]) -> Fixed:
    """Apply the allowed fixes of a program until none is left. Writes nothing."""
    result = Fixed(lint(job))
    path = Path(job.file or job.filename)
    fixer = _Fixer(job, path, allowed, result)
    if fixer.wanted():
        try:
            fixer.run(document(path, path.read_bytes() if job.data is None else job.data))
        except (CannotEdit, OSError, ValueError, SyntaxError) as problem:
            result.dropped.append(f"{job.filename}: not fixed: {problem}")
    return result


class _Fixer:
    """Applies the fixes of one file."""

    def __init__(self, job: Job, path: Path, allowed: frozenset[Applicability], result: Fixed) -> None:
        self._job = job
        self._path = path
        self._allowed = allowed
        self._result = result
        self._refused: set[tuple[str, str]] = set()

    def run(self, content: Document) -> None:
        """Raises: CannotEdit."""
        rounds = 0
        while rounds < MAX_ROUNDS and (wanted := self.wanted()):
            after = self._tried(content, wanted)
            for each in wanted if after is None and len(wanted) > 1 else ():  # which of them is it?
                after = self._tried(content, [each])
                if after is not None:
                    break
                self._refuse(each)
            if after is None and len(wanted) == 1:
                self._refuse(wanted[0])
            if after is not None:
                content = after
                rounds += 1

    def wanted(self) -> list[Diagnostic]:
        """The findings with a fix to apply now: none of their edits overlap."""
        chosen: list[Diagnostic] = []
        edits: set[TextEdit] = set()
        for each in self._result.outcome.diagnostics:
            if self._is_allowed(each) and each.fix is not None:
                new = set(each.fix.edits) - edits
                if not any(_overlap(one, other) for one in new for other in edits):
                    chosen.append(each)
                    edits |= new
        return chosen

    def _is_allowed(self, finding: Diagnostic) -> bool:
        fix = finding.fix
        if fix is None or not fix.edits or fix.applicability not in self._allowed:
            return False
        return finding.filename == self._job.filename and (finding.code, finding.message) not in self._refused

    def _tried(self, content: Document, batch: list[Diagnostic]) -> Document | None:
        """The document with these fixes, if each does what it promises."""
        edits = {edit for each in batch if each.fix is not None for edit in each.fix.edits}
        after = content.edited(edits)
        data = after.encoded()
        outcome = lint(replace(self._job, read=partial(files.source, self._path, data)))
        before = Counter(each.code for each in self._result.outcome.diagnostics)
        before.subtract(each.code for each in batch)
        now = Counter(each.code for each in outcome.diagnostics)
        if outcome.crashes or any(count > before[code] for code, count in now.items()):
            return None
        self._result.outcome, self._result.data = outcome, data
        self._result.applied.update(each.code for each in batch)
        return after

    def _refuse(self, finding: Diagnostic) -> None:
        self._refused.add((finding.code, finding.message))
        place = f"{finding.filename}:{finding.span.start.row}"
        self._result.dropped.append(
            f"{place}: the fix for {finding.code} was dropped: it does not cure the finding alone"
        )


def difference(job: Job, fixed: Fixed) -> Iterator[str]:
    """What a fix changes, as a unified diff; of a notebook cell by cell."""
    if fixed.data is None:
        return
    before, after = job.read(), files.source(Path(job.file or job.filename), fixed.data)
    cells = [None] if before.cells is None else range(1, len(before.cells.starts) + 1)
    for cell in cells:
        name = job.filename if cell is None else f"{job.filename}:cell {cell}"
        for line in unified_diff(_ended(before.lines(cell)), _ended(after.lines(cell)), name, name):
            yield line.removesuffix("\n")
            if not line.endswith("\n") and cell is None:
                yield "\\ No newline at end of file"


def _ended(lines: Sequence[str]) -> list[str]:
    """The lines with their ends; the last has none where the text does not end with one."""
    ended = [f"{line}\n" for line in lines[:-1]]
    return [*ended, lines[-1]] if lines and lines[-1] else ended


def _overlap(one: TextEdit, other: TextEdit) -> bool:
    if one.cell != other.cell:
        return False
    return one.span.start <= other.span.end and other.span.start <= one.span.end
