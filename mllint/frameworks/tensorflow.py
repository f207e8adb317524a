"""TensorFlow outside Keras: tf.data and functions on tensors, which ``keras.ops`` and ``keras.backend`` have too."""

from __future__ import annotations

from mllint.facts import NOTHING, known
from mllint.frameworks import data_methods, keras_layers, lineage
from mllint.frameworks.keras import BATCHES
from mllint.frameworks.table import Call, method, row
from mllint.frameworks.tensors import largest, only_data, operate
from mllint.program import Encode
from mllint.values import NONE, UNKNOWN, Data, Encoding, Layer, Loss, Obj, Tuple, Value, constant


def everywhere(*names: str) -> tuple[str, ...]:
    """The paths of a function that TensorFlow and Keras both have."""
    roots = ("tensorflow", "tensorflow.math", "keras.ops", "keras.backend")
    return tuple(f"{root}.{name}" for root in roots for name in names)


# -- data sets --------------------------------------------------------------------------------------------------------
@row("tensorflow.data.Dataset.from_tensor_slices", "tensorflow.data.Dataset.from_tensors")
def from_tensor_slices(call: Call, tensors: Value = UNKNOWN, **rest: Value) -> Value:
    if isinstance(tensors, Tuple):
        tensors = Tuple(tuple(_rows(call, item) for item in tensors.items))
    return call.new(BATCHES, element=_rows(call, tensors) if isinstance(tensors, Obj) else tensors)


def _rows(call: Call, value: Value) -> Value:
    """Lists become tensors."""
    is_list = isinstance(value, Obj) and value.kind == "list"
    return lineage.as_data(call, value) or value if is_list else value


@row("tensorflow.data.Dataset.zip")
def zip_datasets(call: Call, datasets: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    items = call.items(datasets) or [datasets, *more]
    return call.new(BATCHES, element=Tuple(tuple(call.element(item) for item in items)))


@row(
    "tensorflow.data.Dataset.from_generator",
    "tensorflow.data.Dataset.list_files",
    "tensorflow.data.Dataset.range",
    "tensorflow.data.TFRecordDataset",
    "tensorflow.data.TextLineDataset",
)
def unseen_dataset(call: Call, *arguments: Value, **rest: Value) -> Value:
    return call.new(BATCHES, element=UNKNOWN)


# -- tensors that stay what they are ----------------------------------------------------------------------------------
@row(*everywhere("cast"))
def cast(call: Call, x: Value = UNKNOWN, dtype: Value = UNKNOWN, **rest: Value) -> Value:
    data = only_data(x)
    return UNKNOWN if data is None else lineage.cast(data, dtype, call.site)


@row(*everywhere("constant", "convert_to_tensor", "identity", "stop_gradient", "ensure_shape", "convert_to_numpy"))
def same(call: Call, value: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    data = lineage.as_data(call, rest.get("input", rest.get("x", value)))
    return UNKNOWN if data is None else data


@row(*everywhere("squeeze", "expand_dims"))
def axes_changed(call: Call, x: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    data = lineage.as_data(call, rest.get("input", x))
    return UNKNOWN if data is None else data.with_(shape=None)


@row(*everywhere("reshape", "transpose", "flatten"))
def reshape(call: Call, tensor: Value = UNKNOWN, shape: Value = UNKNOWN, **rest: Value) -> Value:
    data = only_data(rest.get("x", tensor))
    return UNKNOWN if data is None else data.with_(shape=None, units=NOTHING)


@row(*everywhere("reduce_mean", "reduce_sum", "mean", "sum"), "tensorflow.nn.compute_average_loss")
def reduce(call: Call, input_tensor: Value = UNKNOWN, axis: Value = NONE, **rest: Value) -> Value:
    data = only_data(rest.get("x", input_tensor))
    return data if data is not None and data.loss is not None else UNKNOWN


@row(*everywhere("concat", "concatenate"))
def concat(call: Call, values: Value = UNKNOWN, axis: Value = UNKNOWN, **rest: Value) -> Value:
    items = call.items(rest.get("xs", rest.get("tensors", values)))
    if items is None or not all(isinstance(item, Data) for item in items):
        return UNKNOWN
    layer = Layer("keras", "Concatenate", call.site, args=(("axis", axis),))
    return keras_layers.merged(call, layer, Tuple(tuple(items)))


# -- gradients --------------------------------------------------------------------------------------------------------
TAPE = "tensorflow.GradientTape"


@row(TAPE)
def gradient_tape(call: Call, **rest: Value) -> Value:
    return call.new(TAPE)


@method(TAPE, "gradient", "jacobian")
def gradient(call: Call, receiver: Value, target: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    loss = target.loss if isinstance(target, Data) and isinstance(target.loss, Loss) else UNKNOWN
    call.event("backward", loss, framework="tensorflow")
    return UNKNOWN


@method(TAPE, "watch", "reset", "stop_recording", "watched_variables")
def tape_other(call: Call, receiver: Value, *arguments: Value, **rest: Value) -> Value:
    return UNKNOWN


# -- classes ----------------------------------------------------------------------------------------------------------
@row(*everywhere("one_hot"))
def one_hot(call: Call, indices: Value = UNKNOWN, depth: Value = UNKNOWN, **rest: Value) -> Value:
    indices = rest.get("x", indices)
    depth = rest.get("num_classes", depth)
    data = only_data(indices)
    call.program.encodes.append(Encode(call.site, "one_hot", data, call.where("indices"), call.argument("depth")))
    count = constant(depth)
    count = count if isinstance(count, int) else None
    if data is None:
        return Data(labels=known(Encoding("one-hot", count=count), call.site), space=UNKNOWN)
    return lineage.one_hot(call, data, count=count, name="one_hot")


@row(*everywhere("argmax"))
def argmax(call: Call, input: Value = UNKNOWN, axis: Value = NONE, **rest: Value) -> Value:
    data = only_data(rest.get("x", input))
    return UNKNOWN if data is None else largest(call, data)


@row(*everywhere("round"))
def round_(call: Call, x: Value = UNKNOWN, **rest: Value) -> Value:
    data = only_data(x)
    return UNKNOWN if data is None else data_methods.rounded(call, data)


_COMPARED = {"equal": "==", "not_equal": "!=", "greater": ">", "greater_equal": ">=", "less": "<", "less_equal": "<="}


@row(*everywhere(*_COMPARED))
def compare(call: Call, x: Value = UNKNOWN, y: Value = UNKNOWN, **rest: Value) -> Value:
    if only_data(x) is None and only_data(y) is None:
        return UNKNOWN
    return operate(call, "compare", x, _COMPARED[call.path.rpartition(".")[2]], y, "keras")
