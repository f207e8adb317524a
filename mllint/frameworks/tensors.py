"""What torch's and gluon's tensors have in common. A tensor is a ``Data`` with its framework's name among its tags."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from mllint.facts import Fact, Site, known, nothing
from mllint.frameworks import lineage, table, torch_shapes
from mllint.frameworks.table import Call
from mllint.program import LossUse, ModelSummary
from mllint.values import (
    AUGMENTED,
    NONE,
    UNKNOWN,
    WHOLE,
    Callable_,
    Choice,
    Const,
    Data,
    Encoding,
    Layer,
    Loss,
    Measure,
    Move,
    Name,
    Obj,
    Recorded,
    Tuple,
    Value,
    choice,
    constant,
    constants,
)  # fmt: skip

FRAMEWORKS = ("torch", "gluon")
SAME_UNDER_MEAN = ("linear", "relu", "sigmoid", "tanh", "relu6")
"""Scales that a mean or a maximum of several values keeps."""
ZERO, ONE, LAST = Const(0), Const(1), Const(-1)
ANY_ROW = Data(tags=frozenset({"permutation"}), space=UNKNOWN, shape=(), order=(Move("picked", ("any",)),))
"""An index that takes every place once, in no known order: what a loader asks a data set for."""
FLOATS = ("float16", "float32", "float64", "bfloat16")
FILLED = "filled"
"""The mark of a tensor made of one number: the targets of a discriminator."""
BATCHED = "batched"
"""The mark of a loader's batches and what layers make of them: their first axis is the rows'."""
MULTI_AXIS = "multi-axis"
"""The mark of what may have more axes than the batch and the classes: sequences and what layers make of them."""
TARGET = "__target__"
"""The field of a model that keeps the target it was trained on."""


# -- rows from tables -------------------------------------------------------------------------------------------------
def signed(function: Callable[..., Any], arguments: str, *, receiver: bool = False) -> Callable[..., Any]:
    """Give a row ``f(call, **given)`` the framework's signature: names in order, none with a default."""

    def wrapped(*head: Any, **given: Any) -> Any:
        return function(*head, **given)

    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    names = ["call", *(["receiver"] if receiver else []), *arguments.split()]
    parameters = [inspect.Parameter(name, kind) for name in names]
    parameters.append(inspect.Parameter("rest", inspect.Parameter.VAR_KEYWORD))
    wrapped.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return wrapped


# -- tensors ----------------------------------------------------------------------------------------------------------
def blank(framework: str, **fields: Any) -> Data:
    """A tensor nothing is known about."""
    return Data(tags=frozenset({framework}), space=UNKNOWN, **fields)


def tensor(framework: str, value: Value) -> Data:
    """The tensor a value is, or one nothing is known about."""
    if isinstance(value, Data):
        return value if framework in value.tags else value.with_(tags=value.tags | {framework})
    return blank(framework)


def plain(data: Data) -> Data:
    """What leaves the framework: ``x.numpy()``, ``x.item()``."""
    return data.with_(tags=data.tags - set(FRAMEWORKS), loss=None, grad=False)


def from_python(call: Call, framework: str, value: Value) -> Data:
    """``torch.tensor(value)``: of a list, an array or a number."""
    if isinstance(value, Choice):
        value = _one_of(value) or value
    data = lineage.as_data(call, value)
    if data is None:
        return blank(framework)
    if data.labels.must(lambda e: e.count == 1):
        data = data.with_(labels=nothing())  # one value says nothing about how classes are numbered
    if not isinstance(value, Data):  # Python's numbers, not NumPy's
        data = data.with_(dtype={"float": "float32", "int": "int64"}.get(data.dtype or "", data.dtype))
    return tensor(framework, data)


def _one_of(value: Choice) -> Value | None:
    """One of several constant numbers."""
    numbers = [o.value for o in value.options if isinstance(o, Const) and isinstance(o.value, (int, float))]
    return lineage.any_of(numbers, None) if len(numbers) == len(value.options) else None


def axis_of(value: Value) -> int | None:
    """A constant axis."""
    found = constant(value)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


# -- layers -----------------------------------------------------------------------------------------------------------
def apply_linear(call: Call, layer: Layer, x: Value, framework: str) -> Data:
    """The output of a layer with weights and no activation of its own."""
    base = x if isinstance(x, Data) else Data()
    return Data(
        dtype=base.dtype if layer.type == "Linear" and base.dtype in FLOATS else None,
        source=base.source,
        part=base.part,
        split=base.split,
        space=UNKNOWN,
        scale=known("linear", layer.site),
        units=layer.units,
        layer=layer,
        model=base.model,
        grad=True,
        order=base.order,
        chosen=base.chosen,
        tags=frozenset({framework}) | (base.tags & {MULTI_AXIS, BATCHED}),
    )


def activate(layer: Layer, x: Value, framework: str, bounds: tuple[float, float] | None = None) -> Data:
    """The output of an activation."""
    base = tensor(framework, x)
    axis = axis_of(layer.arg("dim"))
    tags = base.tags - {"axis=0"}
    over_classes = layer.activation.may_be("softmax", "log_softmax", "softmin", "glu")
    lost = axis == 0 or (axis == 1 and MULTI_AXIS in tags) or "squeezed" in tags
    elsewhere = over_classes and lost  # not proven to be the axis the units are on
    units = nothing() if layer.arg("halves") == Const(True) or elsewhere else base.units
    return base.with_(
        scale=Fact(tuple((name, layer.activation_site) for name in layer.activation.values))
        if layer.activation.known
        else nothing(),
        layer=layer,
        units=units,
        labels=nothing(),
        bounds=bounds,
        shape=None if layer.arg("halves") == Const(True) else base.shape,
        tags=tags | {"axis=0"} if axis == 0 else tags,
        loss=None,
    )


def function_layer(call: Call, framework: str, type_: str, scale: str, argument: str, **args: Value) -> Layer:
    """The activation that a function call applies; ``inner`` keeps the site of what it is applied to, for edits."""
    inner = call.where(argument)
    kept = tuple(args.items())
    if inner is not None:
        kept = (*kept, ("inner", Const(inner)))
    return Layer(framework, type_, call.site, known(scale, call.site), call.site, args=kept)


def keep_linear(x: Value, layer: Layer, framework: str, *scales: str) -> Data:
    """The output of a layer that keeps only some scales."""
    base = tensor(framework, x)
    kept = base.scale if base.scale.must_be(*scales) else nothing()
    shape = base.shape if layer.type.endswith("Dropout") else None
    return base.with_(scale=kept, layer=layer, labels=nothing(), bounds=None, shape=shape, loss=None)


# -- shapes -----------------------------------------------------------------------------------------------------------
def indexed(call: Call, data: Data, index: Value) -> Data | None:
    """``data[index]`` of a model's output; None where it is no output."""
    if not data.scale.known and data.layer is None and data.loss is None:
        return None
    parts = index.items if isinstance(index, Tuple) else (index,)
    last = parts[-1]
    shape = torch_shapes.indexed(data.shape, index)
    if NONE in parts:
        data = data.with_(tags=data.tags | {torch_shapes.OUTER})
    if any(isinstance(part, Const) and isinstance(part.value, int) for part in parts):
        data = data.with_(tags=data.tags - {MULTI_AXIS})
    if len(parts) == 1:
        return data.with_(shape=shape, tags=data.tags - {BATCHED})
    if data.units.must_be(1):
        return data.with_(shape=shape, tags=data.tags | {"squeezed"})
    if isinstance(last, Const) and isinstance(last.value, int):
        scale = data.scale if data.scale.must_be(*SAME_UNDER_MEAN, "hard") else nothing()
        return data.with_(scale=scale, units=nothing(), shape=shape)
    whole = all((isinstance(part, Const) and part.value is Ellipsis) or _whole(part) for part in parts[1:])
    return data.with_(units=data.units if whole or _whole(last) else nothing(), shape=shape)


def _whole(part: Value) -> bool:
    return getattr(part, "start", None) == NONE and getattr(part, "stop", None) == NONE


# -- reductions -------------------------------------------------------------------------------------------------------
def reduced(call: Call, data: Data, name: str, framework: str, axis: Value = NONE) -> Value:
    """A sum, mean, maximum … of a tensor."""
    if data.loss is not None:
        return data.with_(shape=None)
    if data.scale.known or data.layer is not None:
        scale = (
            data.scale if name in ("mean", "max", "amax", "min") and data.scale.must_be(*SAME_UNDER_MEAN) else nothing()
        )
        if axis == NONE:
            return blank(framework, grad=data.grad)
        spatial = axis in (Tuple((Const(2), Const(3))), Tuple((Const(-1), Const(-2))), Tuple((Const(-2), Const(-1))))
        units = data.units if spatial else nothing()
        return data.with_(scale=scale, units=units, shape=None, labels=nothing(), bounds=None, direct=False)
    return delegate(call, data, name, framework, axis)


def delegate(call: Call, data: Data, name: str, framework: str, axis: Value = NONE) -> Value:
    """Let the rows for plain arrays say what a method means."""
    entry = table.METHODS.get(("Data", name))
    if entry is None:
        table.load("numpy")
        entry = table.METHODS.get(("Data", name))
    if entry is None or name not in ("mean", "std", "min", "max", "sum", "var", "median", "__getitem__"):
        return blank(framework)
    keywords: dict[str, tuple[Value, Site | None]] = {} if axis == NONE else {"axis": (axis, None)}
    positional = call.positional if name == "__getitem__" else ()
    made = Call(call.engine, call.site, f"Data.{name}", positional, keywords, call.complete, {}, call.name_site)
    return retag(entry.bind(made, data), framework)


def retag(value: Value, framework: str) -> Value:
    """What the rows for plain arrays gave, as a tensor."""
    return tensor(framework, value) if isinstance(value, Data) else value


def largest(call: Call, data: Data) -> Data:
    """``argmax`` over the classes: labels in the space the model was trained on."""
    found = lineage.decoded(data, call.site)
    target = call.get(data.model, TARGET) if data.model is not None else None
    if isinstance(target, Data) and found.scale.must_be("hard"):
        found = found.with_(space=target.space)
        if target.labels.must(lambda e: e.kind == "integer"):
            found = found.with_(labels=target.labels)
    return found


# -- losses -----------------------------------------------------------------------------------------------------------
def use_loss(
    call: Call,
    loss: Loss,
    prediction: Value,
    target: Value,
    sites: tuple[Site | None, Site | None],
) -> Data:
    """Record a loss meeting a prediction and a target; its value."""
    score = only_data(prediction)
    truth = only_data(target)
    model = score.model if score is not None and score.model is not None else UNKNOWN
    call.program.losses.append(
        LossUse(
            site=call.site,
            framework=loss.framework,
            loss=loss,
            prediction=score,
            target=truth,
            model=model,
            target_site=sites[1],
            prediction_site=sites[0],
            order=call.tick(),
            loops=call.engine.loops,
        )
    )
    call.event("loss", loss, framework=loss.framework)
    if isinstance(model, Obj) and score is not None:
        summarise(call, loss.framework, model, score)
    if truth is not None and isinstance(model, Obj) and loss.family in ("cross_entropy", "nll"):
        call.set(model, TARGET, truth)
    rows = score if score is not None and score.source.value is not None else truth
    measure = None if rows is None else Measure(rows.rows, loss.name, call.site)
    value = blank(loss.framework, loss=loss, grad=True, measure=measure)
    return value.with_(
        model=score.model if score is not None else None,
        tags=value.tags | {WHOLE},
        recorded=_loss_recorded(call, loss, score),
    )


RECORD, PAUSE, TAPE = "mxnet.autograd.record", "mxnet.autograd.pause", "tensorflow.GradientTape"


def recorders(call: Call, framework: str) -> tuple[Value, ...]:
    """The tapes or records that are open."""
    if framework == "gluon":
        found = [context for context in call.engine.contexts if context.kind in (RECORD, PAUSE)]
        return (found[-1].value,) if found and found[-1].kind == RECORD else ()
    return call.open(TAPE)


def _loss_recorded(call: Call, loss: Loss, score: Data | None) -> Recorded | None:
    """Under which tapes or records a loss and the prediction that it gets were computed."""
    if loss.framework not in ("keras", "tensorflow", "gluon"):
        return None
    here = Recorded(call.site, recorders(call, loss.framework), True)
    if score is None or score.recorded is None or not here.under:
        return here
    both = tuple(tape for tape in score.recorded.under if tape in here.under)
    return Recorded(score.recorded.site, both)


def summarise(call: Call, framework: str, model: Obj, output: Data) -> None:
    """List a model that is trained, once."""
    if any(summary.site is model.site for summary in call.program.models):
        return
    owner = call.get(model, "class")
    name = model.kind if owner is None else repr(owner).removeprefix("class ")
    layers = tuple(flat_layers(call, model)) or ((output.layer,) if output.layer is not None else ())
    call.program.models.append(ModelSummary(model.site, framework, name, layers, output, model))


def flat_layers(call: Call, value: Value) -> list[Layer]:
    """The layers of a container, in order."""
    if isinstance(value, Layer):
        return [value]
    items = call.get(value, "items")
    found = items.items if isinstance(items, Tuple) and isinstance(value, Obj) else ()
    return [layer for item in found if item != value for layer in flat_layers(call, item)]


def only_data(value: Value) -> Data | None:
    """The one tensor a value is."""
    if isinstance(value, Choice):
        found = [option for option in value.options if option != NONE]
        return found[0] if len(found) == 1 and isinstance(found[0], Data) else None
    return value if isinstance(value, Data) else None


def flag(value: Value) -> bool | None:
    """A constant truth value."""
    found = constant(value)
    return found if isinstance(found, bool) else None


# -- comparing and calculating -----------------------------------------------------------------------------------------
def operate(call: Call, kind: str, left: Value, symbol: str, right: Value, framework: str) -> Value:
    """``left.eq(right)``, ``left.add(right)`` as the operators they stand for."""
    path = f"operator.{kind}"
    entry = table.ROWS.get(path)
    if entry is None:
        table.load("numpy")
        entry = table.ROWS.get(path)
        if entry is None:
            return blank(framework)
    site = call.positional[-1][1] if call.positional else None
    positional = ((left, None), (Const(symbol), None), (right, site))
    return retag(entry.bind(Call(call.engine, call.site, path, positional, {}, True)), framework)


# -- data sets --------------------------------------------------------------------------------------------------------
def sample(call: Call, dataset: Value) -> Value:
    """What one item of a data set is."""
    if isinstance(dataset, Data):
        return one_row(dataset)
    if isinstance(dataset, Choice):
        return choice(sample(call, option) for option in dataset.options)
    if isinstance(dataset, Obj) and dataset.kind == "instance":
        item = call.attribute(dataset, "__getitem__")
        if isinstance(item, Callable_):
            return call.call(item, ANY_ROW)
    return call.element(dataset)


def one_row(data: Data) -> Data:
    """One row of an array, tensor or batch."""
    return data.with_(shape=data.shape[1:] if data.shape else None, tags=data.tags - {BATCHED})


def collated(framework: str, item: Value, call: Call | None = None) -> Value:
    """A batch of such items, as the framework's tensors; a batch stays what it is."""
    if isinstance(item, Data):
        if BATCHED in item.tags:
            return tensor(framework, item)
        shape = None if item.shape is None else (None, *item.shape)
        item = lineage.stacked_ones(item)
        return tensor(framework, item).with_(shape=shape, tags=item.tags | {framework, BATCHED})
    if isinstance(item, Tuple):
        return Tuple(tuple(collated(framework, each, call) for each in item.items))
    if isinstance(item, Choice):
        numbers = _one_of(item)
        if numbers is not None:
            return collated(framework, numbers)
        return choice(collated(framework, option, call) for option in item.options if option != NONE)  # None: left out
    if isinstance(item, Obj) and call is not None:
        return _collated_container(framework, item, call)
    number = item.value if isinstance(item, Const) else None
    if not isinstance(number, (int, float)):
        return item
    dtype = {int: "int64", float: "float64", bool: "bool"}[type(number)]
    return collated(framework, blank(framework, shape=(), dtype=dtype))


def of_rows(call: Call, function: Value, item: Value) -> Value:
    """What a function of the user's makes of a list of such items."""
    if function is UNKNOWN:
        return UNKNOWN
    kept = choice(option for option in item.options if option != NONE) if isinstance(item, Choice) else item
    return call.call(function, call.engine.new("list", call.site, {"items": UNKNOWN, "element": kept}))


def _collated_container(framework: str, item: Obj, call: Call) -> Value:
    """A batch of dicts is a dict of batches; a batch of lists is a list of batches."""
    pairs = call.mapping(item)
    if pairs is not None:
        batches = tuple(Tuple((key, collated(framework, value, call))) for key, value in pairs)
        made = call.engine.new(f"dict.{item.id}", call.site, {"items": Tuple(batches)})
        return Obj(made.id, "dict", call.site)
    items = call.items(item) if item.kind == "list" else None
    return item if items is None else Tuple(tuple(collated(framework, each, call) for each in items))


def change_each(item: Value, change: Callable[[Data], Data]) -> Value:
    """An item with all its arrays changed alike."""
    if isinstance(item, Data):
        return change(item)
    if isinstance(item, Tuple):
        return Tuple(tuple(change_each(each, change) for each in item.items))
    if isinstance(item, Choice):
        return choice(change_each(option, change) for option in item.options)
    return item


def augmented(item: Value, site: Site | None, by: Value | str | None) -> Value:
    """An image after a random change; one that nothing is known about is that at least."""
    if isinstance(item, Choice):
        return choice(augmented(option, site, by) for option in item.options)
    data = Data(space=UNKNOWN) if item is UNKNOWN else item
    return data.did(AUGMENTED, site, by) if isinstance(data, Data) else item


def class_numbers(call: Call, low: int, high: int) -> Fact[Encoding]:
    """Labels from ``low`` to ``high``."""
    return known(Encoding("integer", low, high, high - low + 1), call.site)


def known_dataset(
    call: Call, kind: str, labels: Fact[Encoding], part: Fact[str], tags: Sequence[str] = (), made: Value = NONE
) -> Obj:
    """A data set whose items are an image and its label: a new one, or ``made``, an instance of a local subclass."""
    obj = made if isinstance(made, Obj) else call.new(kind)
    features = lineage.fresh(call, part=part, columns=known("features", call.site), tags=frozenset(tags))
    target = features.with_(columns=known("target", call.site), labels=labels)
    call.set(obj, "features", features.with_(space=UNKNOWN))
    call.set(obj, "labels", target)
    return obj


def part_argument(call: Call, value: Value, site: Site | None) -> Fact[str]:
    """``train=True`` or ``split="test"``."""
    found = constant(value)
    if isinstance(found, bool):
        return known("train" if found else "test", site)
    names = {"train": "train", "training": "train", "test": "test", "val": "val", "valid": "val", "validation": "val"}
    return known(names[found], site) if isinstance(found, str) and found in names else nothing()


def dtype_of(value: Value) -> str | None:
    """``torch.long``, ``torch.LongTensor``, ``"float32"`` as a plain dtype."""
    names = {
        "long": "int64", "LongTensor": "int64", "int64": "int64", "int": "int32", "IntTensor": "int32", "int32": "int32",
        "short": "int16", "int16": "int16", "uint8": "uint8", "ByteTensor": "uint8", "bool": "bool", "BoolTensor": "bool",
        "float": "float32", "float32": "float32", "FloatTensor": "float32", "Tensor": "float32", "double": "float64", "float64": "float64",
        "DoubleTensor": "float64", "half": "float16", "float16": "float16", "bfloat16": "bfloat16",
    }  # fmt: skip
    if isinstance(value, Name):
        return names.get(value.path.rpartition(".")[2])
    found = constant(value)
    return names.get(found.rpartition(".")[2]) if isinstance(found, str) else None


def cast_to(call: Call, data: Data, dtype: str | None) -> Data:
    """The tensor in another dtype."""
    if dtype is None:
        return data
    if data.scale.known and not data.scale.must_be("sigmoid", "softmax"):
        return data.with_(dtype=dtype)
    return lineage.cast(data, Const(dtype), call.site)


def count_of(value: Value) -> Fact[int]:
    """A constant number of units."""
    return constants(value, int)
