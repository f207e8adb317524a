"""Names of libraries that the reader itself understands: partial applications, containers, configurations."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mllint.facts import Site
from mllint.frameworks.options import FLAGS
from mllint.program import Event
from mllint.reader import enums, records
from mllint.reader.keys import FACTORY
from mllint.reader.local import BoundFunction, Builtin, LocalClass, LocalFunction
from mllint.values import UNKNOWN, Const, Obj, Option, Tuple, Value, choice

if TYPE_CHECKING:
    from mllint.reader.calls import Arguments
    from mllint.reader.engine import Interpreter

MAX_LITERAL = 20_000
"""Longer JSON and YAML texts are data, not configuration."""


def _first(arguments: Arguments) -> Value:
    return arguments.positional[0][0] if arguments.positional else UNKNOWN


def _partial(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
    if not arguments.positional:
        return UNKNOWN
    head, *rest = arguments.positional
    return BoundFunction(
        head[0], None, tuple(v for v, _ in rest), tuple((k, v) for k, (v, _) in arguments.keywords.items())
    )


def _builtin(name: str) -> Callable[[Interpreter, Arguments, Site], Value]:
    def call(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
        from mllint.reader.builtins import call_builtin

        return call_builtin(engine, Builtin(name), arguments, site)

    return call


def _default_dict(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
    factory, rest = _first(arguments), arguments.positional[1:]
    made = _builtin("dict")(engine, replace(arguments, positional=rest), site)
    if isinstance(made, Obj) and arguments.positional:
        engine.set(made, FACTORY, factory)
    return made


def _chain_map(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
    pairs: dict[Value, Value] = {}
    for value, _ in reversed(arguments.positional):
        inside = engine.mapping(value)
        if inside is None:
            return UNKNOWN
        pairs.update(inside)
    return engine.new("dict", site, {"items": Tuple(tuple(map(Tuple, pairs.items())))})


def _getter(kind: str) -> Callable[[Interpreter, Arguments, Site], Value]:
    """``itemgetter("units")``, ``attrgetter("units")``: a builtin that is applied to what it is called with."""

    def make(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
        wanted = Tuple(tuple(value for value, _ in arguments.positional))
        return Builtin(f"operator.{kind}", wanted)

    return make


def _identity(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
    return _first(arguments)


def _copy(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
    """A copy of a container or a configuration; a copy of anything else is as good as the thing itself."""
    value = _first(arguments)
    if isinstance(value, Obj) and value.kind in ("list", "dict", "set", "namespace"):
        return engine.new(value.kind, site, dict(engine.state.heap.get(value.id, {})))
    if isinstance(value, Obj):
        engine.record(Event("copied", site, value))
    return value


# -- configurations ---------------------------------------------------------------------------------------------------
def _namespace(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
    """A dict whose keys are attributes; the dicts inside become such, too."""
    given = engine.mapping(_first(arguments)) if arguments.positional else []
    if given is None or not arguments.complete:
        return UNKNOWN
    pairs = {key: value for key, value in given if isinstance(key, Const)}
    pairs.update({Const(name): value for name, (value, _) in arguments.keywords.items()})
    return _as_namespace(engine, pairs, site, ())


def _as_namespace(engine: Interpreter, pairs: dict[Const, Value], site: Site, path: tuple[Any, ...]) -> Value:
    made = {}
    for key, value in pairs.items():
        inside = engine.mapping(value) if isinstance(value, Obj) and value.kind == "dict" else None
        if inside is not None and len(path) < 8:
            found = {k: v for k, v in inside if isinstance(k, Const)}
            made[key] = _as_namespace(engine, found, site, (*path, key.value))
        else:
            made[key] = value
    number = engine.number(engine.frame.number, id(site), path, "namespace")
    engine.state.put(number, {"items": Tuple(tuple(map(Tuple, made.items())))})
    return Obj(number, "namespace", site)


def _merged(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
    """``OmegaConf.merge(defaults, changes)``."""
    parts = [engine.mapping(value) for value, _ in arguments.positional]
    if None in parts or not arguments.complete:
        return UNKNOWN
    return _merge(engine, [dict(part) for part in parts if part is not None], site, ())


def _merge(engine: Interpreter, parts: list[dict[Value, Value]], site: Site, path: tuple[Any, ...]) -> Value:
    made: dict[Value, Value] = {}
    for key in dict.fromkeys(key for part in parts for key in part):
        found = [part[key] for part in parts if key in part]
        inside = [engine.mapping(value) for value in found]
        nested = [dict(each) for each in inside if each is not None]
        deeper = len(nested) == len(found) > 1 and len(path) < 8
        made[key] = _merge(engine, nested, site, (*path, key)) if deeper else found[-1]
    number = engine.number(engine.frame.number, id(site), path, "merged")
    engine.state.put(number, {"items": Tuple(tuple(map(Tuple, made.items())))})
    return Obj(number, "namespace", site)


def _structured(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
    """``OmegaConf.structured(Config)``."""
    config = _first(arguments)
    return engine.call(config, (), {}, site) if isinstance(config, LocalClass) else config


def _literal(read: Callable[[str], Any]) -> Callable[[Interpreter, Arguments, Site], Value]:
    """What a text in the program says; a file that is open says nothing."""

    def load(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
        text = _first(arguments)
        if not isinstance(text, Const) or not isinstance(text.value, str) or len(text.value) > MAX_LITERAL:
            return UNKNOWN
        try:
            found = read(text.value)
        except Exception:  # whatever is wrong with the text, its value is unknown
            return UNKNOWN
        return _value(engine, found, site, ())

    return load


def _value(engine: Interpreter, found: Any, site: Site, path: tuple[Any, ...]) -> Value:
    if isinstance(found, (dict, list)):
        number = engine.number(engine.frame.number, id(site), path, "literal")
        items: list[Value] = []
        for key, each in found.items() if isinstance(found, dict) else enumerate(found):
            value = _value(engine, each, site, (*path, key))
            items.append(Tuple((Const(key), value)) if isinstance(found, dict) else value)
        engine.state.put(number, {"items": Tuple(tuple(items))})
        return Obj(number, "dict" if isinstance(found, dict) else "list", site)
    return Const(found) if found is None or isinstance(found, (str, int, float, bool)) else UNKNOWN


def _plain_yaml(text: str) -> Any:
    """YAML as configurations are written by hand: nested keys, lists in brackets or after dashes, scalars.

    Raises: ValueError for anything else.
    """
    lines = [line.split(" #")[0].rstrip() for line in text.splitlines()]
    rows = [line for line in lines if line.strip() and not line.lstrip().startswith(("#", "---"))]
    found, rest = _block(rows, _indent(rows[0]) if rows else 0)
    if rest:
        raise ValueError(rest[0])
    return found


def _indent(row: str) -> int:
    return len(row) - len(row.lstrip(" "))


def _block(rows: list[str], indent: int) -> tuple[Any, list[str]]:
    """What the rows of this indentation say, and the rows behind them."""
    made: Any = [] if rows and rows[0].lstrip().startswith("- ") else {}
    while rows and _indent(rows[0]) == indent:
        text = rows[0].strip()
        rows = rows[1:]
        if isinstance(made, list):
            if not text.startswith("- ") or ": " in text:
                raise ValueError(text)
            made.append(_scalar(text[2:].strip()))
            continue
        key, colon, value = text.partition(":")
        if not colon or (value and not value.startswith(" ")):
            raise ValueError(text)
        if value.strip():
            made[_scalar(key)] = _scalar(value.strip())
        elif rows and (_indent(rows[0]) > indent or rows[0].lstrip().startswith("- ")):
            made[_scalar(key)], rows = _block(rows, _indent(rows[0]))
        else:
            made[_scalar(key)] = None
    return made, rows


def _scalar(text: str) -> Any:
    if text[0] in "[{" or text[0] in "\"'":
        if text[0] in "\"'" and text[-1] == text[0]:
            return text[1:-1]
        if text.startswith("[") and text.endswith("]") and "[" not in text[1:] and "{" not in text:
            return [_scalar(part.strip()) for part in text[1:-1].split(",") if part.strip()]
        raise ValueError(text)
    if text[0] in "&*!|>%@`":
        raise ValueError(text)
    if text.lower() in ("true", "yes", "on"):
        return True
    if text.lower() in ("false", "no", "off"):
        return False
    if text.lower() in ("null", "~"):
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


# -- programs that get their parameters from the command line ---------------------------------------------------------
def as_options(engine: Interpreter, function: Value, site: Site) -> Value:
    """A function whose defaults are what the command line may change; an object made with such defaults."""
    if isinstance(function, LocalFunction):
        defaults = {k: Option(v.value, site) if isinstance(v, Const) else v for k, v in function.defaults.items()}
        return replace(function, defaults=defaults)
    return function


def _run(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
    """``fire.Fire(main)``, ``typer.run(main)``, ``tyro.cli(Config)``."""
    return _run_one(engine, _first(arguments), site)


def _run_one(engine: Interpreter, function: Value, site: Site) -> Value:
    if not isinstance(function, (LocalFunction, LocalClass, BoundFunction)):
        return UNKNOWN
    made = engine.call(as_options(engine, function, site), (), {}, site)
    for name in records.names(engine, made) or ():
        value = engine.get(made, name) if isinstance(made, Obj) else None
        if isinstance(value, Const) and isinstance(made, Obj):
            engine.set(made, name, Option(value.value, site))
    return made


def _dataclass_parser(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
    """``HfArgumentParser((ModelArguments, DataArguments))``."""
    classes = _first(arguments)
    wanted = Tuple((classes,)) if isinstance(classes, LocalClass) else Tuple(tuple(engine.items(classes) or ()))
    return engine.new("transformers.HfArgumentParser", site, {"classes": wanted})


def parse_into_dataclasses(engine: Interpreter, parser: Obj, site: Site) -> Value:
    """An instance of each class, its fields as they are when the command line says nothing."""
    wanted = engine.get(parser, "classes")
    if not isinstance(wanted, Tuple) or not wanted.items:
        return UNKNOWN
    made = []
    for index, each in enumerate(wanted.items):
        with engine.round(("dataclass", index)):
            made.append(_run_one(engine, each, site))
    return Tuple(tuple(made))


# -- sequences --------------------------------------------------------------------------------------------------------
def _pairwise(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
    items = engine.items(_first(arguments))
    if items is None:
        element = engine.element(_first(arguments), site)
        return engine.new("list", site, {"items": UNKNOWN, "element": Tuple((element, element))})
    return engine.new_list(site, [Tuple(pair) for pair in itertools.pairwise(items)])


def _chain(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
    return _joined(engine, [value for value, _ in arguments.positional], site)


def _chain_inside(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
    parts = engine.items(_first(arguments))
    return _joined(engine, [engine.element(_first(arguments), site)] if parts is None else parts, site)


def _some_of(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
    """``islice(x, n)``, ``cycle(x)``: the same elements, more or fewer of them."""
    return engine.new("list", site, {"items": UNKNOWN, "element": engine.element(_first(arguments), site)})


def _joined(engine: Interpreter, parts: list[Value], site: Site) -> Value:
    found: list[Value] = []
    for part in parts:
        items = engine.items(part)
        if items is None:
            element = choice(engine.element(each, site) for each in parts)
            return engine.new("list", site, {"items": UNKNOWN, "element": element})
        found += items
    return engine.new_list(site, found)


def _product(engine: Interpreter, arguments: Arguments, site: Site) -> Value:

    axes = [engine.items(value) for value, _ in arguments.positional]
    sizes = 1
    for axis in axes:
        sizes *= 1000 if axis is None else len(axis)
    if arguments.keywords or not axes or sizes > 64:
        element = Tuple(tuple(engine.element(value, site) for value, _ in arguments.positional))
        return engine.new("list", site, {"items": UNKNOWN, "element": element})
    return engine.new_list(site, [Tuple(each) for each in itertools.product(*(axis or [] for axis in axes))])


def _reduce(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
    if len(arguments.positional) < 2 or not arguments.complete:
        return UNKNOWN
    function, sequence, *start = [value for value, _ in arguments.positional]
    items = engine.items(sequence)
    if items is None or len(items) > 16 or not (items or start):
        return UNKNOWN
    waiting = [*start, *items]
    made = waiting.pop(0)
    for item in waiting:
        made = engine.call(function, (made, item), {}, site)
    return made


_ITERATED = ("tqdm.tqdm", "tqdm.auto.tqdm", "tqdm.notebook.tqdm", "tqdm.std.tqdm", "rich.progress.track")
_NAMESPACES = (
    "types.SimpleNamespace", "argparse.Namespace", "easydict.EasyDict", "addict.Dict", "munch.Munch", "munch.munchify", "box.Box",
    "ml_collections.ConfigDict", "ml_collections.config_dict.ConfigDict", "ml_collections.FrozenConfigDict", "omegaconf.OmegaConf.create",
    "omegaconf.DictConfig", "bunch.Bunch", "bunch.bunchify", "sklearn.utils.Bunch", "attrdict.AttrDict", "dotmap.DotMap", "yacs.config.CfgNode", "fvcore.common.config.CfgNode",
)  # fmt: skip
_RUNNERS = (
    "fire.Fire",
    "typer.run",
    "tyro.cli",
    "plac.call",
    "defopt.run",
    "jsonargparse.CLI",
    "jsonargparse.auto_cli",
)

SPECIAL: Mapping[str, Callable[[Interpreter, Arguments, Site], Value]] = {
    "functools.partial": _partial,
    "functools.reduce": _reduce,
    "collections.OrderedDict": _builtin("dict"),
    "collections.UserDict": _builtin("dict"),
    "collections.defaultdict": _default_dict,
    "collections.ChainMap": _chain_map,
    "collections.namedtuple": records.named_tuple,
    "collections.deque": _builtin("list"),
    "typing.NamedTuple": records.named_tuple,
    "dataclasses.field": records.declared_field,
    "dataclasses.replace": lambda engine, arguments, site: records.changed(engine, _first(arguments), arguments, site),
    "dataclasses.asdict": lambda engine, arguments, site: records.as_dict(engine, _first(arguments), site),
    "dataclasses.fields": records.fields_of,
    "attr.ib": records.declared_field,
    "attr.field": records.declared_field,
    "attrs.field": records.declared_field,
    "attr.Factory": records.factory,
    "attrs.Factory": records.factory,
    "attr.evolve": lambda engine, arguments, site: records.changed(engine, _first(arguments), arguments, site),
    "attrs.evolve": lambda engine, arguments, site: records.changed(engine, _first(arguments), arguments, site),
    "attr.asdict": lambda engine, arguments, site: records.as_dict(engine, _first(arguments), site),
    "attrs.asdict": lambda engine, arguments, site: records.as_dict(engine, _first(arguments), site),
    "pydantic.Field": records.declared_field,
    "flax.struct.field": records.declared_field,
    "enum.auto": lambda engine, arguments, site: enums.AUTO,
    "json.loads": _literal(json.loads),
    "yaml.safe_load": _literal(_plain_yaml),
    "yaml.load": _literal(_plain_yaml),
    "ast.literal_eval": _literal(lambda text: __import__("ast").literal_eval(text)),
    "itertools.pairwise": _pairwise,
    "itertools.chain": _chain,
    "itertools.chain.from_iterable": _chain_inside,
    "itertools.product": _product,
    "itertools.islice": _some_of,
    "itertools.cycle": _some_of,
    "operator.itemgetter": _getter("itemgetter"),
    "operator.attrgetter": _getter("attrgetter"),
    "sys.exit": lambda engine, arguments, site: UNKNOWN,
    "copy.copy": _copy,
    "copy.deepcopy": _copy,
    "tqdm.trange": lambda engine, arguments, site: UNKNOWN,
    "typing.cast": lambda engine, arguments, site: (
        arguments.positional[1][0] if len(arguments.positional) > 1 else UNKNOWN
    ),
    "transformers.HfArgumentParser": _dataclass_parser,
    "transformers.hf_argparser.HfArgumentParser": _dataclass_parser,
    "omegaconf.OmegaConf.merge": _merged,
    "omegaconf.OmegaConf.structured": _structured,
    "omegaconf.OmegaConf.to_container": lambda engine, arguments, site: _first(arguments),
    **dict.fromkeys(_NAMESPACES, _namespace),
    **dict.fromkeys(_ITERATED, _identity),
    **dict.fromkeys(_RUNNERS, _run),
}
"""What calling these names means."""

CONSTANTS: Mapping[str, Value] = {
    f"{home}.FLAGS": FLAGS
    for home in (
        "absl.flags",
        "tensorflow.app.flags",
        "tensorflow.flags",
        "tensorflow.compat.v1.app.flags",
        "tensorflow.compat.v1.flags",
    )
}
