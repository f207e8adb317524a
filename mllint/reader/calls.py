"""Calls: of framework names and methods through the tables, of local functions and classes by reading them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import cast

import libcst as cst

from mllint.facts import Site
from mllint.frameworks import table
from mllint.frameworks.table import Call, Entry
from mllint.program import Argument, Event
from mllint.reader.engine import MAX_DEPTH, MAX_READINGS, Frame, Interpreter
from mllint.reader.local import BoundFunction, Builtin, LocalClass, LocalFunction
from mllint.reader.state import State, join_states
from mllint.values import (
    NONE,
    UNKNOWN,
    Bound,
    Choice,
    Const,
    Data,
    Layer,
    Loss,
    Metric,
    Name,
    Obj,
    Tuple,
    Unknown,
    Value,
    choice,
)


@dataclass(slots=True)
class Arguments:
    """A call's arguments: values with the sites they are written at."""

    positional: list[tuple[Value, Site | None]]
    keywords: dict[str, tuple[Value, Site | None]]
    complete: bool = True
    name_site: Site | None = None

    def of(self, engine: Interpreter, site: Site, path: str) -> Call:
        """The call as a row for ``path`` sees it."""
        positional = tuple(self.positional)
        return Call(engine, site, path, positional, self.keywords, self.complete, name_site=self.name_site)

    def values(self) -> list[Value]:
        return [v for v, _ in self.positional] + [v for v, _ in self.keywords.values()]


def call(engine: Interpreter, callee: Value, arguments: Arguments, site: Site) -> Value:
    """Call any value."""
    if isinstance(callee, Name):
        return call_name(engine, callee, arguments, site)
    if isinstance(callee, Bound):
        return call_method(engine, callee.receiver, callee.name, arguments, site)
    if isinstance(callee, LocalFunction):
        return call_function(engine, callee, arguments, site)
    if isinstance(callee, BoundFunction):
        return _call_bound(engine, callee, arguments, site)
    if isinstance(callee, LocalClass):
        return instantiate(engine, callee, arguments, site)
    if isinstance(callee, Builtin):
        from mllint.reader.builtins import call_builtin

        return call_builtin(engine, callee, arguments, site)
    if isinstance(callee, Choice):
        return _call_choice(engine, callee, arguments, site)
    if isinstance(callee, Obj):
        return call_object(engine, callee, arguments, site)
    if isinstance(callee, (Layer, Loss, Metric)):
        return call_method(engine, callee, "__call__", arguments, site)
    return unknown_call(engine, arguments, site)


def unknown_call(engine: Interpreter, arguments: Arguments, site: Site, receiver: Value | None = None) -> Value:
    values = arguments.values()
    engine.touch(values)
    engine.record(Event("unknown_call", site, UNKNOWN if receiver is None else receiver, tuple(values)))
    return UNKNOWN


def _call_choice(engine: Interpreter, callee: Choice, arguments: Arguments, site: Site) -> Value:
    results: list[Value] = []
    end: State | None = None
    start = engine.state
    losses = engine.program.losses
    before, counts = len(losses), []
    with engine.doubtful():
        for option in callee.options:
            if option == NONE:
                continue
            engine.state = start.fork()
            count = len(losses)
            results.append(call(engine, option, arguments, site))
            counts.append(len(losses) - count)
            end = join_states(end, engine.state)
    engine.state = end if end is not None else start
    if len(counts) > 1 and any(isinstance(v, Data) and v.model is not None for v in arguments.values()):
        alike = all(counts) and len({use.loss.family for use in losses[before:]}) == 1
        if not alike:  # which loss meets this prediction is decided elsewhere, as the prediction may be
            losses[before:] = [replace(use, training=False) for use in losses[before:]]
    return choice(results) if results else UNKNOWN


def _call_bound(engine: Interpreter, callee: BoundFunction, arguments: Arguments, site: Site) -> Value:
    head: list[tuple[Value, Site | None]] = [] if callee.receiver is None else [(callee.receiver, None)]
    head += [(value, None) for value in callee.positional]
    keywords: dict[str, tuple[Value, Site | None]] = {k: (v, None) for k, v in callee.keywords}
    keywords.update(arguments.keywords)
    return call(engine, callee.function, Arguments([*head, *arguments.positional], keywords, arguments.complete), site)


def call_name(engine: Interpreter, callee: Name, arguments: Arguments, site: Site) -> Value:
    path = table.canonical(callee.path)
    if path == "?.reveal":
        value = arguments.positional[0][0] if arguments.positional else UNKNOWN
        engine.program.reveals.append((site, repr(value)))
        return value
    entry = table.ROWS.get(path)
    if entry is None:
        engine.watch(path, callee.path, site, _plain(arguments), arguments.complete, arguments.name_site)
        if path in _SPECIAL:
            return _SPECIAL[path](engine, arguments, site)
        return unknown_call(engine, arguments, site)
    made = arguments.of(engine, site, path)
    result = entry.bind(made)
    engine.watch(path, callee.path, site, _named(made, arguments), arguments.complete, arguments.name_site)
    return result


def _plain(arguments: Arguments) -> dict[str, Argument]:
    found = {str(i): Argument(v, s, True) for i, (v, s) in enumerate(arguments.positional)}
    found.update({k: Argument(v, s, True) for k, (v, s) in arguments.keywords.items()})
    return found


def _named(made: Call, arguments: Arguments) -> dict[str, Argument]:
    """The given arguments under the row's names, positional ones first; under their number where it has none."""
    found = {k: a for k, a in made.bound.items() if k not in arguments.keywords}
    for index in range(len(found), len(arguments.positional)):
        found[str(index)] = Argument(*arguments.positional[index], True)
    found.update({k: Argument(v, s, True) for k, (v, s) in arguments.keywords.items()})
    return found


def find(engine: Interpreter, receiver: Value, name: str) -> tuple[Entry | None, str]:
    """The row for a method of a value and the kind it was found under."""
    return table.find_row(engine.kind_of(receiver), name)


def call_method(engine: Interpreter, receiver: Value, name: str, arguments: Arguments, site: Site) -> Value:
    """Call a framework method on a value."""
    if isinstance(receiver, Choice):
        return _call_choice(
            engine, Choice(tuple(Bound(o, name) for o in receiver.options if o != NONE)), arguments, site
        )
    if isinstance(receiver, Name):  # ``nn.Module.__init__(self)`` and other unbound calls
        if arguments.positional and isinstance(arguments.positional[0][0], Obj):
            rest = Arguments(arguments.positional[1:], arguments.keywords, arguments.complete)
            return call_method(engine, arguments.positional[0][0], name, rest, site)
        return UNKNOWN
    entry, kind = find(engine, receiver, name)
    path = f"{kind}.{name}"
    made = arguments.of(engine, site, path)
    result: Value
    if entry is None:
        if name == "__init__":
            return NONE
        values = arguments.values()
        engine.touch(values)
        if isinstance(receiver, (Unknown, Obj)):
            engine.record(Event("unknown_call", site, receiver, tuple(values)))
        result = UNKNOWN
    else:
        result = entry.bind(made, receiver)
    if isinstance(receiver, Obj):
        for each in dict.fromkeys(k for found in engine.kind_of(receiver) for k in table.lineage(found)):
            engine.watch(f"{each}.{name}", each, site, _named(made, arguments), arguments.complete, arguments.name_site)
    elif isinstance(receiver, Data) and receiver.columns.must_be("both") and "list" not in receiver.tags:
        path = f"pandas.DataFrame.{name}"
        engine.watch(path, "pandas", site, _named(made, arguments), arguments.complete, arguments.name_site)
    return result


_FORWARD = {
    "torch.nn.Module": ("forward", "torch"),
    "lightning.LightningModule": ("forward", "torch"),
    "keras.Model": ("call", "keras"),
    "keras.layers.Layer": ("call", "keras"),
    "mxnet.gluon.Block": ("forward", "gluon"),
    "mxnet.gluon.HybridBlock": ("forward", "gluon"),
}


def call_object(engine: Interpreter, obj: Obj, arguments: Arguments, site: Site) -> Value:
    """``obj(...)``."""
    if obj.kind != "instance":
        return call_method(engine, obj, "__call__", arguments, site)
    own = engine.class_attribute(obj, "__call__")
    if isinstance(own, (Obj, Choice)):  # ``A.__call__ = A()`` would go in circles
        return unknown_call(engine, arguments, site)
    if own is not None:
        return call(engine, own, arguments, site)
    bases = engine.framework_bases(obj)
    for base in bases:
        for each in table.lineage(base):
            if each in _FORWARD:
                name, framework = _FORWARD[each]
                return _forward(engine, obj, name, framework, arguments, site)
    if not bases:
        for name in ("forward", "call"):
            if engine.class_attribute(obj, name) is not None:
                return _forward(engine, obj, name, "", arguments, site)
    return call_method(engine, obj, "__call__", arguments, site)


def _forward(engine: Interpreter, obj: Obj, name: str, framework: str, arguments: Arguments, site: Site) -> Value:
    engine.record(Event("forward", site, obj, (), True, framework))
    found = engine.class_attribute(obj, name)
    if found is None and framework == "gluon":
        found = engine.class_attribute(obj, "hybrid_forward")
        if found is not None:
            head: list[tuple[Value, Site | None]] = [(Name("mxnet.nd"), None), *arguments.positional]
            arguments = Arguments(head, arguments.keywords, arguments.complete)
    if found is None:
        return call_method(engine, obj, "__call__", arguments, site)
    result = call(engine, found, arguments, site)
    return result.with_(model=obj) if isinstance(result, Data) and result.loss is None else result


# -- local functions and classes --------------------------------------------------------------------------------------
def call_function(engine: Interpreter, function: LocalFunction, arguments: Arguments, site: Site) -> Value:
    """Read a local function with these arguments."""
    node = function.node
    readings = engine.readings.get(node, 0)
    if (
        engine.depth >= MAX_DEPTH
        or engine.stack.count(node) >= 2
        or readings >= MAX_READINGS * (4 if isinstance(node, cst.Lambda) else 1)
        or engine.exhausted
    ):
        engine.limit(f"not every call of {function.name} was read")
        return unknown_call(engine, arguments, site)
    engine.readings[node] = readings + 1
    frame = Frame(
        engine.number(engine.frame.number, id(site), id(node), "frame"),
        function.closure,
        owner=function.owner,
        node=node,
    )
    fields = bind_parameters(engine, function, arguments, site)
    frame.receiver = next(iter(fields.values()), None) if function.owner is not None else None
    engine.state.put(frame.number, fields)
    caller, engine.frame = engine.frame, frame
    engine.depth += 1
    engine.stack.append(node)
    doubt = engine.doubt
    start = len(engine.program.losses)
    try:
        if isinstance(node, cst.Lambda):
            from mllint.reader.expressions import evaluate

            return evaluate(engine, node.body)
        from mllint.reader.statements import execute_body

        falls = execute_body(engine, node.body)
        return _leave(engine, frame, falls)
    finally:
        if function.no_grad:
            engine.without_training(start)
        engine.doubt = doubt
        engine.stack.pop()
        engine.depth -= 1
        engine.frame = caller


def _leave(engine: Interpreter, frame: Frame, falls: bool) -> Value:
    end: State | None = engine.state if falls else None
    results = [value for value, _ in frame.returns]
    for _, state in frame.returns:
        end = join_states(end, state)
    if end is not None:
        engine.state = end
    if frame.yields:
        return engine.new("generator", cast("Site", frame.node), {"element": choice(frame.yields)})
    if falls:
        results.append(NONE)
    return choice(results) if results else UNKNOWN


def bind_parameters(engine: Interpreter, function: LocalFunction, arguments: Arguments, site: Site) -> dict[str, Value]:
    """The callee's variables at its start."""
    parameters = function.node.params
    fields: dict[str, Value] = {}
    positional = [v for v, _ in arguments.positional]
    keywords = {k: v for k, (v, _) in arguments.keywords.items()}
    plain = [*parameters.posonly_params, *parameters.params]
    for index, parameter in enumerate(plain):
        name = parameter.name.value
        if index < len(positional):
            fields[name] = positional[index]
        elif name in keywords:
            fields[name] = keywords.pop(name)
        else:
            fields[name] = _default(engine, function, parameter, arguments.complete)
    for parameter in parameters.kwonly_params:
        name = parameter.name.value
        fields[name] = (
            keywords.pop(name) if name in keywords else _default(engine, function, parameter, arguments.complete)
        )
    if isinstance(parameters.star_arg, cst.Param):
        extra = positional[len(plain) :]
        fields[parameters.star_arg.name.value] = Tuple(tuple(extra)) if arguments.complete else UNKNOWN
    if parameters.star_kwarg is not None:
        value: Value = UNKNOWN
        if arguments.complete:
            pairs = tuple(Tuple((Const(k), v)) for k, v in keywords.items())
            number = engine.number(engine.frame.number, id(site), "kwargs")
            engine.state.put(number, {"items": Tuple(pairs)})
            value = Obj(number, "dict", site)
        fields[parameters.star_kwarg.name.value] = value
    return fields


def _default(engine: Interpreter, function: LocalFunction, parameter: cst.Param, complete: bool) -> Value:
    if complete and parameter.name.value in function.defaults:
        return function.defaults[parameter.name.value]
    return annotated(engine, parameter)


def annotated(engine: Interpreter, parameter: cst.Param) -> Value:
    """What an annotation says about a parameter nobody was seen to give."""
    if parameter.annotation is None:
        return UNKNOWN
    from mllint.reader.expressions import evaluate

    node = parameter.annotation.annotation
    if not isinstance(node, (cst.Name, cst.Attribute)):
        return UNKNOWN
    value = evaluate(engine, node)
    if isinstance(value, Name):
        path = table.canonical(value.path)
        if path.startswith("torch.optim.") and "lr_scheduler" not in path:
            return engine.new(path, cast("Site", parameter), {})
    return UNKNOWN


def instantiate(engine: Interpreter, owner: LocalClass, arguments: Arguments, site: Site) -> Value:
    """Make an instance of a local class."""
    from mllint.reader.builtins import is_enum

    if is_enum(engine, owner):
        return UNKNOWN
    instance = engine.new("instance", site, {"class": owner})
    engine.instances[owner] = instance
    init = engine.class_attribute(instance, "__init__")
    if init is not None:
        call(engine, init, arguments, site)
    elif owner.dataclass or any(b == Name("typing.NamedTuple") for b in owner.bases):
        names = _field_names(engine, owner)
        values = [v for v, _ in arguments.positional]
        for index, name in enumerate(names):
            if index < len(values):
                engine.set(instance, name, values[index])
            elif name in arguments.keywords:
                engine.set(instance, name, arguments.keywords[name][0])
        after = engine.class_attribute(instance, "__post_init__")
        if after is not None:
            call(engine, after, Arguments([], {}), site)
    else:
        for base in engine.framework_bases(instance):
            entry = table.find_method(base, "__init__")
            if entry is not None:
                call_method(engine, instance, "__init__", arguments, site)
                break
    return instance


def _field_names(engine: Interpreter, owner: LocalClass) -> list[str]:
    names: list[str] = []
    for each in reversed(engine.mro(owner)):
        if not isinstance(each.node.body, cst.IndentedBlock):
            continue
        for line in each.node.body.body:
            if isinstance(line, cst.SimpleStatementLine):
                names += [
                    s.target.value
                    for s in line.body
                    if isinstance(s, cst.AnnAssign) and isinstance(s.target, cst.Name) and s.target.value not in names
                ]
    return names


# -- names with a meaning for the reader itself -----------------------------------------------------------------------
def _partial(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
    if not arguments.positional:
        return UNKNOWN
    head, *rest = arguments.positional
    return BoundFunction(
        head[0], None, tuple(v for v, _ in rest), tuple((k, v) for k, (v, _) in arguments.keywords.items())
    )


def _ordered_dict(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
    from mllint.reader.builtins import call_builtin

    return call_builtin(engine, Builtin("dict"), arguments, site)


def _default_dict(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
    return engine.new("dict", site, {"items": UNKNOWN})


def _identity(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
    return arguments.positional[0][0] if arguments.positional else UNKNOWN


def _namespace(engine: Interpreter, arguments: Arguments, site: Site) -> Value:
    given = engine.mapping(arguments.positional[0][0]) if arguments.positional else []
    if given is None:
        return UNKNOWN
    fields = {str(k.value): _nested(engine, v, site) for k, v in given if isinstance(k, Const)}
    return engine.new("namespace", site, {**fields, **{k: v for k, (v, _) in arguments.keywords.items()}})


def _nested(engine: Interpreter, value: Value, site: Site) -> Value:
    """A dict inside a configuration, whose keys are attributes too."""
    is_dict = isinstance(value, Obj) and value.kind == "dict"
    return _namespace(engine, Arguments([(value, None)], {}), site) if is_dict else value


_SPECIAL: Mapping[str, Callable[[Interpreter, Arguments, Site], Value]] = {
    "functools.partial": _partial,
    "collections.OrderedDict": _ordered_dict,
    "collections.defaultdict": _default_dict,
    "types.SimpleNamespace": _namespace,
    "sys.exit": lambda engine, arguments, site: UNKNOWN,
    "argparse.Namespace": _namespace,
    "easydict.EasyDict": _namespace,
    "addict.Dict": _namespace,
    "munch.Munch": _namespace,
    "box.Box": _namespace,
    "ml_collections.ConfigDict": _namespace,
    "omegaconf.OmegaConf.create": _namespace,
    "copy.copy": _identity,
    "copy.deepcopy": _identity,
    "tqdm.tqdm": _identity,
    "tqdm.auto.tqdm": _identity,
    "tqdm.notebook.tqdm": _identity,
    "tqdm.std.tqdm": _identity,
    "tqdm.trange": lambda engine, arguments, site: UNKNOWN,
    "rich.progress.track": _identity,
    "typing.cast": lambda engine, arguments, site: (
        arguments.positional[1][0] if len(arguments.positional) > 1 else UNKNOWN
    ),
}
