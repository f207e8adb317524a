"""Walking a tree without visiting it: what libcst's own ``children`` gives, without making new nodes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any, TypeVar

import libcst as cst

N = TypeVar("N", bound=cst.CSTNode)

_LAYOUT = ("whitespace", "lpar", "rpar", "lbrace", "rbrace", "lbracket", "rbracket", "comma", "semicolon", "leading", "trailing", "header", "footer", "lines_", "equal", "colon", "dot", "operator", "indent", "first_line")  # fmt: skip
"""Beginnings of the names of fields that hold no code of their own."""
_FIELDS: dict[type, tuple[str, ...]] = {}


def _code_fields(kind: type[Any]) -> tuple[str, ...]:
    found = _FIELDS.get(kind)
    if found is None:
        names = (each.name for each in fields(kind))
        found = _FIELDS[kind] = tuple(name for name in names if not name.startswith(_LAYOUT))
    return found


def children(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """The pieces of code directly inside of another, in the order of its fields."""
    for name in _code_fields(type(node)):
        value = getattr(node, name)
        if isinstance(value, cst.CSTNode):
            yield value
        elif isinstance(value, (list, tuple)):
            for each in value:
                if isinstance(each, cst.CSTNode):
                    yield each


def walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A piece of code and everything inside of it, from the outside in."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        waiting.extend(reversed(list(children(each))))


def statements(block: cst.BaseSuite | cst.Module) -> Iterator[cst.CSTNode]:
    """All statements in a block and in the blocks inside of it, but those of functions and classes."""
    for statement in block.body:
        if isinstance(statement, (cst.SimpleStatementLine, cst.SimpleStatementSuite)):
            yield from statement.body
            continue
        yield statement
        if not isinstance(statement, (cst.FunctionDef, cst.ClassDef)):
            for inner in _blocks(statement):
                yield from statements(inner)


def _blocks(statement: Any) -> Iterator[cst.BaseSuite]:
    body = getattr(statement, "body", None)
    if isinstance(body, cst.BaseSuite):
        yield body
    for each in (
        getattr(statement, "orelse", None),
        getattr(statement, "finalbody", None),
        *getattr(statement, "handlers", ()),
        *getattr(statement, "cases", ()),
    ):
        if each is not None:
            yield from _blocks(each)


def of(node: cst.CSTNode, kind: type[N]) -> Iterator[N]:
    """All pieces of code of a kind inside of another, itself included."""
    return (each for each in walk(node) if isinstance(each, kind))


def path_to(root: cst.CSTNode, node: cst.CSTNode) -> list[cst.CSTNode]:
    """The nodes from one to another inside of it, both included; empty where it is not inside."""
    if root is node:
        return [root]
    for child in children(root):
        found = path_to(child, node)
        if found:
            return [root, *found]
    return []
