"""Variables that hold token ids, as a language model is called with them: what it makes of them may be compared with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from mllint.facts import Site
from mllint.values import NONE, UNKNOWN, Const, Data, Layer, Obj, Tokens, Tuple, Value

if TYPE_CHECKING:
    from mllint.reader.calls import Arguments
    from mllint.reader.engine import Interpreter

MAX_DEPTH = 3
"""Modules inside modules that are looked through for an embedding."""


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids in a variable, or under a name in a batch that is unknown otherwise."""

    data: Data
    variable: str
    key: str | None
    before: Value

    def put_in(self, arguments: Arguments) -> Arguments:
        """The arguments with the ids in every place where they are written."""

        def changed(given: tuple[Value, Site | None]) -> tuple[Value, Site | None]:
            return (self.data, given[1]) if _place(given[1]) == (self.variable, self.key) else given

        arguments.positional = [changed(given) for given in arguments.positional]
        arguments.keywords = {name: changed(given) for name, given in arguments.keywords.items()}
        return arguments

    def keep(self, engine: Interpreter, site: Site) -> None:
        """Let the caller's variable hold them, unless it holds something else by now."""
        if engine.lookup(self.variable) != self.before:
            return
        if self.key is None:
            engine.assign(self.variable, self.data)
        else:
            entry = Tuple((Const(self.key), self.data))
            engine.assign(self.variable, engine.new("dict", site, {"items": Tuple((entry,))}))


def found(engine: Interpreter, model: Obj, arguments: Arguments, site: Site) -> Ids | None:
    """The ids that a language model is given first, where nothing is known of them yet."""
    first = arguments.positional[0] if arguments.positional else (NONE, None)
    value, written = arguments.keywords.get("input_ids", first)
    bare = isinstance(value, Data) and value.tokens is None and value.layer is None and value.model is None
    variable, key = _place(written)
    if not variable or not (bare or value is UNKNOWN):
        return None
    before = engine.lookup(variable)
    if before is None or before != (value if key is None else UNKNOWN) or not _embeds(engine, model):
        return None
    tokens = Tokens(engine.new("tokens", site, {}).id, site=site)
    known = value if isinstance(value, Data) else Data(space=UNKNOWN, tags=frozenset({"torch"}))
    return Ids(known.with_(tokens=tokens), variable, key, before)


def _place(written: object) -> tuple[str, str | None]:
    """The variable, and for ``batch["ids"]`` and ``batch.ids`` the name in it; empty for anything else."""
    if isinstance(written, cst.Name):
        return written.value, None
    if isinstance(written, cst.Attribute) and isinstance(written.value, cst.Name) and written.value.value != "self":
        return written.value.value, written.attr.value
    if isinstance(written, cst.Subscript) and isinstance(written.value, cst.Name) and len(written.slice) == 1:
        index = written.slice[0].slice
        if isinstance(index, cst.Index) and isinstance(index.value, cst.SimpleString):
            return written.value.value, str(index.value.evaluated_value)
    return "", None


def _embeds(engine: Interpreter, value: Value, depth: int = MAX_DEPTH) -> bool:
    """Whether a module is a language model, or it or one inside it starts with an embedding."""
    if isinstance(value, Layer):
        return value.type == "Embedding"
    if not isinstance(value, Obj) or not depth:
        return False
    if engine.is_instance_of(value, "transformers.PreTrainedModel"):
        return True
    fields = engine.state.heap.get(value.id, {}).values() if value.kind == "instance" else ()
    return any(_embeds(engine, each, depth - 1) for each in fields)
