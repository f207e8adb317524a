"""Calls: of framework names and methods through the tables, of local functions and classes by reading them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import cast

import libcst as cst

from mllint.facts import Site
from mllint.frameworks import graph, seeding, table, unpickling
from mllint.frameworks.configured import OWNER
from mllint.frameworks.table import Call, Entry
from mllint.program import Argument, Event, Prediction
from mllint.reader import classes, enums, recorded, records, token_ids, tracing
from mllint.reader.engine import MAX_DEPTH, MAX_READINGS, Frame, Interpreter
from mllint.reader.keys import CONTENT
from mllint.reader.local import BoundFunction, Builtin, LocalClass, LocalFunction, NamedFields
from mllint.reader.special import SPECIAL, parse_into_dataclasses
from mllint.reader.state import State, join_states
from mllint.values import (
    EVALUATED,
    FALSE,
    NONE,
    TRUE,
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
    Option,
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
    spread: Value = UNKNOWN
    """What stands behind the one ``*`` of a call that has nothing else, where its length is not known."""
    at_yield: Callable[[Value], None] | None = None
    """For a context manager: what happens where it yields."""

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
    if isinstance(callee, NamedFields):
        instance = engine.new("instance", site, {})
        records.fill_named(engine, instance, callee, arguments)
        return instance
    if isinstance(callee, Choice):
        return _call_choice(engine, callee, arguments, site)
    if isinstance(callee, Obj):
        return call_object(engine, callee, arguments, site)
    if isinstance(callee, (Layer, Loss, Metric)):
        return call_method(engine, callee, "__call__", arguments, site)
    return unknown_call(engine, arguments, site)


def unknown_call(
    engine: Interpreter, arguments: Arguments, site: Site, receiver: Value | None = None, path: str = ""
) -> Value:
    values = arguments.values()
    engine.touch(values)
    if receiver is None and path.partition(".")[0] not in _OTHERS:
        for value in values:
            engine.may_set_options(value)
    engine.may_seed(site)
    if receiver is None:
        called = engine.text_of(cast("Site", site.func)) if isinstance(site, cst.Call) else path
        seeding.may_seed(engine, site, (path or called).rpartition(".")[2], path.partition(".")[0] in _OTHERS)
    engine.record(Event("unknown_call", site, UNKNOWN if receiver is None else receiver, tuple(values)))
    return UNKNOWN


_OTHERS = frozenset(
    {
        *sys.stdlib_module_names, *table.ROOTS, "absl", "accelerate", "box", "comet_ml", "easydict", "loguru", "mlflow", "munch", "neptune",
        "omegaconf", "requests", "rich", "tensorboardX", "tqdm", "transformers", "wandb", "yaml",
    }
)  # fmt: skip
"""Roots of libraries, which do not know the options of a program; what it imports from elsewhere may set them."""


def _call_choice(engine: Interpreter, callee: Choice, arguments: Arguments, site: Site) -> Value:
    results: list[Value] = []
    end: State | None = None
    start = engine.state
    losses = engine.program.losses
    before, counts = len(losses), []
    number = engine.decide()
    with engine.doubtful():
        for arm, option in enumerate(callee.options):
            if option == NONE:
                continue
            engine.state = start.fork()
            count = len(losses)
            with engine.on_branch(number, arm, site):
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
    if path.endswith(".__init__") and arguments.positional and isinstance(arguments.positional[0][0], Obj):
        engine.set(arguments.positional[0][0], classes.INITIALISED, TRUE)
    if path[path.rfind(".") + 1 :] in unpickling.NAMES:
        unpickling.seen(arguments.of(engine, site, path))
    if entry is None:
        _watch(engine, path, callee.path, site, arguments, None)
        if path in SPECIAL:
            return SPECIAL[path](engine, arguments, site)
        if path in unpickling.DOWNLOADS:
            unknown_call(engine, arguments, site, path=path)
            return engine.new(unpickling.DOWNLOADED, site, {})
        return unknown_call(engine, arguments, site, path=path)
    made = arguments.of(engine, site, path)
    result = entry.bind(made)
    if isinstance(result, Layer):
        classes.layer_made(engine, result, site)
    elif "dropout" in path:
        classes.dropout(engine, made, site)
    _watch(engine, path, callee.path, site, arguments, made)
    return result


def _watch(engine: Interpreter, path: str, written: str, site: Site, arguments: Arguments, made: Call | None) -> None:
    """Record the call of a name whose API changed, with its arguments by name."""
    if engine.watched(path, written):
        named = _plain(arguments) if made is None else _named(made, arguments)
        engine.watch(path, written, site, named, arguments.complete, arguments.name_site)


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
        inherited = Name(f"{receiver.path}.{name}")
        if table.canonical(inherited.path) in table.ROWS:  # a class method of a framework's class
            return call_name(engine, inherited, arguments, site)
        if arguments.positional and isinstance(arguments.positional[0][0], Obj):
            rest = Arguments(arguments.positional[1:], arguments.keywords, arguments.complete)
            return call_method(engine, arguments.positional[0][0], name, rest, site)
        return UNKNOWN
    if isinstance(receiver, Obj) and name == "parse_args_into_dataclasses":
        return parse_into_dataclasses(engine, receiver, site)
    if name == "__init__" and isinstance(receiver, Obj) and receiver.kind == "instance":
        engine.set(receiver, classes.INITIALISED, TRUE)
    entry, kind = find(engine, receiver, name)
    path = f"{kind}.{name}"
    made = arguments.of(engine, site, path)
    result: Value
    if entry is None:
        if name == "__init__":
            content = engine.get(receiver, CONTENT) if isinstance(receiver, Obj) else None
            if content is not None:  # of a class that derives from ``dict``
                call(engine, engine.attribute(content, "update", site), arguments, site)
            return NONE
        values = arguments.values()
        engine.touch(values)
        if name == "backward":  # whatever it is by now, it was a tensor
            engine.record(Event("backward", site, UNKNOWN))
        if isinstance(receiver, (Unknown, Obj)):
            seeding.may_seed(engine, site, name, library=True)
            engine.record(Event("unknown_call", site, receiver, tuple(values)))
        result = UNKNOWN
    else:
        result = entry.bind(made, receiver)
        if name in ("train", "eval") and isinstance(receiver, Obj):
            mode = made.argument("mode").value if name == "train" else Const(False)
            _set_training(engine, receiver, mode, set())
    if isinstance(receiver, Obj):
        for each in dict.fromkeys(k for found in engine.kind_of(receiver) for k in table.lineage(found)):
            _watch(engine, f"{each}.{name}", each, site, arguments, made)
    elif isinstance(receiver, Data) and receiver.columns.must_be("both") and "list" not in receiver.tags:
        _watch(engine, f"pandas.DataFrame.{name}", "pandas", site, arguments, made)
    return result


def _set_training(engine: Interpreter, value: Value, mode: Value, seen: set[int]) -> None:
    """What ``self.training`` is from now on, in a module and the modules inside it."""
    if isinstance(value, Tuple):
        for item in value.items:
            _set_training(engine, item, mode, seen)
    if not isinstance(value, Obj) or value.id in seen or value.kind not in ("instance", "list", "dict"):
        return
    seen.add(value.id)
    for inner in list(engine.state.heap.get(value.id, {}).values()):
        _set_training(engine, inner, mode, seen)
    if value.kind == "instance" and engine.is_instance_of(value, "torch.nn.Module"):
        engine.set(value, "training", Option(mode.value) if isinstance(mode, Const) else UNKNOWN)


_FORWARD = {
    "torch.nn.Module": ("forward", "torch"),
    "lightning.LightningModule": ("forward", "torch"),
    "keras.Model": ("call", "keras"),
    "keras.layers.Layer": ("call", "keras"),
    "mxnet.gluon.Block": ("forward", "gluon"),
    "mxnet.gluon.HybridBlock": ("forward", "gluon"),
}
_CALLED = {"flax.linen.Module", "flax.nnx.Module", "haiku.Module", "equinox.Module"}
"""Bases of models that are run by their own ``__call__``."""


def call_object(engine: Interpreter, obj: Obj, arguments: Arguments, site: Site) -> Value:
    """``obj(...)``."""
    if obj.kind != "instance":
        ids = token_ids.found(engine, obj, arguments, site)
        if ids is None:
            return call_method(engine, obj, "__call__", arguments, site)
        result = call_method(engine, obj, "__call__", ids.put_in(arguments), site)
        ids.keep(engine, site)
        return result
    own = engine.class_attribute(obj, "__call__")
    if isinstance(own, (Obj, Choice)):  # ``A.__call__ = A()`` would go in circles
        return unknown_call(engine, arguments, site)
    bases = engine.framework_bases(obj)
    if own is not None:
        if any(each in _CALLED for base in bases for each in table.lineage(base)):
            return _forward(engine, obj, "__call__", "jax", arguments, site)
        return call(engine, own, arguments, site)
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
    ids = token_ids.found(engine, obj, arguments, site) if framework == "torch" else None
    if ids is not None:
        arguments = ids.put_in(arguments)
    if framework == "keras":
        _build(engine, obj, site)
    for value, where in arguments.positional[:1]:
        if isinstance(value, Data):
            engine.program.predictions.append(
                Prediction(site, obj, value, framework, engine.tick(), where, engine.loops)
            )
    engine.running += 1
    with engine.within(OWNER, obj):
        if framework in ("keras", "gluon"):
            result = recorded.run(engine, obj, found, framework, arguments, site)
        else:
            result = call(engine, found, arguments, site)
    engine.running -= 1
    if ids is not None:
        ids.keep(engine, site)
    if not isinstance(result, Data) or result.loss is not None:
        return result
    if engine.get(obj, "training") == FALSE:
        result = result.with_(tags=result.tags | {EVALUATED})
    given = [value for value, _ in arguments.positional if isinstance(value, Data)]
    if len(given) == 1:  # the rows stay those of what goes in
        result = result.with_(order=given[0].order, chosen=given[0].chosen)
    if framework == "torch":
        result = graph.ran(result, obj, site, engine.gradients)
    return result.with_(model=obj)


def _build(engine: Interpreter, obj: Obj, site: Site) -> None:
    """Keras builds a layer or model of the program when it is first called."""
    build = engine.class_attribute(obj, "build")
    if build is not None and engine.get(obj, "@built") is None:
        engine.set(obj, "@built", Const(True))
        call(engine, build, Arguments([(UNKNOWN, None)], {}), site)


# -- local functions and classes --------------------------------------------------------------------------------------
def call_function(engine: Interpreter, function: LocalFunction, arguments: Arguments, site: Site) -> Value:
    """Read a function of the program with these arguments."""
    if function.globals != engine.frame.globals:
        engine.adopt(function.globals)
    if function.globals == 0 or engine.frame.globals != 0:
        return _call_function(engine, function, arguments, site)
    with engine.away():
        return _call_function(engine, function, arguments, site)


def _call_function(engine: Interpreter, function: LocalFunction, arguments: Arguments, site: Site) -> Value:
    """Read a local function with these arguments."""
    node = function.node
    readings = engine.readings.get(node, 0)
    if (
        engine.depth >= MAX_DEPTH
        or engine.stack.count(node) >= 2
        or readings >= MAX_READINGS * (4 if isinstance(node, cst.Lambda) or function.owner is not None else 1)
        or engine.exhausted
    ):
        if engine.stack.count(node) >= 2:
            engine.recursion = site
        made = arguments.positional[0][0] if arguments.positional else None
        if function.name == "__init__" and isinstance(made, Obj):
            engine.set(made, classes.INITIALISED, TRUE)  # as far as can be seen
        engine.limit(f"not every call of {function.name} was read")
        return unknown_call(engine, arguments, site)
    engine.readings[node] = readings + 1
    frame = Frame(
        engine.number(engine.frame.number, id(site), id(node), _receiver(function, arguments), "frame"),
        function.closure,
        owner=function.owner,
        node=node,
        globals=function.globals,
        at_yield=arguments.at_yield,
        called=site,
        caller=engine.frame,
    )
    fields = bind_parameters(engine, function, arguments, site)
    frame.receiver = next(iter(fields.values()), None) if function.owner is not None else None
    engine.state.put(frame.number, fields)
    caller, engine.frame = engine.frame, frame
    engine.depth += 1
    engine.stack.append(node)
    engine.readers.append((function.name, frame.receiver or UNKNOWN))
    doubt, gradients = engine.doubt, engine.gradients
    if function.no_grad:
        engine.gradients = False
    start = len(engine.program.losses)
    traced = tracing.enter(engine, function, arguments.values())
    try:
        if isinstance(node, cst.Lambda):
            from mllint.reader.expressions import evaluate

            return evaluate(engine, node.body)
        from mllint.reader.statements import execute_body

        falls = execute_body(engine, node.body)
        return _leave(engine, frame, falls)
    finally:
        if traced is not None:
            tracing.leave(engine, traced)
        if function.no_grad:
            engine.without_training(start)
        engine.doubt, engine.gradients = doubt, gradients
        engine.stack.pop()
        engine.readers.pop()
        engine.depth -= 1
        engine.frame = caller


def _receiver(function: LocalFunction, arguments: Arguments) -> int | None:
    """The object that a method works on: what it makes for one is not what it makes for another."""
    first = arguments.positional[0][0] if function.owner is not None and arguments.positional else None
    return first.id if isinstance(first, Obj) else None


def _leave(engine: Interpreter, frame: Frame, falls: bool) -> Value:
    end: State | None = engine.state if falls and not frame.settled else None
    results = [value for value, _ in frame.returns]
    for _, state in frame.returns:
        end = join_states(end, state)
    if end is not None:
        engine.state = end
    if frame.yields:
        return engine.new("generator", cast("Site", frame.node), {"element": choice(frame.yields)})
    if falls and not frame.settled:
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
    default = function.defaults.get(parameter.name.value)
    if complete and default is not None:
        return default
    if engine.alone is function.node and isinstance(default, Const):
        return Option(default.value, cast("Site", parameter))  # as it is when its callers do not say otherwise
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
    if enums.members(engine, owner) is not None:
        return enums.look_up(engine, owner, arguments.positional[0][0]) if arguments.positional else UNKNOWN
    kept = _container(engine, owner)
    if kept == "typed":
        return call(engine, Builtin("dict"), arguments, site)
    instance = engine.new("instance", site, {"class": owner})
    engine.instances[owner] = instance
    init = engine.class_attribute(instance, "__init__")
    record = next((each for each in engine.mro(owner) if records.is_record(each)), None)
    if kept == "dict":
        content = call(engine, Builtin("dict"), arguments if init is None else Arguments([], {}), site)
        engine.set(instance, CONTENT, content)
    if record is not None and (init is None or _defined_above(engine, owner, record)):
        records.fill(engine, instance, owner, arguments, site)
    elif init is not None:
        call(engine, init, arguments, site)
    else:
        for base in engine.framework_bases(instance):
            entry = table.find_method(base, "__init__")
            if entry is not None:
                call_method(engine, instance, "__init__", arguments, site)
                break
    classes.constructed(engine, instance, owner, arguments, init)
    return instance


def _container(engine: Interpreter, owner: LocalClass) -> str:
    """``"dict"`` for a class that derives from it, ``"typed"`` for what only says which keys a dict has."""
    for each in engine.mro(owner):
        for base in each.bases:
            if isinstance(base, Builtin) and base.name == "dict":
                return "dict"
            if isinstance(base, Name) and base.path.rpartition(".")[2] in ("OrderedDict", "UserDict"):
                return "dict"
            if isinstance(base, Name) and base.path.rpartition(".")[2] == "TypedDict":
                return "typed"
    return ""


def _defined_above(engine: Interpreter, owner: LocalClass, record: LocalClass) -> bool:
    """Whether the nearest ``__init__`` is one that the record replaces."""
    for each in engine.mro(owner):
        if "__init__" in engine.state.heap.get(each.number, {}):
            return engine.mro(owner).index(each) > engine.mro(owner).index(record)
    return True
