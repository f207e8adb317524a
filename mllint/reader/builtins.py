"""Builtin functions and the methods of lists, dicts, sets and strings."""

from __future__ import annotations

import builtins
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

import libcst as cst

from mllint.facts import LIMIT, Site
from mllint.frameworks import lineage, table
from mllint.program import Event, Selection
from mllint.reader import enums, records, told, tracing
from mllint.reader.folding import fold, like, too_large, wide
from mllint.reader.keys import ATTRIBUTES, is_key
from mllint.reader.local import BoundFunction, Builtin, LocalClass, LocalFunction
from mllint.reader.narrow import truth
from mllint.values import (
    FALSE,
    NONE,
    TRUE,
    UNKNOWN,
    Choice,
    Const,
    Data,
    Layer,
    Loss,
    Name,
    Obj,
    Option,
    Tuple,
    Value,
    choice,
    options,
)

if TYPE_CHECKING:
    from mllint.reader.calls import Arguments
    from mllint.reader.engine import Interpreter

EXCEPTIONS = {n for n, v in vars(builtins).items() if isinstance(v, type) and issubclass(v, BaseException)}
BUILTINS = {n for n, v in vars(builtins).items() if callable(v) and not n.startswith("_")} - EXCEPTIONS
MAX_RANGE = 64


def call_builtin(engine: Interpreter, callee: Builtin, arguments: Arguments, site: Site) -> Value:
    """Call a builtin function, or a method of a builtin type."""
    if callee.name == "dict.fromkeys" and callee.receiver is None:
        return _from_keys(engine, arguments, site)
    if callee.receiver is not None:
        return _call_method(engine, callee, arguments, site)
    values = [v for v, _ in arguments.positional]
    handler = _FUNCTIONS.get(callee.name)
    if values and (isinstance(values[0], (Data, Layer)) or (isinstance(values[0], Obj) and "." in values[0].kind)):
        entry = table.ROWS.get(f"builtins.{callee.name}")
        found = UNKNOWN if entry is None else entry.bind(arguments.of(engine, site, f"builtins.{callee.name}"))
        if found is not UNKNOWN:
            return found
    if handler is not None:
        return handler(engine, values, arguments, site)
    return UNKNOWN


# -- functions --------------------------------------------------------------------------------------------------------
def _range(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    bounds = [v.value for v in values if isinstance(v, Const) and isinstance(v.value, int)]
    if bounds and len(bounds) == len(values) <= 3 and (len(bounds) < 3 or bounds[2] != 0):
        counted = range(*bounds)
        if counted[MAX_RANGE:]:
            made = engine.new("range", site, {"items": UNKNOWN, "element": UNKNOWN})
        else:
            made = engine.new_list(site, [Const(i) for i in counted], "range")
        if not any(type(v) is Option for v in values) and not counted[sys.maxsize :]:
            rounds = (counted[-1] - counted[0]) // counted.step + 1 if counted else 0  # more than ``len`` can count
            engine.set(made, "length", Const(rounds))
        return made
    return engine.new("range", site, {"items": UNKNOWN, "element": UNKNOWN})


def _len(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    if not values:
        return UNKNOWN
    found: list[Value] = []
    for option in options(values[0]):
        items = engine.items(option)
        if items is None or (UNKNOWN in items and isinstance(option, Obj) and "." in option.kind):
            if isinstance(option, Obj) and option.kind == "instance":
                own = engine.class_attribute(option, "__len__")
                if own is not None:
                    found.append(engine.call(own, (), {}, site))
                    continue
            return UNKNOWN
        if isinstance(option, Obj) and option.kind == "set" and not all(isinstance(i, Const) for i in items):
            return UNKNOWN
        found.append(Const(len(set(items)) if isinstance(option, Obj) and option.kind == "set" else len(items)))
    return choice(found)


def _are_places(engine: Interpreter, value: Value) -> bool:
    """Whether a sequence is a range, or made of one."""
    return isinstance(value, Obj) and (value.kind == "range" or engine.get(value, lineage.PLACES) is not None)


def _sequence(kind: str) -> Callable[..., Value]:
    def make(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
        if not values:
            return Tuple(()) if kind == "tuple" else engine.new_list(site, [], kind)
        items = engine.items(values[0])
        if items is None:
            if isinstance(values[0], Data):
                return values[0]
            fields: dict[str, Value] = {"items": UNKNOWN, "element": engine.element(values[0], site)}
            if _are_places(engine, values[0]):
                fields[lineage.PLACES] = TRUE
            return engine.new("list" if kind == "tuple" else kind, site, fields)
        if kind == "set":
            items = list(dict.fromkeys(items))
        if kind == "tuple":
            return Tuple(tuple(items))
        made = engine.new_list(site, items, kind)
        if _are_places(engine, values[0]):
            engine.set(made, lineage.PLACES, TRUE)
        return made

    return make


def _dict(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    pairs: list[tuple[Value, Value]] | None = []
    if values:
        pairs = engine.mapping(values[0])
        if pairs is None:
            items = engine.items(values[0])
            if items is not None:
                split = [engine.items(i) for i in items]
                if all(s is not None and len(s) == 2 for s in split):
                    pairs = [(s[0], s[1]) for s in split if s is not None]
    if pairs is not None and arguments.complete:
        for key, (value, _) in arguments.keywords.items():
            pairs = [p for p in pairs if p[0] != Const(key)] + [(Const(key), value)]
        return engine.new("dict", site, {"items": Tuple(tuple(Tuple(p) for p in pairs))})
    return engine.new("dict", site, {"items": UNKNOWN})


def _from_keys(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
    """``dict.fromkeys(names, value)``."""
    values = [v for v, _ in arguments.positional]
    keys = engine.items(values[0]) if values else None
    value = values[1] if len(values) > 1 else NONE
    if keys is None or not all(is_key(engine, key) for key in keys):
        return engine.new("dict", site, {"items": UNKNOWN, "element": value})
    return engine.new("dict", site, {"items": Tuple(tuple(Tuple((key, value)) for key in dict.fromkeys(keys)))})


def _enumerate(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    if not values:
        return UNKNOWN
    start = values[1] if len(values) > 1 else arguments.keywords.get("start", (Const(0), None))[0]
    items = engine.items(values[0])
    if items is not None and isinstance(start, Const) and isinstance(start.value, int) and len(items) <= MAX_RANGE:
        return engine.new_list(site, [Tuple((Const(start.value + i), item)) for i, item in enumerate(items)])
    return engine.new("list", site, {"items": UNKNOWN, "element": Tuple((UNKNOWN, engine.element(values[0], site)))})


def _turned(engine: Interpreter, rows: Value, site: Site) -> Value | None:
    """``zip(*rows)`` of any number of equally long rows: a list for every column."""
    row = engine.items(engine.element(rows, site))
    if not row:
        return None
    columns: list[Value] = []
    for index, item in enumerate(row):  # told apart by their kinds, as they are made at one place
        column = engine.new(f"list.{index}", site, {"items": UNKNOWN, "element": item})
        columns.append(Obj(column.id, "list", site))
    return engine.new_list(site, columns)


def _zip(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    if isinstance(arguments.spread, Obj):
        turned = _turned(engine, arguments.spread, site)
        if turned is not None:
            return turned
    if len(values) == 2 and len(arguments.positional) == 2 and arguments.complete:
        first, second = (where for _, where in arguments.positional)
        if first is not None and second is not None:
            engine.program.zips[site] = (first, second)
    columns = [engine.items(v) for v in values]
    if columns and all(c is not None for c in columns) and arguments.complete:
        return engine.new_list(site, [Tuple(t) for t in zip(*[c for c in columns if c is not None], strict=False)])
    element = Tuple(tuple(engine.element(v, site) for v in values)) if arguments.complete else UNKNOWN
    return engine.new("list", site, {"items": UNKNOWN, "element": element})


def _map(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    if len(values) < 2:
        return UNKNOWN
    items = engine.items(values[1])
    if items is not None and len(items) <= 32 and len(values) == 2:
        return engine.new_list(site, [engine.call(values[0], (item,), {}, site) for item in items])
    element = engine.call(values[0], tuple(engine.element(v, site) for v in values[1:]), {}, site)
    return engine.new("list", site, {"items": UNKNOWN, "element": element})


def _sorted(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    if not values:
        return UNKNOWN
    items = engine.items(values[0])
    backwards = arguments.keywords.get("reverse", (FALSE, None))[0]
    key = arguments.keywords.get("key", (NONE, None))[0]
    if items is not None and len(items) <= MAX_RANGE and isinstance(backwards, Const):
        keys = items if key == NONE else [engine.call(key, (item,), {}, site) for item in items]
        plain = [each.value for each in keys if isinstance(each, Const)]
        if len(plain) == len(items):
            try:
                order = sorted(range(len(items)), key=plain.__getitem__, reverse=bool(backwards.value))
            except TypeError:
                return UNKNOWN
            return engine.new_list(site, [items[index] for index in order])
    if isinstance(values[0], Data):
        return values[0]
    return engine.new("list", site, {"items": UNKNOWN, "element": engine.element(values[0], site)})


def _reversed(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    items = engine.items(values[0]) if values else None
    return engine.new_list(site, items[::-1]) if items is not None else UNKNOWN


def _fold(name: str) -> Callable[..., Value]:
    function = getattr(builtins, name)

    def call(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
        if not arguments.complete:
            return UNKNOWN
        if arguments.keywords:
            return _by_key(engine, function, values, arguments, site) if name in ("max", "min") else UNKNOWN
        if name in ("any", "all") and len(values) == 1:
            return _any_or_all(engine, name, values[0])
        values = [enums.plain(engine, value) for value in values]
        if name == "sum" and len(values) == 2 and isinstance(values[1], Obj) and values[1].kind == "list":
            return _summed_lists(engine, values, site)
        plain: list[Any] = []
        for value in values:
            if isinstance(value, Const):
                plain.append(value.value)
                continue
            items = engine.items(value)
            if items is None or not all(isinstance(i, Const) for i in items):
                measured = _best(engine, name, values, site)
                if measured is not None:
                    return measured
                losses = [i for i in items or () if isinstance(i, Data) and i.loss is not None]
                if name != "sum" or not losses:
                    return UNKNOWN
                return losses[0] if len({each.loss for each in losses}) == 1 else losses[0].with_(loss=UNKNOWN)
            plain.append([i.value for i in items if isinstance(i, Const)])
        if name == "pow" and len(plain) == 2 and too_large("**", *plain):
            return UNKNOWN
        return like(fold(function, *plain), *values)

    return call


def _best(engine: Interpreter, name: str, values: list[Value], site: Site) -> Value | None:
    """The best of several scores: that it is picked is recorded."""
    found = (engine.element(values[0], site),) if len(values) == 1 else values
    scores = [o for v in found for o in options(v) if isinstance(o, Data) and o.measure is not None]
    if name not in ("max", "min", "sum") or not scores or scores[0].measure is None:
        return None
    if name != "sum":
        kept = Selection(site, scores[0].measure, "the best one is picked", engine.tick(), engine.loops)
        engine.program.selections.append(kept)
    return scores[0]


def _by_key(
    engine: Interpreter, function: Callable[..., Any], values: list[Value], arguments: Arguments, site: Site
) -> Value:
    """``max(names, key=len)``, ``max(table, key=table.get)``."""
    items = engine.items(values[0]) if len(values) == 1 else values
    if set(arguments.keywords) != {"key"} or not items or len(items) > MAX_RANGE:
        return UNKNOWN
    keys = [engine.call(arguments.keywords["key"][0], (item,), {}, site) for item in items]
    plain = [key.value for key in keys if isinstance(key, Const)]
    if len(plain) < len(items):
        return UNKNOWN
    try:
        return items[plain.index(function(plain))]
    except (TypeError, ValueError):
        return UNKNOWN


def _any_or_all(engine: Interpreter, name: str, value: Value) -> Value:
    items = engine.items(value)
    if items is None:
        return UNKNOWN
    known = [truth(engine, item) for item in items]
    decisive = name == "any"
    if decisive in known:
        return Const(decisive)
    return UNKNOWN if None in known else Const(not decisive)


def _summed_lists(engine: Interpreter, values: list[Value], site: Site) -> Value:
    found: list[Value] = []
    for part in [values[1], *(engine.items(values[0]) or [UNKNOWN])]:
        items = engine.items(part)
        if items is None:
            return UNKNOWN
        found += items
    return engine.new_list(site, found)


def _isinstance(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    if len(values) != 2:
        return UNKNOWN
    value, wanted = values
    if isinstance(value, Choice):
        known = {is_instance(engine, option, wanted) for option in value.options}
    else:
        known = {is_instance(engine, value, wanted)}
    found = known.pop() if len(known) == 1 else None
    return UNKNOWN if found is None else Const(found)


_PLAIN_KINDS = {"list": "list", "dict": "dict", "set": "set", "range": "range", "str": "str"}


def is_instance(engine: Interpreter, value: Value, wanted: Value) -> bool | None:
    """Whether a value is an instance of a class, or of one of several; None when that is not known."""
    several = engine.items(wanted) if isinstance(wanted, (Tuple, Obj)) else None
    if several is not None:
        known = [is_instance(engine, value, each) for each in several]
        return True if True in known else None if None in known else False
    if isinstance(wanted, Builtin):
        return _is_builtin(value, wanted.name)
    if isinstance(wanted, Name):
        path = table.canonical(wanted.path)
        if engine.is_instance_of(value, path):
            return True
        if isinstance(value, Layer) and path.rpartition(".")[2] in (value.type, "Module", "Layer"):
            return True
        if (
            isinstance(value, (Const, Tuple))
            and "." in path
            and not path.startswith(("collections.", "typing.", "numbers."))
        ):
            return False
        return None
    if isinstance(wanted, LocalClass):
        if isinstance(value, Obj) and value.kind == "instance":
            owner = engine.get(value, "class")
            return wanted in engine.mro(owner) if isinstance(owner, LocalClass) else None
        return False if isinstance(value, (Const, Tuple, Layer, Loss, Data)) else None
    return None


def _is_builtin(value: Value, name: str) -> bool | None:
    """Whether a value is an instance of a builtin type."""
    kind = getattr(builtins, name, None)
    if not isinstance(kind, type):
        return None
    if isinstance(value, Const):
        return isinstance(value.value, kind)
    if isinstance(value, Tuple):
        return name in ("tuple", "object")
    if isinstance(value, Obj) and value.kind in _PLAIN_KINDS:
        return None if value.kind == "list" and name == "tuple" else _PLAIN_KINDS[value.kind] == name
    if isinstance(value, (LocalFunction, LocalClass)):
        return name == "type" and isinstance(value, LocalClass)
    if isinstance(value, (Layer, Loss, Data)) or (isinstance(value, Obj) and "." in value.kind):
        return False if name in ("int", "float", "str", "list", "tuple", "dict", "bool", "set", "bytes") else None
    return None


def _callable(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    found = {isinstance(o, (LocalFunction, LocalClass, Layer, BoundFunction)) for v in values[:1] for o in options(v)}
    if found == {True}:
        return Const(True)
    plain = all(isinstance(o, (Const, Tuple)) for v in values[:1] for o in options(v))
    return Const(False) if values and plain else UNKNOWN


def _issubclass(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    if len(values) == 2 and isinstance(values[0], LocalClass) and isinstance(values[1], LocalClass):
        return Const(values[1] in engine.mro(values[0]))
    return UNKNOWN


def _vars(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    if len(values) == 1 and isinstance(values[0], Obj):
        if values[0].kind == "namespace":
            return values[0]
        if values[0].kind == "instance":
            return engine.attribute(values[0], "__dict__", site)
    return UNKNOWN


def _hasattr(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    if len(values) != 2:
        return UNKNOWN
    known = _has(engine, values[0], values[1])
    return UNKNOWN if known is None else Const(known)


def _has(engine: Interpreter, value: Value, name: Value) -> bool | None:
    """Whether an object has an attribute; None when code that cannot be seen may have set it."""
    if not isinstance(value, Obj) or not isinstance(name, Const) or not isinstance(name.value, str):
        return None
    if value.kind == "instance":
        if engine.get(value, name.value) is not None or engine.class_attribute(value, name.value) is not None:
            return True
        owner = engine.get(value, "class")
        plain = isinstance(owner, LocalClass) and all(
            isinstance(b, LocalClass) for c in engine.mro(owner) for b in c.bases
        )
        return False if plain else None
    return True if value.kind == "namespace" and engine.item(value, name.value) is not None else None


def _getattr(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    if len(values) < 2:
        return UNKNOWN
    if type(values[1]) is Option and values[1].site is not None:
        engine.program.assumed[site] = values[1].site
    if len(values) == 3 and _has(engine, values[0], values[1]) is False:
        return values[2]
    return attribute_named(engine, values[0], values[1], site, len(values) == 2)


def attribute_named(engine: Interpreter, value: Value, name: Value, site: Site, certain: bool = True) -> Value:
    """``getattr(value, name)``; of a module under an unknown name, what rows for ``module.*`` know of any of its names."""
    found = [o.value for o in options(name) if isinstance(o, Const) and isinstance(o.value, str)]
    if len(found) == len(options(name)):
        return choice(engine.attribute(value, each, site) for each in found)
    generic = f"{value.path}.*" if certain and isinstance(value, Name) else ""
    return Name(generic) if table.canonical(generic) in table.ROWS else UNKNOWN


def _setattr(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    if len(values) == 3 and isinstance(values[1], Const) and isinstance(values[1].value, str):
        engine.set_attribute(values[0], values[1].value, values[2], site)
    elif values:  # it may be any of them
        engine.may_set_options(values[0])
    return NONE


def _next(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    if not values:
        return UNKNOWN
    items = engine.items(values[0])
    if items and UNKNOWN not in items and isinstance(values[0], Obj) and values[0].kind in ("list", "range"):
        return choice(items)
    return engine.element(values[0], site)


def _iter(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    return values[0] if values else UNKNOWN


def _bool(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    known = truth(engine, values[0]) if values else False
    return UNKNOWN if known is None else Const(known)


def _print(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    engine.show(site, *values)
    told.printed(engine, values, site)
    tracing.printed(engine, site, values)
    return NONE


def _type(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    if len(values) == 1 and isinstance(values[0], Obj) and values[0].kind == "instance":
        return engine.get(values[0], "class") or UNKNOWN
    if len(values) == 1 and isinstance(values[0], Tuple):
        return Builtin("tuple")
    if len(values) == 1 and isinstance(values[0], Obj) and values[0].kind in ("list", "dict", "set"):
        return Builtin(values[0].kind)
    return UNKNOWN


def _filter(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    if len(values) != 2:
        return UNKNOWN
    items = engine.items(values[1])
    if items is not None and len(items) <= 32:
        kept = [truth(engine, i if values[0] == NONE else engine.call(values[0], (i,), {}, site)) for i in items]
        if None not in kept:
            return engine.new_list(site, [item for item, keep in zip(items, kept, strict=True) if keep])
    if (
        isinstance(values[1], Obj) and values[1].kind == "torch.parameters"
    ):  # what is left can be gone through once, too
        return engine.new(values[1].kind, site, {"model": engine.get(values[1], "model") or UNKNOWN})
    return engine.new("list", site, {"items": UNKNOWN, "element": engine.element(values[1], site)})


def _locals(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    fields = engine.state.heap.get(engine.frame.number, {})
    number = engine.number(engine.frame.number, "locals", id(site))
    engine.state.put(number, {"items": Tuple(tuple(Tuple((Const(k), v)) for k, v in fields.items() if k[0] != "@"))})
    return Obj(number, "dict", site)


def _static(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    """``loss = staticmethod(function)``."""
    if isinstance(values[0] if values else UNKNOWN, LocalFunction):
        return replace(cast("LocalFunction", values[0]), kind="static")
    return values[0] if values else UNKNOWN


def _globals(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    fields = engine.state.heap.get(engine.frame.globals, {})
    number = engine.number("globals", id(site))
    engine.state.put(number, {"items": Tuple(tuple(Tuple((Const(k), v)) for k, v in fields.items()))})
    return Obj(number, "dict", site)


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "range": _range, "len": _len, "list": _sequence("list"), "tuple": _sequence("tuple"), "set": _sequence("set"), "frozenset": _sequence("set"),
    "dict": _dict, "enumerate": _enumerate, "zip": _zip, "map": _map, "filter": _filter, "sorted": _sorted, "reversed": _reversed,
    "isinstance": _isinstance, "getattr": _getattr, "setattr": _setattr, "callable": _callable, "issubclass": _issubclass, "vars": _vars,
    "hasattr": _hasattr, "globals": _globals, "locals": _locals, "staticmethod": _static, "next": _next, "iter": _iter, "bool": _bool, "print": _print, "type": _type,
    **{name: _fold(name) for name in ("int", "float", "str", "min", "max", "sum", "abs", "round", "any", "all", "divmod", "pow", "ord", "chr")},
}  # fmt: skip


# -- methods ----------------------------------------------------------------------------------------------------------
def _call_method(engine: Interpreter, callee: Builtin, arguments: Arguments, site: Site) -> Value:
    kind, _, name = callee.name.partition(".")
    receiver = callee.receiver
    values = [v for v, _ in arguments.positional]
    if isinstance(receiver, Obj) and kind == "list":
        return _list_method(engine, receiver, name, values, site)
    if isinstance(receiver, Obj) and kind == "record":
        return records.call_method(engine, receiver, name, arguments, site)
    if isinstance(receiver, Obj) and (kind == "dict" or kind == ATTRIBUTES):
        return _dict_method(engine, receiver, name, values, arguments, site)
    if isinstance(receiver, Obj) and kind == "set":
        if name in ("add", "update", "discard", "remove", "clear", "pop"):
            engine.touch([receiver])
        return UNKNOWN
    if isinstance(receiver, Const) and isinstance(receiver.value, str):
        return like(_string_method(engine, receiver.value, name, values, arguments, site), receiver, *values)
    if kind == "operator" and isinstance(receiver, Tuple):
        return _picked(engine, name, receiver, values, site)
    if isinstance(receiver, Tuple) and name == "index":
        return _index(list(receiver.items), values[0], site) if len(values) == 1 else UNKNOWN
    if name == "backward":  # of a loss that began as a number
        engine.record(Event("backward", site, UNKNOWN))
        return UNKNOWN
    engine.record(Event("unknown_call", site, UNKNOWN if receiver is None else receiver, tuple(values)))
    return UNKNOWN


def _picked(engine: Interpreter, name: str, wanted: Tuple, values: list[Value], site: Site) -> Value:
    """What ``itemgetter`` and ``attrgetter`` take out of a value."""
    from mllint.reader.expressions import subscript

    if len(values) != 1:
        return UNKNOWN
    found = [
        subscript(engine, values[0], each, site, None)
        if name == "itemgetter"
        else attribute_named(engine, values[0], each, site)
        for each in wanted.items
    ]
    return found[0] if len(found) == 1 else Tuple(tuple(found))


def _list_method(engine: Interpreter, receiver: Obj, name: str, values: list[Value], site: Site) -> Value:
    from mllint.reader.statements import extend_list

    items = engine.items(receiver)
    if name == "append" and values:
        written = site.args[0].value if isinstance(site, cst.Call) else None
        tracing.appended(engine, receiver, values[0], site)
        extend_list(engine, receiver, [values[0]], written=written)
        return NONE
    if name == "extend" and values:
        extend_list(engine, receiver, engine.items(values[0]), values[0])
        return NONE
    if (
        name == "insert"
        and len(values) == 2
        and items is not None
        and isinstance(values[0], Const)
        and isinstance(values[0].value, int)
    ):
        place = max(-len(items), min(len(items), values[0].value))
        items.insert(place, values[1])
        engine.set(receiver, "items", Tuple(tuple(items)))
        return NONE
    if name == "pop":
        if items and (
            not values
            or (
                isinstance(values[0], Const)
                and isinstance(values[0].value, int)
                and -len(items) <= values[0].value < len(items)
            )
        ):
            index = values[0].value if values and isinstance(values[0], Const) else -1
            found = items.pop(index)
            engine.set(receiver, "items", Tuple(tuple(items)))
            return found
        engine.touch([receiver])
        return UNKNOWN
    if name == "copy":
        return engine.new("list", site, dict(engine.state.heap.get(receiver.id, {})))
    if name == "clear":
        engine.set(receiver, "items", Tuple(()))
        return NONE
    if name == "reverse" and items is not None:
        engine.set(receiver, "items", Tuple(tuple(items[::-1])))
        return NONE
    if name == "index" and len(values) == 1:
        return _index(items, values[0], site)
    if name == "count" and items is not None and values and all(isinstance(i, Const) for i in (*items, values[0])):
        return Const(items.count(values[0]))
    if name in ("index", "count"):
        return UNKNOWN
    plain = items is not None and all(isinstance(item, Const) for item in items)
    if name == "remove" and plain and items is not None and len(values) == 1 and values[0] in items:
        items.remove(values[0])
        engine.set(receiver, "items", Tuple(tuple(items)))
        return NONE
    if name in ("sort", "insert", "remove"):
        engine.runs.forget(receiver.id)
    engine.touch([receiver])
    return UNKNOWN


def _index(items: list[Value] | None, wanted: Value, site: Site) -> Value:
    """Where a constant stands in a list of constants; of what is not known, it is one of the places."""
    if not items or not all(isinstance(item, Const) for item in items):
        return UNKNOWN
    if isinstance(wanted, Const):
        return Const(items.index(wanted)) if wanted in items else UNKNOWN
    anything = wanted is UNKNOWN or isinstance(wanted, Data)
    return _one_of([Const(place) for place in range(len(items))], site) if anything else UNKNOWN


def _one_of(items: list[Value], site: Site | None) -> Value:
    """One of these values, however many constants they are."""
    found = choice(items)
    if found is UNKNOWN and len(items) > LIMIT and all(isinstance(item, Const) for item in items):
        return lineage.any_of([item.value for item in items if isinstance(item, Const)], site)
    return found


def _dict_method(
    engine: Interpreter, receiver: Obj, name: str, values: list[Value], arguments: Arguments, site: Site
) -> Value:
    pairs = engine.mapping(receiver)
    if name == "get" and values:
        if pairs is None:
            return UNKNOWN
        default = values[1] if len(values) > 1 else NONE
        if is_key(engine, values[0]):
            if type(values[0]) is Option and values[0].site is not None:
                engine.program.assumed[site] = values[0].site
            return next((v for k, v in pairs if k == values[0]), default)
        return _one_of([*(v for _, v in pairs), default], receiver.site) if pairs else default
    if name in ("keys", "values", "items"):
        if pairs is None:
            element = engine.get(receiver, "element") or UNKNOWN
            element = {"keys": UNKNOWN, "values": element}.get(name, Tuple((UNKNOWN, element)))
            return engine.new("list", site, {"items": UNKNOWN, "element": element})
        picked: list[Value] = [k if name == "keys" else v if name == "values" else Tuple((k, v)) for k, v in pairs]
        return engine.new_list(site, picked)
    if name in ("update", "merge_from_dict"):
        more = engine.mapping(values[0]) if values else []
        if pairs is not None and more is not None and arguments.complete:
            for key, value in [*more, *((Const(k), v) for k, (v, _) in arguments.keywords.items())]:
                engine.set_item(receiver, key, value)
        elif receiver.kind == "dict":
            engine.touch([receiver])
        else:
            engine.may_set_options(receiver)
        return NONE
    if name in ("pop", "setdefault") and values and pairs is not None and isinstance(values[0], Const):
        found = next((v for k, v in pairs if k == values[0]), None)
        if name == "pop":
            engine.set(receiver, "items", Tuple(tuple(Tuple(p) for p in pairs if p[0] != values[0])))
        elif found is None and len(values) > 1:
            engine.set(receiver, "items", Tuple(tuple(Tuple(p) for p in [*pairs, (values[0], values[1])])))
            return values[1]
        return found if found is not None else values[1] if len(values) > 1 else UNKNOWN
    if name == "copy":
        return engine.new(receiver.kind, site, dict(engine.state.heap.get(receiver.id, {})))
    if name in ("to", "cuda", "cpu"):  # no plain dict: a batch
        return receiver
    engine.touch([receiver])
    return UNKNOWN


_STRING = {
    "lower",
    "upper",
    "strip",
    "lstrip",
    "rstrip",
    "title",
    "replace",
    "startswith",
    "endswith",
    "format",
    "capitalize",
    "removeprefix",
    "removesuffix",
}


def _joined(engine: Interpreter, text: str, parts: Value) -> Value:
    items = engine.items(parts)
    plain = [item.value for item in items or () if isinstance(item, Const) and isinstance(item.value, str)]
    return UNKNOWN if items is None or len(plain) < len(items) else fold(text.join, plain)


def _string_method(
    engine: Interpreter, text: str, name: str, values: list[Value], arguments: Arguments, site: Site
) -> Value:
    if name == "join" and len(values) == 1:
        return _joined(engine, text, values[0])
    if name == "format":
        engine.show(site, *values, *(value for value, _ in arguments.keywords.values()))
        told.filled(engine, text, values, site)
    values = [enums.plain(engine, value) for value in values]
    plain = [v.value for v in values if isinstance(v, Const)]
    keywords = {k: v.value for k, (v, _) in arguments.keywords.items() if isinstance(v, Const)}
    if len(plain) != len(values) or len(keywords) != len(arguments.keywords):
        return UNKNOWN
    try:
        if name in _STRING:
            return UNKNOWN if name == "format" and wide(text) else fold(getattr(text, name), *plain, **keywords)
        if name in ("split", "splitlines"):
            return engine.new_list(site, [Const(part) for part in getattr(text, name)(*plain, **keywords)])
    except Exception:  # whatever the user's constant expression raises, its value is unknown
        return UNKNOWN
    return UNKNOWN
