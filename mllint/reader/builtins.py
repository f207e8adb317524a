"""Builtin functions and the methods of lists, dicts, sets and strings."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import libcst as cst

from mllint.facts import Site
from mllint.frameworks import table
from mllint.program import Event
from mllint.reader.folding import fold, too_large, wide
from mllint.reader.local import Builtin, LocalClass
from mllint.reader.narrow import truth
from mllint.values import (
    NONE,
    UNKNOWN,
    Const,
    Data,
    Layer,
    Name,
    Obj,
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


def is_enum(engine: Interpreter, owner: LocalClass) -> bool:
    """Whether a local class is an enumeration, whose call looks a member up."""
    return any(isinstance(b, Name) and b.path.startswith("enum.") for each in engine.mro(owner) for b in each.bases)


def call_builtin(engine: Interpreter, callee: Builtin, arguments: Arguments, site: Site) -> Value:
    """Call a builtin function, or a method of a builtin type."""
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
        if not counted[MAX_RANGE:]:
            return engine.new_list(site, [Const(i) for i in counted], "range")
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


def _sequence(kind: str) -> Callable[..., Value]:
    def make(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
        if not values:
            return Tuple(()) if kind == "tuple" else engine.new_list(site, [], kind)
        items = engine.items(values[0])
        if items is None:
            if isinstance(values[0], Data):
                return values[0]
            return engine.new(
                "list" if kind == "tuple" else kind,
                site,
                {"items": UNKNOWN, "element": engine.element(values[0], site)},
            )
        if kind == "set":
            items = list(dict.fromkeys(items))
        return Tuple(tuple(items)) if kind == "tuple" else engine.new_list(site, items, kind)

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


def _enumerate(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    if not values:
        return UNKNOWN
    start = values[1] if len(values) > 1 else arguments.keywords.get("start", (Const(0), None))[0]
    items = engine.items(values[0])
    if items is not None and isinstance(start, Const) and isinstance(start.value, int) and len(items) <= MAX_RANGE:
        return engine.new_list(site, [Tuple((Const(start.value + i), item)) for i, item in enumerate(items)])
    return engine.new("list", site, {"items": UNKNOWN, "element": Tuple((UNKNOWN, engine.element(values[0], site)))})


def _zip(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
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


def _same_list(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    if not values:
        return UNKNOWN
    items = engine.items(values[0])
    if items is not None and arguments.keywords == {} and all(isinstance(i, Const) for i in items):
        try:
            return engine.new_list(site, [Const(c) for c in sorted(i.value for i in items if isinstance(i, Const))])
        except TypeError:
            pass
    if isinstance(values[0], Data):
        return values[0]
    return engine.new("list", site, {"items": UNKNOWN, "element": engine.element(values[0], site)})


def _reversed(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    items = engine.items(values[0]) if values else None
    return engine.new_list(site, items[::-1]) if items is not None else UNKNOWN


def _fold(name: str) -> Callable[..., Value]:
    function = getattr(builtins, name)

    def call(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
        if arguments.keywords or not arguments.complete:
            return UNKNOWN
        plain: list[Any] = []
        for value in values:
            if isinstance(value, Const):
                plain.append(value.value)
                continue
            items = engine.items(value)
            if items is None or not all(isinstance(i, Const) for i in items):
                losses = [i for i in items or () if isinstance(i, Data) and i.loss is not None]
                if name != "sum" or not losses:
                    return UNKNOWN
                return losses[0] if len({each.loss for each in losses}) == 1 else losses[0].with_(loss=UNKNOWN)
            plain.append([i.value for i in items if isinstance(i, Const)])
        if name == "pow" and len(plain) == 2 and too_large("**", *plain):
            return UNKNOWN
        return fold(function, *plain)

    return call


def _isinstance(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    if len(values) != 2:
        return UNKNOWN
    value, wanted = values
    if isinstance(wanted, Builtin) and isinstance(value, Const):
        kind = getattr(builtins, wanted.name, None)
        return Const(isinstance(value.value, kind)) if isinstance(kind, type) else UNKNOWN
    if isinstance(wanted, Name):
        path = table.canonical(wanted.path)
        if engine.is_instance_of(value, path):
            return Const(True)
        if isinstance(value, Layer):
            return Const(True) if path.rpartition(".")[2] in (value.type, "Module", "Layer") else UNKNOWN
    if isinstance(wanted, LocalClass) and isinstance(value, Obj) and value.kind == "instance":
        owner = engine.get(value, "class")
        if isinstance(owner, LocalClass):
            return Const(wanted in engine.mro(owner))
    return UNKNOWN


def _getattr(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    return attribute_named(engine, values[0], values[1], site, len(values) == 2) if len(values) >= 2 else UNKNOWN


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
    return NONE


def _next(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    return engine.element(values[0], site) if values else UNKNOWN


def _iter(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    return values[0] if values else UNKNOWN


def _bool(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    known = truth(engine, values[0]) if values else False
    return UNKNOWN if known is None else Const(known)


def _none(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    return NONE


def _type(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    if len(values) == 1 and isinstance(values[0], Obj) and values[0].kind == "instance":
        return engine.get(values[0], "class") or UNKNOWN
    return UNKNOWN


def _filter(engine: Interpreter, values: list[Value], arguments: Arguments, site: Site) -> Value:
    return (
        engine.new("list", site, {"items": UNKNOWN, "element": engine.element(values[1], site)})
        if len(values) == 2
        else UNKNOWN
    )


_FUNCTIONS: dict[str, Callable[..., Value]] = {
    "range": _range, "len": _len, "list": _sequence("list"), "tuple": _sequence("tuple"), "set": _sequence("set"), "frozenset": _sequence("set"),
    "dict": _dict, "enumerate": _enumerate, "zip": _zip, "map": _map, "filter": _filter, "sorted": _same_list, "reversed": _reversed,
    "isinstance": _isinstance, "getattr": _getattr, "setattr": _setattr, "next": _next, "iter": _iter, "bool": _bool, "print": _none, "type": _type,
    **{name: _fold(name) for name in ("int", "float", "str", "min", "max", "sum", "abs", "round", "any", "all", "divmod", "pow", "ord", "chr")},
}  # fmt: skip


# -- methods ----------------------------------------------------------------------------------------------------------
def _call_method(engine: Interpreter, callee: Builtin, arguments: Arguments, site: Site) -> Value:
    kind, _, name = callee.name.partition(".")
    receiver = callee.receiver
    values = [v for v, _ in arguments.positional]
    if isinstance(receiver, Obj) and kind == "list":
        return _list_method(engine, receiver, name, values, site)
    if isinstance(receiver, Obj) and kind == "dict":
        return _dict_method(engine, receiver, name, values, arguments, site)
    if isinstance(receiver, Obj) and kind == "set":
        if name in ("add", "update", "discard", "remove", "clear", "pop"):
            engine.touch([receiver])
        return UNKNOWN
    if isinstance(receiver, Const) and isinstance(receiver.value, str):
        return _string_method(engine, receiver.value, name, values, arguments, site)
    if isinstance(receiver, Tuple) and name == "index":
        return _index(list(receiver.items), values[0]) if len(values) == 1 else UNKNOWN
    engine.record(Event("unknown_call", site, UNKNOWN if receiver is None else receiver, tuple(values)))
    return UNKNOWN


def _list_method(engine: Interpreter, receiver: Obj, name: str, values: list[Value], site: Site) -> Value:
    from mllint.reader.statements import extend_list

    items = engine.items(receiver)
    if name == "append" and values:
        written = site.args[0].value if isinstance(site, cst.Call) else None
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
        return _index(items, values[0])
    if name in ("index", "count"):
        return UNKNOWN
    if name in ("sort", "insert", "remove"):
        engine.runs.forget(receiver.id)
    engine.touch([receiver])
    return UNKNOWN


def _index(items: list[Value] | None, wanted: Value) -> Value:
    """Where a constant stands in a list of constants."""
    plain = items is not None and all(isinstance(item, Const) for item in items) and isinstance(wanted, Const)
    return Const(items.index(wanted)) if items is not None and plain and wanted in items else UNKNOWN


def _dict_method(
    engine: Interpreter, receiver: Obj, name: str, values: list[Value], arguments: Arguments, site: Site
) -> Value:
    pairs = engine.mapping(receiver)
    if name == "get" and values:
        if pairs is None:
            return UNKNOWN
        default = values[1] if len(values) > 1 else NONE
        if isinstance(values[0], Const):
            return next((v for k, v in pairs if k == values[0]), default)
        return choice([*(v for _, v in pairs), default]) if pairs else default
    if name in ("keys", "values", "items"):
        if pairs is None:
            element = engine.get(receiver, "element") or UNKNOWN
            element = {"keys": UNKNOWN, "values": element}.get(name, Tuple((UNKNOWN, element)))
            return engine.new("list", site, {"items": UNKNOWN, "element": element})
        picked: list[Value] = [k if name == "keys" else v if name == "values" else Tuple((k, v)) for k, v in pairs]
        return engine.new_list(site, picked)
    if name == "update":
        more = engine.mapping(values[0]) if values else []
        if pairs is not None and more is not None and arguments.complete:
            more = [*more, *((Const(k), v) for k, (v, _) in arguments.keywords.items())]
            keys = [k for k, _ in more]
            engine.set(
                receiver, "items", Tuple(tuple(Tuple(p) for p in [*(p for p in pairs if p[0] not in keys), *more]))
            )
        else:
            engine.touch([receiver])
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
        return engine.new("dict", site, dict(engine.state.heap.get(receiver.id, {})))
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


def _string_method(
    engine: Interpreter, text: str, name: str, values: list[Value], arguments: Arguments, site: Site
) -> Value:
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
