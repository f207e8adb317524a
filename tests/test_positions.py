"""The reader's own positions against libcst's."""

from __future__ import annotations

from pathlib import Path

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider

from mllint.reader.positions import positions

SOURCES = sorted(Path(__file__).parents[1].glob("mllint/**/*.py"))
ODD = "# c\r\nclass A(B,\r\n        c=1):\r\n\t@d\r\n\tdef f(self, *, x: int = (1)): # e\r\n\t\treturn ( x\n +1 ) ; y = [i async for i in\tz]\r\n"


@pytest.mark.parametrize("text", [ODD, "", "x", *(path.read_text(encoding="utf-8") for path in SOURCES[:20])])
def test_same_as_libcst(text: str) -> None:
    module = cst.parse_module(text)
    spans, parents = positions(module)
    starts = [0]
    starts.extend(index + 1 for index, c in enumerate(text) if c == "\n")
    starts.append(len(text) + 1)
    expected = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)
    for node, place in expected.items():
        if node is not module:
            assert spans[node] == tuple(starts[at.line - 1] + at.column for at in (place.start, place.end)), node
    assert all(child in parent.children for child, parent in parents.items())
