"""Keras layers and activations: what they are configured with and what they make of their input."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from mllint.facts import NOTHING, Fact, Site, known
from mllint.frameworks.table import ROWS, Call, bases, canonical, method, row
from mllint.frameworks.tensors import signed
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
    kept = tuple((key, value) for key, value in given.items() if call.given(key))
    inner = given.get("layer") if about.get("effect") == "wrapper" else None
    return Layer(
        "keras",
        name,
        call.site,
        activation,
        where,
        units,
        None if units_name is None else call.where(units_name),
        kept,
        () if inner is None else (inner,),
    )


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
    return apply_layer(call, receiver, inputs)


def apply_layer(call: Call, layer: Layer, inputs: Value) -> Value:
    """What a layer makes of its input."""
    x = symbolic(inputs)
    effect = LAYERS.get(layer.type, {}).get("effect", "unknown")
    if effect == "wrapper" and layer.layers:
        inner = call.call(layer.layers[0], inputs)
        if not isinstance(inner, Data):
            return Data(layer=layer)
        if layer.type == "TimeDistributed":
            return inner.with_(shape=(None, None, *(inner.shape[1:] if inner.shape else ())) if inner.shape else None)
        if layer.type != "Bidirectional":
            return inner
        return _both_ways(inner, layer)
    base = Data(
        source=x.source, part=x.part, split=x.split, space=UNKNOWN, layer=layer, grad=True, tags=frozenset({"keras"})
    )
    if effect == "input":
        return x
    if effect == "dense":
        shape = (*x.shape[:-1], layer.units.value) if x.shape else None
        return _activated(base.with_(shape=shape, units=layer.units), layer)
    if effect == "conv":
        rank = 3 if "1D" in layer.type else 5 if "3D" in layer.type else 4
        shape = (*([None] * (rank - 1)), layer.units.value)
        return _activated(base.with_(shape=shape, units=layer.units), layer)
    if effect == "rnn":
        sequences = layer.arg("return_sequences")
        rank3 = sequences == TRUE
        known_rank = sequences in (TRUE, FALSE) or not any(key == "return_sequences" for key, _ in layer.args)
        shape = ((None, None, layer.units.value) if rank3 else (None, layer.units.value)) if known_rank else None
        if layer.arg("return_state") == TRUE:
            return UNKNOWN
        return _activated(base.with_(shape=shape, units=layer.units), layer)
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
        return base.with_(scale=scale, shape=x.shape, units=x.units, bounds=limits(layer.activation.value), tags=tags)
    if effect == "keep":
        return x.with_(layer=layer, bounds=x.bounds if layer.type in ("Dropout", "ActivityRegularization") else None)
    if effect == "normal":
        scale = x.scale if x.scale.must_be("linear") else NOTHING
        return base.with_(scale=scale, shape=x.shape, units=x.units)
    if effect == "flatten":
        units = x.units if x.shape is not None and len(x.shape) == 2 else _product(x.shape)
        return x.with_(shape=(None, units.value), units=units, layer=layer, tags=x.tags | {"keras"})
    if effect == "reshape":
        target = call.items(layer.arg("target_shape"))
        sizes = [constant(size) for size in target] if target is not None else None
        if sizes is None or not all(isinstance(size, int) for size in sizes):
            return x.with_(shape=None, units=NOTHING, layer=layer)
        last = sizes[-1] if sizes else 1
        return x.with_(
            shape=(None, *(None if size == -1 else size for size in sizes)),
            units=known(last) if last != -1 else NOTHING,
            layer=layer,
        )
    if effect == "global-pool":
        return base.with_(shape=(None, x.units.value), units=x.units)
    if effect == "pool":
        return base.with_(shape=(*([None] * (len(x.shape) - 1)), x.units.value) if x.shape else None, units=x.units)
    if effect == "merge":
        return merged(call, layer, inputs)
    if effect == "lambda":
        function = layer.arg("function")
        return call.call(function, inputs) if function is not UNKNOWN else base
    return base


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
    if layer.type != "Concatenate":
        units, shape = (first.units, first.shape) if layer.type != "Dot" else (NOTHING, None)
        return base.with_(units=units, shape=shape)
    axis = layer.arg("axis") if any(key == "axis" for key, _ in layer.args) else Const(-1)
    flat = all(item.shape is not None and len(item.shape) == 2 for item in items)
    if axis == Const(-1) or (axis == Const(1) and flat):
        sizes = [item.units.value for item in items]
        units = known(sum(size for size in sizes if size is not None), layer.site) if None not in sizes else NOTHING
        shape = (
            (*first.shape[:-1], units.value)
            if first.shape is not None and all(i.shape is not None for i in items)
            else None
        )
        return base.with_(units=units, shape=shape)
    return base


def _activated(data: Data, layer: Layer) -> Data:
    scale = layer.activation
    if scale.must_be("linear"):
        scale = known("linear", layer.site)
    return data.with_(scale=scale, bounds=limits(scale.value))


def _product(shape: tuple[int | None, ...] | None) -> Fact[int]:
    if shape is None or any(size is None for size in shape[1:]):
        return NOTHING
    result = 1
    for size in shape[1:]:
        result *= size or 1
    return known(result)


_MERGING = {"concatenate": "Concatenate", "add": "Add", "subtract": "Subtract", "multiply": "Multiply", "average": "Average",
            "maximum": "Maximum", "minimum": "Minimum", "dot": "Dot"}  # fmt: skip


@row(*(f"keras.layers.{name}" for name in _MERGING))
def merge(call: Call, inputs: Value = UNKNOWN, axis: Value = NONE, **rest: Value) -> Value:
    args = (("axis", axis),) if call.given("axis") else ()
    return merged(call, Layer("keras", _MERGING[call.path.rpartition(".")[2]], call.site, args=args), inputs)


# -- inputs -----------------------------------------------------------------------------------------------------------
@row("keras.layers.Input", "keras.Input", "keras.layers.InputLayer")
def input_(call: Call, shape: Value = NONE, batch_size: Value = NONE, dtype: Value = NONE, **rest: Value) -> Value:
    sizes = call.items(rest.get("input_shape", shape))
    known_sizes = (
        None
        if sizes is None
        else tuple(s.value if isinstance(s, Const) and isinstance(s.value, int) else None for s in sizes)
    )
    units = known(known_sizes[-1]) if known_sizes and known_sizes[-1] is not None else NOTHING
    return Data(
        shape=None if known_sizes is None else (None, *known_sizes),
        units=units,
        tags=frozenset({"keras", "input"}),
        grad=True,
    )


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
        return call.new(path)


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
    return x.did("fitted-transform", call.site, receiver, scale=NOTHING, labels=NOTHING, bounds=None)
