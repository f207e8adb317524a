"""Classes whose constructor follows from their fields: dataclasses, attrs, pydantic models, named tuples."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from mllint.facts import Site
from mllint.reader.local import LocalClass, NamedFields
from mllint.values import FALSE, NONE, TRUE, UNKNOWN, Const, Name, Obj, Tuple, Value

if TYPE_CHECKING:
    from mllint.reader.calls import Arguments
    from mllint.reader.engine import Interpreter

FIELDS = "@fields"
"""Field of an instance: the names its constructor takes, in order."""
IS_TUPLE = "@tuple"
"""Field of an instance that is a tuple too."""
KIND = "dataclasses.field"
"""A field as declared by a call: ``field(default_factory=list)``."""
MAX_DEPTH = 14
"""Calls inside of calls."""
MAX_INSIDE = 6
"""How deep records inside of records are looked at."""
METHODS = {"_replace", "_asdict", "dict", "model_dump", "copy", "model_copy", "_fields", "json"}

_DECORATORS = {
    "dataclasses.dataclass", "pydantic.dataclasses.dataclass", "attr.s", "attr.attrs", "attr.dataclass", "attr.define", "attr.frozen",
    "attr.mutable", "attrs.define", "attrs.frozen", "attrs.mutable", "flax.struct.dataclass", "chex.dataclass",
}  # fmt: skip
_BASES = {
    "typing.NamedTuple", "typing_extensions.NamedTuple", "pydantic.BaseModel", "pydantic.BaseSettings", "pydantic_settings.BaseSettings",
    "msgspec.Struct", "sqlmodel.SQLModel", "flax.linen.Module", "flax.struct.PyTreeNode", "equinox.Module",
}  # fmt: skip
_TUPLES = {"typing.NamedTuple", "typing_extensions.NamedTuple"}


def makes_record(decorator: Value, text: str) -> bool:
    """Whether a class decorator writes the constructor."""
    return text == "dataclass" or (isinstance(decorator, Name) and decorator.path in _DECORATORS)


def is_record(owner: LocalClass) -> bool:
    """Whether the class itself, not one that it derives from, has its constructor written from its fields."""
    return owner.dataclass or any(
        isinstance(base, NamedFields) or (isinstance(base, Name) and base.path in _BASES) for base in owner.bases
    )


def declare(engine: Interpreter, owner: LocalClass) -> None:
    """At the end of a class body: what ``field(…)`` says is kept aside, the attribute is the default or nothing."""
    fields = engine.state.writable(owner.number)
    for name, value in list(fields.items()):
        if isinstance(value, Obj) and value.kind == KIND:
            fields[f"@{name}"] = value
            default = engine.get(value, "default")
            if default is None:
                del fields[name]
            else:
                fields[name] = default


@dataclass(slots=True)
class _Field:
    default: Value | None = None
    factory: Value | None = None
    in_init: bool = True
    only_in_init: bool = False


def _fields(engine: Interpreter, owner: LocalClass) -> dict[str, _Field]:
    found: dict[str, _Field] = {}
    for each in reversed(engine.mro(owner)):
        for base in each.bases:
            if isinstance(base, NamedFields):
                found.update({name: _Field(default) for name, default in base.fields})
        attributes = engine.state.heap.get(each.number, {})
        for name, annotation in _declared(each):
            declared = attributes.get(f"@{name}")
            if annotation is None and declared is None:
                continue
            field = _Field(attributes.get(name))
            if isinstance(declared, Obj):
                field.factory = engine.get(declared, "factory")
                field.in_init = engine.get(declared, "init") != FALSE
            if annotation is not None:
                if "ClassVar" in annotation:
                    continue
                field.only_in_init = "InitVar" in annotation
            found[name] = field
    return found


def _declared(owner: LocalClass) -> Iterator[tuple[str, tuple[str, ...] | None]]:
    """The names that a class body assigns or annotates, with the names in the annotation."""
    body = owner.node.body
    for line in body.body if isinstance(body, cst.IndentedBlock) else ():
        for statement in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            if isinstance(statement, cst.AnnAssign) and isinstance(statement.target, cst.Name):
                yield statement.target.value, tuple(_names(statement.annotation.annotation))
            elif isinstance(statement, cst.Assign) and isinstance(statement.targets[0].target, cst.Name):
                yield statement.targets[0].target.value, None


def _names(node: cst.BaseExpression) -> Iterator[str]:
    if isinstance(node, cst.Subscript):
        yield from _names(node.value)
    elif isinstance(node, cst.Attribute):
        yield node.attr.value
    elif isinstance(node, cst.Name):
        yield node.value
    elif isinstance(node, cst.SimpleString):
        yield from ("ClassVar" if "ClassVar" in node.value else "InitVar" if "InitVar" in node.value else "",)


def fill(engine: Interpreter, instance: Obj, owner: LocalClass, arguments: Arguments, site: Site) -> None:
    """What the written constructor does."""
    from mllint.reader.calls import Arguments as Made
    from mllint.reader.calls import call

    fields = _fields(engine, owner)
    given = [value for value, _ in arguments.positional]
    keywords = {name: value for name, (value, _) in arguments.keywords.items()}
    extra: list[tuple[Value, Site | None]] = []
    for name, field in fields.items():
        value: Value
        if field.in_init and given:
            value = given.pop(0)
        elif field.in_init and name in keywords:
            value = keywords[name]
        elif not arguments.complete and field.in_init:
            value = UNKNOWN
        elif field.factory is not None:
            with engine.round((instance.id, name)):
                value = _made(engine, field.factory, site)
        elif field.default is not None:
            value = field.default
        elif not field.in_init:
            continue
        else:
            value = UNKNOWN
        if field.only_in_init:
            extra.append((value, None))
        else:
            engine.set(instance, name, value)
    kept = [name for name, field in fields.items() if not field.only_in_init]
    engine.set(instance, FIELDS, Tuple(tuple(map(Const, kept))))
    if _is_tuple(engine, owner):
        engine.set(instance, IS_TUPLE, TRUE)
    hooks = ("__post_init__", "__attrs_post_init__", "model_post_init")
    for hook in (*hooks, "setup") if engine.is_instance_of(instance, "flax.linen.Module") else hooks:
        after = engine.class_attribute(instance, hook)
        if after is not None:
            call(engine, after, Made(extra, {}), site)


def _made(engine: Interpreter, factory: Value, site: Site) -> Value:
    """What a factory makes; classes may make each other without end."""
    if engine.depth > MAX_DEPTH:
        return UNKNOWN
    engine.depth += 1
    try:
        return engine.call(factory, (), {}, site)
    finally:
        engine.depth -= 1


def _is_tuple(engine: Interpreter, owner: LocalClass) -> bool:
    return any(
        isinstance(base, NamedFields) or (isinstance(base, Name) and base.path in _TUPLES)
        for each in engine.mro(owner)
        for base in each.bases
    )


def fill_named(engine: Interpreter, instance: Obj, made: NamedFields, arguments: Arguments) -> None:
    """The constructor of ``namedtuple("Name", "x y")``."""
    for index, (name, default) in enumerate(made.fields):
        value = UNKNOWN if default is None or not arguments.complete else default
        if index < len(arguments.positional):
            value = arguments.positional[index][0]
        elif name in arguments.keywords:
            value = arguments.keywords[name][0]
        engine.set(instance, name, value)
    engine.set(instance, FIELDS, Tuple(tuple(Const(name) for name, _ in made.fields)))
    engine.set(instance, IS_TUPLE, TRUE)


def names(engine: Interpreter, value: Value) -> list[str] | None:
    """The fields of a record; None for what is none."""
    found = engine.get(value, FIELDS) if isinstance(value, Obj) and value.kind == "instance" else None
    return [str(name.value) for name in found.items if isinstance(name, Const)] if isinstance(found, Tuple) else None


def as_dict(engine: Interpreter, record: Value, site: Site, depth: int = 0) -> Value:
    """Its fields as a dict; records inside become dicts too."""
    fields = names(engine, record)
    if fields is None or not isinstance(record, Obj):
        return record
    if depth > MAX_INSIDE:
        return UNKNOWN
    pairs = []
    for name in fields:
        value = engine.get(record, name) or UNKNOWN
        pairs.append(Tuple((Const(name), as_dict(engine, value, site, depth + 1))))
    number = engine.number(engine.frame.number, id(site), record.id, "asdict")
    engine.state.put(number, {"items": Tuple(tuple(pairs))})
    return Obj(number, "dict", site)


def changed(engine: Interpreter, record: Value, arguments: Arguments, site: Site) -> Value:
    """``replace(record, field=value)``."""
    if not isinstance(record, Obj):
        return UNKNOWN
    copy = engine.new("instance", site, dict(engine.state.heap.get(record.id, {})))
    for name, (value, _) in arguments.keywords.items():
        engine.set(copy, name, value)
    if not arguments.complete:
        for name in names(engine, record) or ():
            engine.set(copy, name, UNKNOWN)
    after = engine.class_attribute(copy, "__post_init__")
    if after is not None:
        engine.call(after, (), {}, site)
    return copy


def call_method(engine: Interpreter, record: Obj, name: str, arguments: Arguments, site: Site) -> Value:
    """``config._replace(x=1)``, ``config.model_dump()``."""
    if name in ("_replace", "copy", "model_copy"):
        return changed(engine, record, arguments, site)
    return as_dict(engine, record, site) if name in ("_asdict", "dict", "model_dump") else UNKNOWN


# -- what declares fields and records ---------------------------------------------------------------------------------
def declared_field(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
    """``field(default=…)``, ``attr.ib(…)``, ``Field(…)``."""
    given = {name: value for name, (value, _) in arguments.keywords.items()}
    if arguments.positional:
        given.setdefault("default", arguments.positional[0][0])
    fields: dict[str, Value] = {}
    default, factory = given.get("default"), given.get("default_factory", given.get("factory"))
    if isinstance(default, Obj) and default.kind == "attr.Factory":
        factory = engine.get(default, "factory")
        default = None
    if default is not None and default != Const(...):
        fields["default"] = default
    if factory is not None and factory != NONE:
        fields["factory"] = factory
    fields["init"] = given.get("init", TRUE)
    return engine.new(KIND, site, fields)


def factory(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
    """``attr.Factory(list)``."""
    made = arguments.positional[0][0] if arguments.positional else UNKNOWN
    return engine.new("attr.Factory", site, {"factory": made})


def named_tuple(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
    """``namedtuple("Name", "x y", defaults=(1,))``, ``NamedTuple("Name", [("x", int)])``."""
    written = arguments.positional[1][0] if len(arguments.positional) > 1 else UNKNOWN
    if isinstance(written, Const) and isinstance(written.value, str):
        found: list[str] = written.value.replace(",", " ").split()
    else:
        items = engine.items(written)
        if items is None:
            return UNKNOWN
        plain = [item.items[0] if isinstance(item, Tuple) and item.items else item for item in items]
        found = [item.value for item in plain if isinstance(item, Const) and isinstance(item.value, str)]
        if len(found) != len(items):
            return UNKNOWN
    defaults = engine.items(arguments.keywords.get("defaults", (Tuple(()), None))[0]) or []
    padded: list[Value | None] = [*[None] * (len(found) - len(defaults)), *defaults]
    return NamedFields(tuple(zip(found, padded, strict=False)))


def fields_of(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
    """``fields(config)``: objects that have a name."""
    record = arguments.positional[0][0] if arguments.positional else UNKNOWN
    found = names(engine, record)
    if found is None and isinstance(record, LocalClass):
        found = list(_fields(engine, record))
    if found is None:
        return UNKNOWN
    made: list[Value] = []
    for name in found:
        number = engine.number(engine.frame.number, id(site), name, "field")
        engine.state.put(number, {"items": Tuple((Tuple((Const("name"), Const(name))),))})
        made.append(Obj(number, "namespace", site))
    return Tuple(tuple(made))
