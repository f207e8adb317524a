"""Command line options: what a program uses when nothing is said. argparse, click, typer, absl."""

from __future__ import annotations

from mllint.frameworks.table import Call, method, row
from mllint.values import FALSE, NONE, TRUE, UNKNOWN, Const, Name, Obj, Option, Tuple, Value, constant, options

PARSER = "argparse.ArgumentParser"
FLAGS = Obj(-1, "namespace")
"""The options that absl and TensorFlow's ``app.flags`` keep for the whole program."""


@row(
    "argparse.ArgumentParser",
    "configargparse.ArgumentParser",
    "configargparse.ArgParser",
    "jsonargparse.ArgumentParser",
)
def parser(call: Call, **rest: Value) -> Value:
    return call.new(PARSER, options=Tuple(()))


@method(PARSER, "add_argument_group", "add_mutually_exclusive_group")
def group(call: Call, receiver: Value, *names: Value, **rest: Value) -> Value:
    return receiver


@method(PARSER, "add_subparsers")
def subparsers(call: Call, receiver: Value, **rest: Value) -> Value:
    return call.new("argparse.Subparsers")


@method("argparse.Subparsers", "add_parser")
def subparser(call: Call, receiver: Value, *names: Value, **rest: Value) -> Value:
    return call.new(PARSER, options=Tuple(()))


@method(PARSER, "add_argument", "add")
def add_argument(
    call: Call,
    receiver: Value,
    *flags: Value,
    dest: Value = NONE,
    default: Value = NONE,
    action: Value = NONE,
    type: Value = NONE,
    nargs: Value = NONE,
    required: Value = FALSE,
    const: Value = NONE,
    **rest: Value,
) -> Value:
    name = constant(dest) or _destination(flags)
    if isinstance(name, str):
        positional = not any(str(constant(flag)).startswith("-") for flag in flags)
        set_by_user = required != FALSE or (positional and not call.given("default"))
        value = UNKNOWN if set_by_user or not call.complete else _default(call, default, action, type)
        _declare(call, receiver, name, optional(value, call))
    return UNKNOWN


@method(PARSER, "set_defaults")
def set_defaults(call: Call, receiver: Value, **values: Value) -> Value:
    for name, value in values.items():
        _declare(call, receiver, name, optional(value, call))
    return NONE


@method(PARSER, "parse_args")
def parse_args(call: Call, receiver: Value, args: Value = NONE, namespace: Value = NONE) -> Value:
    return _parsed(call, receiver, args)


def _parsed(call: Call, receiver: Value, args: Value) -> Value:
    declared = call.get(receiver, "options")
    pairs = declared.items if isinstance(declared, Tuple) else ()
    given = call.items(args)
    if given == []:
        pairs = tuple(Tuple((pair.items[0], _plain(pair.items[1]))) for pair in pairs if isinstance(pair, Tuple))
    elif given is not None:
        pairs = tuple(Tuple((pair.items[0], UNKNOWN)) for pair in pairs if isinstance(pair, Tuple))
    return call.new("namespace", items=Tuple(pairs))


@method(PARSER, "parse_known_args")
def parse_known_args(call: Call, receiver: Value, args: Value = NONE, namespace: Value = NONE) -> Value:
    return Tuple((_parsed(call, receiver, args), UNKNOWN))


def _destination(flags: tuple[Value, ...]) -> str | None:
    """The attribute that an option is stored in: its first long name, else its first."""
    names = [name for flag in flags if isinstance(name := constant(flag), str)]
    long = [name for name in names if name.startswith("--")]
    return (long or names)[0].lstrip("-").replace("-", "_") if names and len(names) == len(flags) else None


def _default(call: Call, default: Value, action: Value, converter: Value) -> Value:
    kind = constant(action)
    if kind in ("store_true", "store_false") and not call.given("default"):
        return FALSE if kind == "store_true" else TRUE
    if default == Name("argparse.SUPPRESS"):
        return UNKNOWN
    if isinstance(constant(default), str) and converter != NONE:
        return call.call(converter, default)
    return default


def optional(value: Value, call: Call) -> Value:
    """The value as an option's default."""
    return Option(value.value, call.site) if isinstance(value, Const) else value


def _plain(value: Value) -> Value:
    return Const(value.value) if isinstance(value, Option) else value


def _declare(call: Call, holder: Value, name: str, value: Value) -> None:
    for option in options(holder):
        field = "items" if option == FLAGS else "options"
        found = call.get(option, field)
        pairs = found.items if isinstance(found, Tuple) else ()
        kept = tuple(pair for pair in pairs if isinstance(pair, Tuple) and pair.items[0] != Const(name))
        call.set(option, field, Tuple((*kept, Tuple((Const(name), value)))))


# -- absl, TensorFlow 1 -----------------------------------------------------------------------------------------------
_KINDS = ("integer", "float", "string", "boolean", "bool", "enum", "list")
_HOMES = (
    "absl.flags",
    "tensorflow.app.flags",
    "tensorflow.compat.v1.app.flags",
    "tensorflow.compat.v1.flags",
    "tensorflow.flags",
)


@row(*(f"{home}.DEFINE_{kind}" for home in _HOMES for kind in _KINDS))
def define(call: Call, name: Value, default: Value = NONE, *rest: Value, **more: Value) -> Value:
    value = optional(default, call)
    if isinstance(name, Const) and isinstance(name.value, str):
        _declare(call, FLAGS, name.value, value)
    return call.new("namespace", items=Tuple((Tuple((Const("value"), value)),)))


# -- click, typer -----------------------------------------------------------------------------------------------------
@row("click.option")
def click_option(
    call: Call, *flags: Value, default: Value = NONE, is_flag: Value = FALSE, required: Value = FALSE, **rest: Value
) -> Value:
    """What the reader puts in the parameter's place when the decorated function is called without it."""
    plain = [name for flag in flags if isinstance(name := constant(flag), str) and not name.startswith("-")]
    name = plain[0] if plain else (_destination(flags) or "").partition("/")[0]
    value = FALSE if is_flag == TRUE and not call.given("default") else default
    if required != FALSE or not call.complete:
        value = UNKNOWN
    return call.new("click.option", parameter=Const(name), default=optional(value, call))


@row("typer.Option", "typer.Argument")
def typer_option(call: Call, default: Value = UNKNOWN, *flags: Value, **rest: Value) -> Value:
    return UNKNOWN if default == Const(...) else optional(default, call)
