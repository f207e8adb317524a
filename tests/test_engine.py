"""The reader's understanding of Python, shown in ``tests/engine/*.md``: ``reveal(x)  # revealed: …``.

A call of the unbound name ``reveal`` records the value of its argument. A line that is read several times with different
values reveals all of them, in order, divided by `` ; ``; a line that is never read is marked ``# never read``. The
possibilities of one value are divided by `` | ``; they have no order.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mllint.book import fences
from mllint.reader import read

FOLDER = Path(__file__).parent / "engine"
_WANTED = re.compile(r"# (?:revealed: (?P<text>.*?)|(?P<never>never read))\s*$")


def _cases() -> Iterator[object]:
    for path in sorted(FOLDER.glob("*.md")):
        for fence in fences(path.read_text(encoding="utf-8")):
            if fence.language == "python":
                yield pytest.param(fence.text, fence.versions, id=f"{path.stem}:{fence.row}")


def _wanted(text: str) -> dict[int, str]:
    found: dict[int, str] = {}
    for row, line in enumerate(text.splitlines(), 1):
        marker = _WANTED.search(line)
        if marker is not None and not marker["never"]:
            found[row] = _in_order(marker["text"])
        else:
            assert marker is not None or "reveal(" not in line, f"no expectation: {line}"
    return found


def _revealed(text: str, versions: dict[str, str]) -> dict[int, str]:
    reading = read(text, versions)
    resolver = reading.resolver()
    found: dict[int, list[str]] = {}
    for site, value in reading.program.reveals:
        seen = found.setdefault(resolver.row(site), [])
        if value not in seen:
            seen.append(value)
    return {row: _in_order(" ; ".join(values)) for row, values in sorted(found.items())}


def _in_order(text: str) -> str:
    return " ; ".join(" | ".join(sorted(value.split(" | "))) for value in text.split(" ; "))


@pytest.mark.parametrize(("text", "versions"), list(_cases()))
def test_revealed(text: str, versions: dict[str, str]) -> None:
    assert _revealed(text, versions) == _wanted(text)
