"""From sites to places in the text, and from fixes to edits. Costs a pass over the tree: made only when something is printed."""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterator
from typing import Any, cast

import libcst as cst

from mllint import rule
from mllint.diagnostic import Location, Span, TextEdit
from mllint.facts import Site
from mllint.reader.positions import positions

_NEWLINE = re.compile(r"\r\n|\n|\r")


class Resolver:
    """Places of one file's sites."""

    def __init__(self, module: cst.Module, text: str) -> None:
        self._spans, self._parents = positions(module)
        self._starts = [0, *(match.end() for match in _NEWLINE.finditer(text))]
        self._text = text
        self._module = module

    def span(self, site: Site) -> Span:
        """The stretch of text of a site: of a definition its name, of another compound statement its head."""
        node: Any = site
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

    def row(self, site: Site) -> int:
        """The first row of a site."""
        return self.span(site).start.row

    def statement_row(self, site: Site) -> int:
        """The first row of the statement that holds a site."""
        statement = self._statement(cast("Any", site))
        return self.row(cast("Site", statement)) if statement is not None else self.row(site)

    def text(self, site: Site) -> str:
        """The source of a site."""
        span = self.span(site)
        return self._text[self._offset(span.start) : self._offset(span.end)]

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
            yield from self._put(cast("Any", edit.site), self.text(edit.inner))
        elif isinstance(edit, rule.Remove):
            yield from self._remove(cast("Any", edit.site))
        elif isinstance(edit, rule.AddArgument):
            yield from self._add_argument(cast("Any", edit.site), edit.text)
        elif isinstance(edit, rule.InsertBefore):
            statement = self._statement(cast("Any", edit.site))
            if statement is not None:
                row = self.row(cast("Site", statement))
                start = self._starts[row - 1]
                indent = re.match(r"[ \t\f]*", self._text[start:])
                newline = self._module.default_newline
                at = Location(row, 1 + (indent.end() if indent else 0))
                column = " " * 0 + (indent.group() if indent else "")
                lines = edit.text.splitlines()
                yield TextEdit(Span(at, at), "".join(f"{line}{newline}{column}" for line in lines))
        else:
            yield from self._other(edit)

    def _other(self, edit: Any) -> Iterator[TextEdit]:
        kind = type(edit).__name__
        if kind == "RenameArgument":
            argument = self._parent(edit.site)
            if isinstance(argument, cst.Arg) and argument.keyword is not None:
                yield TextEdit(self.span(cast("Site", argument.keyword)), edit.name)
        elif kind == "InsertAfter":
            end = self._whole(edit.site).end
            yield TextEdit(Span(end, end), edit.text)
        elif kind == "Undo":
            yield from self._undo(edit.site)
        elif kind == "Retext" and isinstance(edit.site, cst.SimpleString):
            literal = edit.site
            yield TextEdit(
                self.span(cast("Site", literal)), f"{literal.prefix}{literal.quote}{edit.text}{literal.quote}"
            )

        elif kind == "Rename":
            yield from self._rename(edit)
        elif kind == "Omit":
            yield from self._omit(edit)

    def _rename(self, edit: rule.Rename) -> Iterator[TextEdit]:
        node = cast("Any", edit.site)
        if isinstance(node, cst.SimpleString):
            yield TextEdit(self.span(edit.site), f"{node.prefix}{node.quote}{edit.text}{node.quote}")
            return
        called = node.func if isinstance(node, cst.Call) else node
        if not isinstance(called, cst.Attribute):
            return
        text = edit.text if called.attr.value[:1].islower() else edit.name
        if not text:
            return
        if isinstance(node, cst.Call) and edit.keep is not None:
            kept = ", ".join(self.text(cast("Site", each.value)) for each in node.args[: edit.keep])
            yield TextEdit(self.span(edit.site), f"{self.text(cast('Site', called.value))}.{text}({kept})")
        else:
            yield TextEdit(self.span(cast("Site", called.attr)), text)

    def _omit(self, edit: rule.Omit) -> Iterator[TextEdit]:
        node = cast("Any", edit.site)
        if not isinstance(node, cst.Call):
            return
        parent = self._parent(node)
        called = node.func
        if isinstance(called, cst.Attribute) and called.attr.value[:1].islower():
            yield from self._put(node, self.text(cast("Site", called.value)))
        elif self._stacked(node, parent):
            yield from self._remove(node)
        elif isinstance(called, cst.Attribute) and edit.instead:
            yield TextEdit(self.span(edit.site), f"{self.text(cast('Site', called.value))}.{edit.instead}()")

    def _stacked(self, node: cst.CSTNode, parent: cst.CSTNode | None) -> bool:
        """Whether it is one of several layers of a stack, or added to one by a statement of its own."""
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
        if inner is not None:
            bare = isinstance(self._parent(node), (cst.Assign, cst.Arg, cst.Return, cst.Element))
            span = self.span(cast("Site", inner)) if bare else self._whole(cast("Site", inner))
            text = self._text[self._offset(span.start) : self._offset(span.end)]
            yield from self._put(node, text)

    def _put(self, node: cst.CSTNode, text: str) -> Iterator[TextEdit]:
        """Put part of an expression in its place; an assignment of a name to itself goes altogether."""
        parent = self._parent(node)
        removed: list[TextEdit] = []
        if isinstance(parent, cst.Assign) and [self.text(cast("Site", t.target)) for t in parent.targets] == [text]:
            removed = list(self._remove(parent))
        yield from removed or [TextEdit(self._whole(cast("Site", node)), text)]

    def _whole(self, site: Site) -> Span:
        """The span with the site's own parentheses."""
        span = self.span(site)
        node: Any = site
        start, end = self._offset(span.start), self._offset(span.end)
        for _ in getattr(node, "lpar", ()):
            before = self._text[:start].rstrip()
            after = self._text[end:]
            closing = re.match(r"\s*\)", after)
            if not before.endswith("(") or closing is None:
                break
            start, end = len(before) - 1, end + closing.end()
        return Span(self._location(start), self._location(end))

    def _remove(self, node: cst.CSTNode) -> Iterator[TextEdit]:
        parent = self._parent(node)
        item: cst.CSTNode | None = (
            parent
            if isinstance(parent, (cst.Arg, cst.Element))
            else node
            if isinstance(node, (cst.Arg, cst.Element))
            else None
        )
        if item is not None:
            start, end = (
                self._offset(self.span(cast("Site", item)).start),
                self._offset(self.span(cast("Site", item)).end),
            )
            whole = self._whole(cast("Site", node))
            start, end = min(start, self._offset(whole.start)), max(end, self._offset(whole.end))
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
            yield TextEdit(Span(self._location(start), self._location(end)), "")
            return
        statement = self._statement(node)
        if isinstance(statement, cst.SimpleStatementLine) and len(statement.body) == 1:
            block = self._parent(statement)
            if isinstance(block, cst.IndentedBlock) and len(block.body) == 1:
                return
            span = self.span(cast("Site", statement))
            end_row = span.end.row
            if end_row < len(self._starts):
                yield TextEdit(Span(Location(span.start.row, 1), Location(end_row + 1, 1)), "")

    def _add_argument(self, call: cst.CSTNode, text: str) -> Iterator[TextEdit]:
        if not isinstance(call, cst.Call):
            return
        end = self.span(cast("Site", call)).end
        offset = self._offset(end) - 1
        if self._text[offset] != ")":
            return
        if not call.args:
            at = self._location(offset)
            yield TextEdit(Span(at, at), text)
            return
        last = call.args[-1]
        place = self._location(
            max(
                self._offset(self._whole(cast("Site", last.value)).end), self._offset(self.span(cast("Site", last)).end)
            )
        )
        yield TextEdit(Span(place, place), f", {text}")

    def _statement(self, node: cst.CSTNode) -> cst.CSTNode | None:
        current: cst.CSTNode | None = node
        while current is not None:
            if isinstance(current, (cst.SimpleStatementLine, cst.BaseCompoundStatement)):
                return current
            current = self._parent(current)
        return None

    def _parent(self, node: cst.CSTNode) -> cst.CSTNode | None:
        return self._parents.get(node)

    def _offset(self, at: Location) -> int:
        return self._starts[at.row - 1] + at.column - 1

    def _location(self, offset: int) -> Location:
        row = bisect.bisect_right(self._starts, offset)
        return Location(row, offset - self._starts[row - 1] + 1)


__all__ = ["Resolver"]
