"""Keras layers and activations: what they are configured with and what they make of their input."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from mllint.facts import NOTHING, Fact, Site, known
from mllint.frameworks import keras_pretrained, recording, seeding, shapes
from mllint.frameworks.configured import applied, hidden, inputs_of, setting
from mllint.frameworks.keras_shapes import output_shape
from mllint.frameworks.table import ROWS, Call, bases, canonical, method, row
from mllint.frameworks.tensors import augmented, flag, signed
from mllint.frameworks.toml import load_toml
from mllint.program import Transform
from mllint.values import (
    FALSE,
    NONE,
    TRUE,
    UNKNOWN,
    Callable_,
    Const,
    Data,
    Encoding,
    Layer,
    Name,
    Obj,
    Tuple,
    Value,
    choice,
    constant,
    constants,
)

_TABLE = load_toml("keras_layers.toml")
LAYERS: Mapping[str, Mapping[str, Any]] = _TABLE["layers"]
ACTIVATIONS: Mapping[str, Mapping[str, Any]] = _TABLE["activations"]
"""Canonical activation → range, by name; ``aliases`` are other spellings."""
SPELLINGS: Mapping[str, str] = {
    spelling: name for name, about in ACTIVATIONS.items() for spelling in (name, *about.get("aliases", ()))
}
bases("keras.Sequential", "keras.Model")
bases("keras.Model", "keras.layers.Layer")


# -- activations ------------------------------------------------------------------------------------------------------
def activation_fact(value: Value, site: Site | None, complete: bool = True) -> Fact[str]:
    """What an ``activation=`` argument names: a string, a function of ``keras.activations``/``tf.nn``, a layer; None is linear."""
    if value == NONE:
        return known("linear", site) if complete else NOTHING
    if isinstance(value, Name):
        name = SPELLINGS.get(canonical(value.path).rpartition(".")[2])
        return NOTHING if name is None else known(name, site)
    if isinstance(value, Layer):
        return Fact(tuple((name, site) for name in value.activation.values)) if value.activation.known else NOTHING
    names: Fact[str] = constants(value, str, type(None))
    if not names.known:
        return NOTHING
    found = [("linear" if name is None else SPELLINGS.get(name, "")) for name in names.values]
    return Fact(tuple((name, site) for name in found)) if all(found) else NOTHING


def _chosen(call: Call, value: Value, site: Site) -> Fact[str]:
    """The activation of a layer; a function of the file's own is tried on raw scores."""
    if isinstance(value, Callable_):
        result = call.call(value, Data(scale=known("linear", site), space=UNKNOWN, tags=frozenset({"keras"})))
        known_result = isinstance(result, Data) and result.scale.known
        return (
            Fact(tuple((name, site) for name in result.scale.values))
            if isinstance(result, Data) and known_result
            else NOTHING
        )
    return activation_fact(value, site, call.complete or call.given("activation"))


@row("keras.activations.get", "keras.activations.deserialize")
def activation_by_name(call: Call, identifier: Value = NONE, **rest: Value) -> Value:
    names: Fact[str] = constants(identifier, str, type(None))
    return choice(Name(f"keras.activations.{name or 'linear'}") for name in names.values) if names.known else identifier


def limits(activation: str | None) -> tuple[float, float] | None:
    """The range of an activation's output."""
    about = ACTIVATIONS.get(activation or "")
    if about is None or "range" not in about:
        return None
    low, high = about["range"]
    return float(low), float(high)


# -- making layers ----------------------------------------------------------------------------------------------------
def _make(name: str, about: Mapping[str, Any], call: Call, /, **given: Value) -> Value:
    chosen = about.get("activation")
    activation: Fact[str] = NOTHING
    where: Site | None = None
    if chosen == "argument":
        where = call.where("activation")
        activation = _chosen(call, given.get("activation", NONE), where or call.site)
        if not call.given("activation") and about.get("default") and call.complete:
            activation = known(about["default"], call.site)
    elif chosen is not None:
        activation, where = known(str(chosen), call.site), call.site
    units_name = about.get("units")
    units: Fact[int] = constants(given[units_name], int) if units_name is not None else NOTHING
    if constants(given.get("activation", NONE), int).known:  # before Keras 1: ``Dense(inputs, outputs)``
        units = NOTHING
    kept = tuple((key, value) for key, value in given.items() if call.given(key))
    if "1D" not in name and about.get("effect") == "conv" and len(call.positional) > 2 and _plain(call, 1, 2):
        kept = tuple((key, UNKNOWN if key in _KERNEL else value) for key, value in kept)
    if name == "Rescaling":
        keras_pretrained.by_rescaling(call, given.get("scale", UNKNOWN), given.get("offset", NONE))
    inner = given.get("layer") if about.get("effect") == "wrapper" else None
    layer = Layer(
        "keras",
        name,
        call.site,
        activation,
        where,
        units,
        None if units_name is None else call.where(units_name),
        (*kept, *hidden(call)),
        () if inner is None else (inner,),
    )
    call.program.layers.append(layer)
    return layer


_KERNEL = ("kernel_size", "strides")


def _plain(call: Call, *places: int) -> bool:
    """Whether these arguments are plain numbers: ``Conv2D(8, 3, 3)`` is a kernel of 3 by 3 in old Keras, else a step of 3."""
    return all(isinstance(constant(call.positional[place][0]), int) for place in places)


def _register() -> None:
    for name, about in LAYERS.items():
        make = signed(partial(_make, name, about), about.get("arguments", ""))
        paths = [f"keras.layers.{name}", *(f"keras.layers.{other}" for other in about.get("aliases", ()))]
        row(*paths)(_defaulted(make))


def _defaulted(function: Any) -> Any:
    """A missing argument of a layer is None, its documented meaning everywhere it matters here."""
    signature = function.__signature__
    parameters = [
        p.replace(default=None) if p.kind is p.POSITIONAL_OR_KEYWORD and p.name not in ("call", "receiver") else p
        for p in signature.parameters.values()
    ]
    function.__signature__ = signature.replace(parameters=parameters)
    return function


_register()


# -- applying layers --------------------------------------------------------------------------------------------------
def symbolic(value: Value) -> Data:
    """The tensor a value is, or one nothing is known about."""
    return value if isinstance(value, Data) else Data(space=UNKNOWN)


@method("Layer:keras", "__call__", "call")
def apply(call: Call, receiver: Value, inputs: Value = UNKNOWN, **rest: Value) -> Value:
    if not isinstance(receiver, Layer):
        return UNKNOWN
    made = apply_layer(call, recording.in_mode(call, receiver, rest.get("training", NONE)), inputs)
    at_random = receiver.type.startswith("Random") and _told_to_train(call, rest.get("training", NONE))
    return augmented(made, receiver.site, receiver.type) if at_random else made


def _told_to_train(call: Call, training: Value) -> bool:
    """Whether a layer is told to do what it does in training, by the call or by that of the model it is in."""
    outer = [context for context in call.engine.contexts if context.kind == recording.MODEL_CALL]
    return (outer[-1].value if training == NONE and outer else training) == TRUE


def apply_layer(call: Call, layer: Layer, inputs: Value) -> Value:
    """What a layer makes of its input, with the way it came."""
    if layer.type.startswith("Random"):
        seeding.decided(call, "keras", "augmentation", layer.type)
    effect = LAYERS.get(layer.type, {}).get("effect", "unknown")
    output = _output(call, layer, effect, inputs)
    return output if effect in ("input", "lambda") else applied(call, layer, inputs, output)


def _output(call: Call, layer: Layer, effect: str, inputs: Value) -> Value:
    x = symbolic(inputs)
    if effect == "wrapper" and layer.layers:
        return _wrapped(call, layer, inputs)
    shape = output_shape(call, layer, effect, x.shape)
    base = Data(
        source=x.source,
        part=x.part,
        split=x.split,
        space=UNKNOWN,
        layer=layer,
        grad=True,
        shape=shape,
        tags=frozenset({"keras"}),
    )
    if effect == "input":
        return x
    if effect in ("dense", "conv"):
        return _activated(base.with_(units=layer.units), layer)
    if effect == "rnn":
        return _recurrent(layer, _activated(base.with_(units=layer.units), layer))
    if effect == "embedding":
        return base.with_(units=layer.units)
    if effect == "activation":
        axis = layer.arg("axis")
        scale = (
            Fact(tuple((name, layer.activation_site or layer.site) for name in layer.activation.values))
            if layer.activation.known
            else NOTHING
        )
        if layer.activation.must_be("linear"):
            return x
        tags = base.tags | (
            {f"axis={axis.value}"} if isinstance(axis, Const) and axis.value not in (-1, None) else frozenset()
        )
        return base.with_(scale=scale, units=x.units, bounds=limits(layer.activation.value), tags=tags)
    if effect == "keep":
        return x.with_(layer=layer, bounds=x.bounds if layer.type in ("Dropout", "ActivityRegularization") else None)
    if effect == "normal":
        return base.with_(scale=x.scale if x.scale.must_be("linear") else NOTHING, units=x.units)
    if effect == "flatten":
        units = x.units if x.shape is not None and len(x.shape) == 2 else _size(shape[-1] if shape else None)
        return x.with_(shape=shape, units=units, layer=layer, tags=x.tags | {"keras"})
    if effect == "reshape":
        return x.with_(shape=shape, units=_size(shape[-1] if shape else None), layer=layer)
    if effect in ("global-pool", "pool"):
        return base.with_(units=x.units)
    if effect == "merge":
        return merged(call, layer, inputs)
    if effect == "lambda":
        function = layer.arg("function")
        return call.call(function, inputs) if function is not UNKNOWN else base.with_(shape=None)
    return _attended(call, layer, inputs, base) if "Attention" in layer.type else base


def _wrapped(call: Call, layer: Layer, inputs: Value) -> Value:
    """What a layer around a layer makes of its input."""
    x = symbolic(inputs)
    if layer.type != "TimeDistributed":
        inner = call.call(layer.layers[0], inputs)
        if not isinstance(inner, Data):
            return Data(layer=layer)
        return _both_ways(inner, layer) if layer.type == "Bidirectional" else inner
    one = None if x.shape is None or len(x.shape) < 3 else (x.shape[0], *x.shape[2:])
    inner = call.call(layer.layers[0], x.with_(shape=one))
    if not isinstance(inner, Data):
        return Data(layer=layer)
    steps = x.shape[:2] if x.shape is not None and len(x.shape) > 2 else (None, None)
    return inner.with_(shape=None if inner.shape is None else (*steps, *inner.shape[1:]))


def _recurrent(layer: Layer, output: Data) -> Value:
    """The output of a recurrent layer, with its state where that is asked for."""
    states = flag(setting(layer, "return_state", FALSE))
    if states is not False:
        return UNKNOWN
    return output


def _attended(call: Call, layer: Layer, inputs: Value, base: Data) -> Data:
    """Attention gives one vector for each query: of the values' size, or of the query's own."""
    several = inputs_of(call, inputs) if not isinstance(inputs, Data) else ()
    query, values = (several[0], several[1]) if len(several) > 1 else (symbolic(inputs), None)
    if layer.type == "MultiHeadAttention":
        own = setting(layer, "output_shape", NONE)
        return base.with_(shape=query.shape if own == NONE else None)
    last = values.shape[-1] if values is not None and values.shape else None
    return base.with_(shape=shapes.dense(query.shape, last) if values is not None else None)


def _both_ways(inner: Data, layer: Layer) -> Data:
    """What ``Bidirectional`` makes of its layer's output: two of them, side by side unless it is told to merge them."""
    mode = layer.arg("merge_mode") if any(key == "merge_mode" for key, _ in layer.args) else Const("concat")
    if not isinstance(mode, Const) or mode == NONE:
        return inner.with_(units=NOTHING, scale=NOTHING, shape=None, layer=layer, bounds=None)
    units: Fact[int] = inner.units
    scale = inner.scale
    if mode.value == "concat":
        units = inner.units.map(lambda n: 2 * n)
    elif mode.value != "ave":
        scale = NOTHING
    shape = (*inner.shape[:-1], units.value) if inner.shape else None
    return inner.with_(units=units, scale=scale, shape=shape, layer=layer, bounds=None)


def merged(call: Call, layer: Layer, inputs: Value) -> Value:
    """Several tensors put side by side or added up."""
    items = [item for item in call.items(inputs) or () if isinstance(item, Data)]
    base = Data(space=UNKNOWN, layer=layer, grad=True, tags=frozenset({"keras"}))
    if not items or len(items) != len(call.items(inputs) or ()):
        return base
    first = items[0]
    base = base.with_(source=first.source, part=first.part, split=first.split)
    found = [item.shape for item in items]
    if layer.type != "Concatenate":
        alike = len({len(shape) for shape in found if shape is not None}) == 1
        units, shape = (first.units, shapes.broadcast(found) if alike else None)
        return base.with_(units=units, shape=shape) if layer.type != "Dot" else base
    axis = setting(layer, "axis", Const(-1))
    put = constant(axis)
    base = base.with_(shape=shapes.concatenate(found, put) if isinstance(put, int) else None)
    flat = all(item.shape is not None and len(item.shape) == 2 for item in items)
    if axis == Const(-1) or (axis == Const(1) and flat):
        sizes = [item.units.value for item in items]
        units = known(sum(size for size in sizes if size is not None), layer.site) if None not in sizes else NOTHING
        return base.with_(units=units)
    return base


def _activated(data: Data, layer: Layer) -> Data:
    scale = layer.activation
    if scale.must_be("linear"):
        scale = known("linear", layer.site)
    return data.with_(scale=scale, bounds=limits(scale.value))


def _size(size: int | None) -> Fact[int]:
    return NOTHING if size is None else known(size)


_MERGING = {"concatenate": "Concatenate", "add": "Add", "subtract": "Subtract", "multiply": "Multiply", "average": "Average",
            "maximum": "Maximum", "minimum": "Minimum", "dot": "Dot"}  # fmt: skip


@row(*(f"keras.layers.{name}" for name in _MERGING))
def merge(call: Call, inputs: Value = UNKNOWN, axis: Value = NONE, **rest: Value) -> Value:
    args = (("axis", axis),) if call.given("axis") else ()
    layer = Layer("keras", _MERGING[call.path.rpartition(".")[2]], call.site, args=args)
    return applied(call, layer, inputs, merged(call, layer, inputs))


# -- inputs -----------------------------------------------------------------------------------------------------------
def sizes_of(call: Call, value: Value, *, batch: bool = True) -> tuple[int | None, ...] | None:
    """The axis sizes that ``shape=(28, 28, 1)`` says; with the batch axis in front unless it is among them."""
    found = call.items(value)
    if found is None:
        return None
    sizes = tuple(s.value if isinstance(s, Const) and isinstance(s.value, int) else None for s in found)
    return (None, *sizes) if batch else sizes


def input_of(shape: tuple[int | None, ...] | None) -> Data:
    """A model's input."""
    return Data(shape=shape, units=_size(shape[-1] if shape else None), tags=frozenset({"keras", "input"}), grad=True)


@row("keras.layers.Input", "keras.Input", "keras.layers.InputLayer")
def input_(call: Call, shape: Value = NONE, batch_size: Value = NONE, dtype: Value = NONE, **rest: Value) -> Value:
    for name in ("batch_shape", "batch_input_shape"):
        if name in rest:
            return input_of(sizes_of(call, rest[name], batch=False))
    return input_of(sizes_of(call, rest.get("input_shape", shape)) if call.complete or call.given("shape") else None)


# -- activations and functions on tensors -----------------------------------------------------------------------------
def _activation_function(name: str, call: Call, x: Value, axis: Value = Const(-1), **rest: Value) -> Value:
    inner = call.where("x") or next((site for _, site in call.positional), None)
    args = (("inner", Const(inner)),) if inner is not None else ()
    layer = Layer("keras", name, call.site, known(name, call.site), call.site, args=args)
    base = symbolic(x)
    if name == "linear":
        return base
    if isinstance(axis, Const) and axis.value not in (-1, 1, None):
        return base.with_(scale=NOTHING, layer=layer)
    return base.with_(scale=known(name, call.site), layer=layer, labels=NOTHING, bounds=limits(name))


def _register_activations() -> None:
    for spelling, name in SPELLINGS.items():
        function = partial(_activation_function, name)
        paths = [
            f"{root}.{spelling}"
            for root in (
                "keras.activations",
                "keras.ops",
                "keras.backend",
                "tensorflow.nn",
                "tensorflow.math",
                "tensorflow",
            )
        ]
        row(*[p for p in paths if p not in ROWS])(signed_activation(function))


def signed_activation(function: Any) -> Any:
    """``f(x, axis=-1)``, whatever the function calls its first argument."""

    def wrapped(call: Call, x: Value = UNKNOWN, axis: Value = Const(-1), **rest: Value) -> Value:
        for other in ("logits", "features", "a", "inputs"):
            if x is UNKNOWN and other in rest:
                x = rest[other]
        return function(call, x, axis)  # type: ignore[no-any-return]

    return wrapped


_register_activations()


# -- preprocessing layers ---------------------------------------------------------------------------------------------
@method(
    tuple(
        f"keras.layers.{n}"
        for n in ("Normalization", "TextVectorization", "StringLookup", "IntegerLookup", "Discretization")
    ),
    "adapt",
)
def adapt(call: Call, receiver: Value, data: Value = UNKNOWN, **rest: Value) -> Value:
    name = receiver.kind.rpartition(".")[2] if isinstance(receiver, Obj) else ""
    rows = data if isinstance(data, (Data, Tuple)) else call.get(data, "element")
    rows = rows.items[0] if isinstance(rows, Tuple) and rows.items else rows
    call.program.transforms.append(
        Transform(
            call.site,
            "keras",
            name,
            "fit",
            receiver,
            rows if isinstance(rows, Data) else None,
            order=call.tick(),
            name_site=call.name_site,
        )
    )
    return NONE


def _make_preprocessing(path: str) -> None:
    @row(path, path.replace("keras.layers.", "keras.layers.experimental.preprocessing."))
    def make(call: Call, **rest: Value) -> Value:
        return call.new(path, output_mode=rest.get("output_mode", NONE))


for _name in ("Normalization", "TextVectorization", "StringLookup", "IntegerLookup", "Discretization"):
    _make_preprocessing(f"keras.layers.{_name}")


@method(
    tuple(
        f"keras.layers.{n}"
        for n in ("Normalization", "TextVectorization", "StringLookup", "IntegerLookup", "Discretization")
    ),
    "__call__",
)
def apply_preprocessing(call: Call, receiver: Value, inputs: Value = UNKNOWN, **rest: Value) -> Value:
    x = symbolic(inputs)
    mode = call.get(receiver, "output_mode")
    several = mode == Const("multi_hot") and isinstance(receiver, Obj) and receiver.kind.endswith("Lookup")
    labels = known(Encoding("multi-hot"), call.site) if several else NOTHING
    return x.did("fitted-transform", call.site, receiver, scale=NOTHING, labels=labels, bounds=None)
