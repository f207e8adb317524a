"""How findings are printed: one module a format."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

from mllint.diagnostic import Diagnostic

FORMATS = {"full": "text", "concise": "concise", "json": "json"}
"""Each format's module in this package."""

Lines = Callable[[str, "int | None"], Sequence[str]]
"""The lines of a file by the name that findings call it, of a notebook those of one cell; empty when they cannot be read."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a run did."""

    diagnostics: tuple[Diagnostic, ...]
    files: int
    seconds: float


class Report(Protocol):
    """A format."""

    SUMMARY_APART: bool
    """Whether the summary line must not mix with the report."""

    def render(self, diagnostics: Sequence[Diagnostic], lines: Lines) -> str:
        """The findings in this format, ending in a newline unless empty."""


def report(format: str) -> Report:
    """The report of a format's name."""
    return cast("Report", importlib.import_module(f"{__name__}.{FORMATS[format]}"))


def summary(run: Run) -> str:
    """One line about the run."""
    files = f"{run.files} {_plural('file', run.files)} in {run.seconds:.2f} s"
    if not run.diagnostics:
        return f"No findings in {files}."
    counts = {
        severity: sum(each.severity == severity for each in run.diagnostics)
        for severity in ("error", "warning", "info")
    }
    parts = ", ".join(
        f"{count} {severity if severity == 'info' else _plural(severity, count)}"
        for severity, count in counts.items()
        if count
    )
    total = len(run.diagnostics)
    return f"Found {total} {_plural('finding', total)} ({parts}) in {files}."


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
