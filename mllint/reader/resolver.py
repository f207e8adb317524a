"""From sites to places in the text, and from fixes to edits. Costs a pass over the tree."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias, cast

import libcst as cst

from mllint import rule
from mllint.diagnostic import Location, Span, TextEdit
from mllint.facts import Site
from mllint.reader.positions import positions

Place: TypeAlias = Site | cst.CSTNode

_TIGHT = (cst.Name, cst.Attribute, cst.Call, cst.Subscript, cst.List, cst.Tuple, cst.Dict, cst.ListComp)
"""Expressions that a method call can follow without parentheses."""
_NEWLINE = re.compile(r"\r\n|\n|\r")


class Resolver:
    """Places of one file's sites."""

    def __init__(self, module: cst.Module, text: str) -> None:
        self._spans, self._parents = positions(module)
        self._starts = [0, *(match.end() for match in _NEWLINE.finditer(text))]
        self._text = text
        self._module = module

    def has(self, place: Place) -> bool:
        """Whether the site is in this file."""
        return place in self._spans

    def span(self, place: Place) -> Span:
        """The stretch of text of a site: of a definition its name, of another compound statement its head."""
        node: Any = place
        if node not in self._spans:
            return Span(Location(1, 1), Location(1, 1))
        if isinstance(node, (cst.FunctionDef, cst.ClassDef)):
            node = node.name
        start, end = self._spans[node]
        if isinstance(node, cst.For):
            end = self._spans[node.iter][1]
        elif isinstance(node, (cst.While, cst.If)):
            end = self._spans[node.test][1]
        elif isinstance(node, (cst.With, cst.Try)):
            end = self._spans[node.body][0]
        return Span(self._location(start), self._location(end))

    def row(self, place: Place) -> int:
        """The first row of a site."""
        return self.span(place).start.row

    def statement_row(self, site: Site) -> int:
        """The first row of the statement that holds a site."""
        statement = self._statement(site)
        return self.row(site if statement is None else statement)

    def text(self, place: Place) -> str:
        """The source of a site."""
        return self._between(self.span(place))

    def edits(self, fix: rule.Fix) -> tuple[TextEdit, ...]:
        """The text edits of a fix; none when one of its places cannot be edited."""
        found: list[TextEdit] = []
        for edit in fix.edits:
            made = list(self._edit(edit))
            if not made:
                return ()
            found.extend(made)
        return tuple(sorted(set(found), key=lambda e: e.span.start))

    def _edit(self, edit: rule.Edit) -> Iterator[TextEdit]:
        if isinstance(edit, rule.Replace):
            yield TextEdit(self._whole(edit.site), edit.text)
        elif isinstance(edit, rule.Swap):
            yield TextEdit(self.span(edit.first), self.text(edit.second))
            yield TextEdit(self.span(edit.second), self.text(edit.first))
        elif isinstance(edit, rule.Unwrap):
            yield from self._put(edit.site, self.text(edit.inner))
        elif isinstance(edit, rule.Remove):
            yield from self._remove(edit.site)
        elif isinstance(edit, rule.AddArgument):
            yield from self._add_argument(edit)
        elif isinstance(edit, rule.RenameArgument):
            argument = self._parent(edit.site)
            if isinstance(argument, cst.Arg) and argument.keyword is not None:
                yield TextEdit(self.span(argument.keyword), edit.name)
        elif isinstance(edit, rule.InsertBefore):
            yield from self._insert_before(edit)
        elif isinstance(edit, rule.InsertBehind):
            yield from self._insert_behind(edit)
        elif isinstance(edit, rule.InsertAfter):
            span = self._whole(edit.site)
            bare = not isinstance(edit.site, _TIGHT) and not getattr(edit.site, "lpar", ())
            loose = bare and edit.text.startswith(".")
            if loose:
                yield TextEdit(Span(span.start, span.start), "(")
            yield TextEdit(Span(span.end, span.end), f"){edit.text}" if loose else edit.text)
        elif isinstance(edit, rule.Undo):
            yield from self._undo(edit.site)
        elif isinstance(edit, rule.Retext):
            yield from self._retext(edit.site, edit.text)
        elif isinstance(edit, rule.Rename):
            yield from self._rename(edit)
        else:
            yield from self._omit(edit)

    def _insert_before(self, edit: rule.InsertBefore) -> Iterator[TextEdit]:
        statement = self._statement(edit.site)
        small = self._in_one_line(edit.site)
        if small is not None:
            start = self.span(small).start
            yield TextEdit(Span(start, start), "".join(f"{line}; " for line in edit.text.splitlines()))
        elif statement is not None:
            row = self.row(statement)
            found = re.compile(r"[ \t\f]*").match(self._text, self._starts[row - 1])
            indent = found.group() if found is not None else ""
            at = Location(row, 1 + len(indent))
            lines = edit.text.splitlines()
            yield TextEdit(Span(at, at), "".join(f"{line}{self._module.default_newline}{indent}" for line in lines))

    def _insert_behind(self, edit: rule.InsertBehind) -> Iterator[TextEdit]:
        statement = self._statement(edit.site)
        small = self._in_one_line(edit.site)
        if small is not None:
            end = self.span(small).end
            yield TextEdit(Span(end, end), "".join(f"; {line}" for line in edit.text.splitlines()))
        elif statement is not None:
            row, end = self.row(statement), self.span(statement).end
            found = re.compile(r"[ \t\f]*").match(self._text, self._starts[row - 1])
            indent = found.group() if found is not None else ""
            start = self._starts[end.row - 1] + end.column - 1
            rest = re.compile(r"[ \t]*(?:#[^\r\n]*)?").match(self._text, start)
            at = Location(end.row, end.column + (len(rest.group()) if rest is not None else 0))
            lines = edit.text.splitlines()
            yield TextEdit(Span(at, at), "".join(f"{self._module.default_newline}{indent}{line}" for line in lines))

    def _retext(self, place: Place, text: str) -> Iterator[TextEdit]:
        """Put other text between the quotes of a string literal."""
        if isinstance(place, cst.SimpleString):
            yield TextEdit(self.span(place), f"{place.prefix}{place.quote}{text}{place.quote}")

    def _rename(self, edit: rule.Rename) -> Iterator[TextEdit]:
        node: Any = edit.site
        if isinstance(node, cst.SimpleString):
            yield from self._retext(node, edit.text)
            return
        called = node.func if isinstance(node, cst.Call) else node
        if not isinstance(called, cst.Attribute):
            return
        text = edit.text if called.attr.value[:1].islower() else edit.name
        if not text:
            return
        if isinstance(node, cst.Call) and edit.keep is not None:
            kept = ", ".join(self.text(each.value) for each in node.args[: edit.keep])
            yield TextEdit(self.span(node), f"{self.text(called.value)}.{text}({kept})")
        else:
            yield TextEdit(self.span(called.attr), text)

    def _omit(self, edit: rule.Omit) -> Iterator[TextEdit]:
        node: Any = edit.site
        if not isinstance(node, cst.Call):
            return
        called = node.func
        if isinstance(called, cst.Attribute) and called.attr.value[:1].islower():
            yield from self._put(node, self.text(called.value))
        elif self._stacked(self._parent(node)):
            yield from self._remove(node)
        elif isinstance(called, cst.Attribute) and edit.instead:
            yield TextEdit(self.span(node), f"{self.text(called.value)}.{edit.instead}()")

    def _stacked(self, parent: cst.CSTNode | None) -> bool:
        """Whether what it holds is one of several layers of a stack, or added to one by a statement of its own."""
        around = self._parent(parent) if parent is not None else None
        if isinstance(parent, cst.Element):
            return isinstance(around, cst.List)
        if not isinstance(parent, cst.Arg) or parent.keyword is not None or not isinstance(around, cst.Call):
            return False
        name = around.func.attr if isinstance(around.func, cst.Attribute) else around.func
        if not isinstance(name, cst.Name):
            return False
        if name.value == "add" and len(around.args) == 1:
            return isinstance(self._parent(around), cst.Expr)
        return name.value in ("Sequential", "add") and len(around.args) > 1

    def _undo(self, node: Any) -> Iterator[TextEdit]:
        if isinstance(node, cst.AugAssign):
            yield from self._remove(node)
            return
        inner = None
        if isinstance(node, cst.Call) and node.args and not node.args[0].star:
            inner = node.args[0].value
        elif isinstance(node, cst.BinaryOperation):
            inner = node.left
        elif isinstance(node, cst.Subscript):
            inner = node.value
        if inner is not None:
            bare = isinstance(self._parent(node), (cst.Assign, cst.Arg, cst.Return, cst.Element))
            yield from self._put(node, self._between(self.span(inner) if bare else self._whole(inner)))

    def _put(self, place: Place, text: str) -> Iterator[TextEdit]:
        """Put part of an expression in its place; an assignment of a name to itself goes altogether."""
        parent = self._parent(place)
        removed: list[TextEdit] = []
        if isinstance(parent, cst.Assign) and [self.text(each.target) for each in parent.targets] == [text]:
            removed = list(self._remove(parent))
        yield from removed or [TextEdit(self._whole(place), text)]

    def _whole(self, place: Place) -> Span:
        """The span with the site's own parentheses."""
        start, end = self._offsets(self.span(place))
        for _ in getattr(place, "lpar", ()):
            before = self._text[:start].rstrip()
            after = self._text[end:]
            closing = re.match(r"\s*\)", after)
            if not before.endswith("(") or closing is None:
                break
            start, end = len(before) - 1, end + closing.end()
        return Span(self._location(start), self._location(end))

    def _remove(self, place: Place) -> Iterator[TextEdit]:
        parent = self._parent(place)
        item = next((each for each in (parent, place) if isinstance(each, (cst.Arg, cst.Element))), None)
        if item is not None:
            yield self._without_item(item, place)
            return
        statement = self._statement(place)
        if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
            block = self._parent(statement)
            if isinstance(block, cst.IndentedBlock) and len(block.body) == 1:
                return
            span = self.span(statement)
            if span.end.row < len(self._starts):
                yield TextEdit(Span(Location(span.start.row, 1), Location(span.end.row + 1, 1)), "")

    def _without_item(self, item: cst.CSTNode, place: Place) -> TextEdit:
        """Take an argument or list element out, with its comma, and with its line where it has one of its own."""
        (start, end), (first, last) = self._offsets(self.span(item)), self._offsets(self._whole(place))
        start, end = min(start, first), max(end, last)
        after = re.match(r"\s*,[ \t]*", self._text[end:])
        before = re.search(r",\s*$", self._text[:start])
        alone = re.search(r"(?:\A|[\r\n])([ \t]*)$", self._text[:start])
        line_end = re.match(r"\s*,[ \t]*(\r\n|\n|\r)", self._text[end:])
        if alone is not None and line_end is not None:
            start, end = start - len(alone.group(1)), end + line_end.end()
        elif before is not None:
            start = before.start()
        elif after is not None:
            end += after.end()
        return TextEdit(Span(self._location(start), self._location(end)), "")

    def _add_argument(self, edit: rule.AddArgument) -> Iterator[TextEdit]:
        call: Any = edit.site
        if not isinstance(call, cst.Call):
            return
        offset = self._offset(self.span(call).end) - 1
        if self._text[offset] != ")":
            return
        if not call.args:
            at = self._location(offset)
            yield TextEdit(Span(at, at), edit.text)
            return
        last = call.args[-1]
        at = max(self._whole(last.value).end, self.span(last).end)
        yield TextEdit(Span(at, at), f", {edit.text}")

    def _in_one_line(self, place: Place) -> cst.CSTNode | None:
        """The statement that holds a place, where it is written on the line of a compound statement: ``for x in y: f(x)``."""
        current: Any = place
        while current is not None and not isinstance(current, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
            parent = self._parent(current)
            if isinstance(parent, cst.SimpleStatementSuite):
                return cast("cst.CSTNode", current)
            current = parent
        return None

    def _statement(self, place: Place) -> cst.CSTNode | None:
        current: Any = place
        while current is not None:
            if isinstance(current, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
                return current
            current = self._parent(current)
        return None

    def parents(self, place: Place) -> Iterator[cst.CSTNode]:
        """What a place is in, nearest first."""
        parent = self._parent(place)
        while parent is not None:
            yield parent
            parent = self._parent(parent)

    def assumed(self, site: Site, options: Mapping[Site, Site]) -> Iterator[Site]:
        """The options that decide a site: in it, or in a test that it is behind."""
        span = self.span(site)
        for place, option in options.items():
            if place in self._spans:
                inner = self.span(place)
                if span.start <= inner.start and inner.end <= span.end:
                    yield option
        for around in (cast("cst.CSTNode", site), *self.parents(site)):
            if around in options:
                yield options[cast("Site", around)]

    def _parent(self, place: Place) -> cst.CSTNode | None:
        return self._parents.get(cast("cst.CSTNode", place))

    def _between(self, span: Span) -> str:
        start, end = self._offsets(span)
        return self._text[start:end]

    def _offsets(self, span: Span) -> tuple[int, int]:
        return self._offset(span.start), self._offset(span.end)

    def _offset(self, at: Location) -> int:
        return self._starts[at.row - 1] + at.column - 1

    def _location(self, offset: int) -> Location:
        row = bisect.bisect_right(self._starts, offset)
        return Location(row, offset - self._starts[row - 1] + 1)
