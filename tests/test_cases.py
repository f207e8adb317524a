"""Whole programs, as their authors wrote them, and what mllint says about them.

``name.expected`` beside ``name.py`` lists every finding, one a line::

    versions: keras=2.2.4               a block for these framework versions; without one, the newest
    27: ML102 error because 24 says per-label

that is row and code, then as far as they matter the severity, rows that the evidence must name, and words of the message.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.pages import Found, lint

FOLDER = Path(__file__).parent / "cases"
_LINE = re.compile(
    r"(?P<row>\d+): (?P<code>ML\d{3})(?: (?P<severity>error|warning|info))?"
    r"(?: because (?P<because>\d+(?:, \d+)*))?(?: says (?P<says>.+))?"
)


@dataclass(frozen=True, slots=True)
class Expectation:
    """One line of an ``.expected`` file."""

    row: int
    code: str
    severity: str | None
    because: frozenset[int]
    says: str

    def fits(self, found: Found) -> bool:
        return (
            (found.row, found.code) == (self.row, self.code)
            and self.severity in (None, found.severity)
            and self.because <= found.because
            and self.says in found.message
        )


def _blocks(text: str) -> Iterator[tuple[dict[str, str], list[Expectation]]]:
    versions: dict[str, str] = {}
    block: list[Expectation] = []
    started = False
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        if line.startswith("versions:"):
            if started:
                yield versions, block
            pairs = (pair.strip().partition("=") for pair in line.partition(":")[2].split(","))
            versions = {package: version for package, _, version in pairs if package != "newest"}
            block, started = [], True
            continue
        found = _LINE.fullmatch(line.strip())
        assert found is not None, f"not understood: {line}"
        because = frozenset(int(row) for row in (found["because"] or "").split(",") if row)
        block.append(Expectation(int(found["row"]), found["code"], found["severity"], because, found["says"] or ""))
    yield versions, block


def _cases() -> Iterator[object]:
    for path in sorted(FOLDER.glob("*.py")):
        for versions, block in _blocks(path.with_suffix(".expected").read_text(encoding="utf-8")):
            shown = ",".join(f"{package}={version}" for package, version in versions.items())
            yield pytest.param(path, versions, block, id=f"{path.stem}[{shown or 'newest'}]")


@pytest.mark.parametrize(("path", "versions", "wanted"), list(_cases()))
def test_case(path: Path, versions: dict[str, str], wanted: list[Expectation]) -> None:
    found = lint(path.read_text(encoding="utf-8"), versions, {each.code for each in wanted})
    shown = "\n".join(map(str, found))
    assert [(each.row, each.code) for each in found] == [(each.row, each.code) for each in wanted], shown
    for expectation, each in zip(wanted, found, strict=True):
        assert expectation.fits(each), f"{each}, not {expectation}"


def test_every_expectation_has_its_program() -> None:
    assert {path.stem for path in FOLDER.glob("*.expected")} == {path.stem for path in FOLDER.glob("*.py")}
