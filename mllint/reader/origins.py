"""How an expression that was not understood came about, for people: the call that made it, and where that is from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import libcst as cst

from mllint.facts import Site
from mllint.reader.modules import SourceFile
from mllint.reader.resolver import Resolver
from mllint.reader.walk import children

_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Origin:
    """``name`` is made by ``made_by``, in this row; ``module`` is where that is imported from."""

    name: str
    made_by: str
    row: int
    module: str | None
    local: bool
    """Whether it is written in this file."""


class Origins:
    """The assignments and imports of one file."""

    def __init__(self, file: SourceFile) -> None:
        self._file = file

    @property
    def _resolver(self) -> Resolver:
        return self._file.resolver

    @cached_property
    def _nodes(self) -> list[cst.CSTNode]:
        found: list[cst.CSTNode] = [self._file.module]
        for node in found:
            found.extend(children(node))
        return found

    @cached_property
    def _assigned(self) -> dict[str, list[tuple[int, cst.BaseExpression]]]:
        """Names and dotted names with what is assigned to them, row by row."""
        found: dict[str, list[tuple[int, cst.BaseExpression]]] = {}
        for node in self._nodes:
            pairs: list[tuple[cst.CSTNode, cst.BaseExpression]] = []
            if isinstance(node, cst.Assign):
                pairs = [(target.target, node.value) for target in node.targets]
            elif isinstance(node, (cst.For, cst.CompFor)):
                pairs = [(node.target, _unwrapped(node.iter))]
            for target, value in pairs:
                for name in _names(target):
                    found.setdefault(name, []).append((self._resolver.row(value), value))
        return {name: sorted(each, key=lambda pair: pair[0]) for name, each in found.items()}

    @cached_property
    def _imported(self) -> dict[str, str]:
        """What import statements bind, and the module each is from."""
        found: dict[str, str] = {}
        for node in self._nodes:
            if isinstance(node, cst.Import):
                for each in node.names:
                    found[each.evaluated_alias or each.evaluated_name.partition(".")[0]] = each.evaluated_name
            elif isinstance(node, cst.ImportFrom) and not isinstance(node.names, cst.ImportStar):
                module = "." * len(node.relative) + (_dotted(node.module) or "" if node.module is not None else "")
                for each in node.names:
                    found[each.evaluated_alias or each.evaluated_name] = module
        return found

    @cached_property
    def _defined(self) -> set[str]:
        return {node.name.value for node in self._nodes if isinstance(node, (cst.FunctionDef, cst.ClassDef))}

    def of(self, site: Site | None) -> list[Origin]:
        """How the expression at a site came about, nearest first."""
        node: Any = site
        return (
            [] if node is None or not self._resolver.has(node) else list(self._trail(node, self._resolver.row(node), 0))
        )

    def receiver(self, site: Site) -> list[Origin]:
        """How the object came about whose method a call is."""
        node: Any = site
        func = node.func if isinstance(node, cst.Call) else None
        return self.of(cast("Site", func.value)) if isinstance(func, cst.Attribute) else []

    def argument(self, site: Site | None) -> list[Origin]:
        """How the first argument of a call came about."""
        node: Any = site
        return self.of(cast("Site", node.args[0].value)) if isinstance(node, cst.Call) and node.args else []

    def scope(self, site: Site) -> tuple[Site, str] | None:
        """The class, else the function, that a site is written in, with its name."""
        found: tuple[Site, str] | None = None
        for node in self._resolver.parents(site):
            if isinstance(node, cst.ClassDef):
                return cast("Site", node), node.name.value
            if isinstance(node, cst.FunctionDef):
                found = cast("Site", node), node.name.value
        return found

    def _trail(self, node: cst.BaseExpression, row: int, depth: int) -> Iterator[Origin]:
        if depth > _DEPTH:
            return
        if isinstance(node, cst.Call):
            called = _dotted(node.func)
            if called is None:
                return
            yield self._origin(self._resolver.text(node), called, row)
            root = called.partition(".")[0]
            if root not in self._imported and root not in self._defined:
                yield from self._assigned_to(called, row, depth) or self._assigned_to(
                    called.rpartition(".")[0], row, depth
                )
            return
        name = _dotted(node)
        if name is not None:
            yield from self._assigned_to(name, row, depth)

    def _assigned_to(self, name: str, row: int, depth: int) -> list[Origin]:
        places = self._assigned.get(name, [])
        before = [place for place in places if place[0] <= row] or places
        if not before:
            return []
        at, value = before[-1]
        if not isinstance(value, cst.Call):
            return list(self._trail(value, at, depth + 1)) if _dotted(value) not in (None, name) else []
        called = _dotted(value.func) or "a call"
        rest = list(self._trail(value, at if at < row else at - 1, depth + 1))[1:]
        return [self._origin(name, called, at), *rest]

    def _origin(self, name: str, called: str, row: int) -> Origin:
        root = called.partition(".")[0]
        return Origin(name, called, row, self._imported.get(root), root in self._defined)


_AROUND = ("enumerate", "tqdm", "tqdm.tqdm", "list", "iter", "next", "zip")


def _unwrapped(node: cst.BaseExpression) -> cst.BaseExpression:
    """What ``enumerate(tqdm(loader))`` goes through."""
    while isinstance(node, cst.Call) and node.args and _dotted(node.func) in _AROUND:
        node = node.args[0].value
    return node


def _names(target: cst.CSTNode) -> Iterator[str]:
    """The names and dotted names that an assignment binds."""
    if isinstance(target, (cst.Tuple, cst.List)):
        for element in target.elements:
            yield from _names(element.value)
    else:
        name = _dotted(target)
        if name is not None:
            yield name


def _dotted(node: cst.CSTNode | None) -> str | None:
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    return ".".join([node.value, *reversed(parts)]) if isinstance(node, cst.Name) else None
