"""Whole notebooks, and what mllint says about them.

``name.expected`` beside ``name.ipynb`` lists every finding, one a line::

    3:2: ML302 because 2:1

that is code cell and row in it, the code, then as far as they matter the places that the evidence must name.
"""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path

import pytest

from mllint import files
from mllint.lint import Job, lint
from tests.pages import codes

FOLDER = Path(__file__).parent / "notebooks"
_LINE = re.compile(r"(?P<place>\d+:\d+): (?P<code>ML\d{3})(?: because (?P<because>\d+:\d+(?:, \d+:\d+)*))?")


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebook(path: Path) -> None:
    lines = path.with_suffix(".expected").read_text(encoding="utf-8").splitlines()
    wanted = [_LINE.fullmatch(line.strip()) for line in lines if line.strip()]
    assert None not in wanted, "a line of the expectations is not understood"
    outcome = lint(Job(path.name, partial(files.source, path), codes(line["code"] for line in wanted if line)))
    assert not outcome.crashes
    shown = "\n".join(f"{each.cell}:{each.span.start.row}: {each.code} {each.message}" for each in outcome.diagnostics)
    found = [(f"{each.cell}:{each.span.start.row}", each.code) for each in outcome.diagnostics]
    assert found == [(line["place"], line["code"]) for line in wanted if line], shown
    for each, line in zip(outcome.diagnostics, wanted, strict=True):
        because = {f"{note.cell}:{note.span.start.row}" for note in each.related}
        asked = set((line["because"] or "").split(", ")) - {""} if line else set()
        assert asked <= because, because
