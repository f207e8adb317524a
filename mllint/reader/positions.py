"""Where the nodes of a tree are in its text, as offsets. One pass of libcst's code generator that writes no code.

libcst's ``PositionProvider`` says the same as rows and columns and takes five times as long; a test holds them equal.
"""

from __future__ import annotations

from types import TracebackType

import libcst as cst
from libcst._nodes.internal import CodegenState

Span = tuple[int, int]
"""Offsets of the first character and of the first one behind."""


def positions(module: cst.Module) -> tuple[dict[cst.CSTNode, Span], dict[cst.CSTNode, cst.CSTNode]]:
    """The places of all nodes, without the white space around them, and their parents."""
    state = _Offsets(default_indent=module.default_indent, default_newline=module.default_newline)
    module._codegen(state)
    return state.spans, state.parents


class _Offsets(CodegenState):
    """Counts characters instead of writing them."""

    def __init__(self, *, default_indent: str, default_newline: str) -> None:
        super().__init__(default_indent=default_indent, default_newline=default_newline)
        self.offset = 0
        self.spans: dict[cst.CSTNode, Span] = {}
        self.parents: dict[cst.CSTNode, cst.CSTNode] = {}
        self._open: list[tuple[cst.CSTNode, int]] = []

    def add_indent_tokens(self) -> None:
        for token in self.indent_tokens:
            self.offset += len(token)

    def add_token(self, value: str) -> None:
        self.offset += len(value)

    def before_codegen(self, node: cst.CSTNode) -> None:
        if self._open:
            self.parents[node] = self._open[-1][0]
        self._open.append((node, self.offset))

    def after_codegen(self, node: cst.CSTNode) -> None:
        _, start = self._open.pop()
        if node not in self.spans:
            self.spans[node] = (start, self.offset)

    def record_syntactic_position(  # type: ignore[override]
        self, node: cst.CSTNode, *, start_node: cst.CSTNode | None = None, end_node: cst.CSTNode | None = None
    ) -> _Mark:
        return _Mark(self, node, start_node, end_node)


class _Mark:
    """Notes the offsets at which a node's own text begins and ends."""

    __slots__ = ("_first", "_last", "_node", "_start", "_state")

    def __init__(self, state: _Offsets, node: cst.CSTNode, first: cst.CSTNode | None, last: cst.CSTNode | None) -> None:
        self._state, self._node, self._first, self._last = state, node, first, last
        self._start = 0

    def __enter__(self) -> None:
        self._start = self._state.offset

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        spans = self._state.spans
        start = self._start if self._first is None else spans[self._first][0]
        end = self._state.offset if self._last is None else spans[self._last][1]
        spans[self._node] = (start, end)
