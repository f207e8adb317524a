"""TensorFlow outside Keras: tf.data and functions on tensors."""

from __future__ import annotations

from mllint.facts import NOTHING, known
from mllint.frameworks import keras, lineage
from mllint.frameworks.keras import BATCHES
from mllint.frameworks.table import Call, method, row
from mllint.frameworks.tensors import only_data
from mllint.program import Encode
from mllint.values import NONE, UNKNOWN, Const, Data, Encoding, Tuple, Value, constant


@row("tensorflow.data.Dataset.from_tensor_slices", "tensorflow.data.Dataset.from_tensors")
def from_tensor_slices(call: Call, tensors: Value = UNKNOWN, **rest: Value) -> Value:
    return call.new(BATCHES, element=tensors)


@row("tensorflow.data.Dataset.zip")
def zip_datasets(call: Call, datasets: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    items = call.items(datasets) or [datasets, *more]
    return call.new(BATCHES, element=Tuple(tuple(call.element(item) for item in items)))


@row("tensorflow.cast")
def cast(call: Call, x: Value = UNKNOWN, dtype: Value = UNKNOWN, **rest: Value) -> Value:
    data = only_data(x)
    return UNKNOWN if data is None else lineage.cast(data, dtype, call.site)


@row("tensorflow.constant", "tensorflow.convert_to_tensor", "tensorflow.identity", "tensorflow.stop_gradient", "tensorflow.squeeze", "tensorflow.expand_dims")
def same(call: Call, value: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    data = lineage.as_data(call, rest.get("input", value))
    return UNKNOWN if data is None else data.with_(shape=None)


@row("tensorflow.reshape")
def reshape(call: Call, tensor: Value = UNKNOWN, shape: Value = UNKNOWN, **rest: Value) -> Value:
    data = only_data(tensor)
    return UNKNOWN if data is None else data.with_(shape=None, units=NOTHING)


@row("tensorflow.one_hot", "keras.ops.one_hot")
def one_hot(call: Call, indices: Value = UNKNOWN, depth: Value = UNKNOWN, **rest: Value) -> Value:
    indices = rest.get("x", indices)
    depth = rest.get("num_classes", depth)
    data = only_data(indices)
    call.program.encodes.append(Encode(call.site, "tensorflow", "one_hot", data, call.where("indices"), call.argument("depth")))
    count = constant(depth)
    count = count if isinstance(count, int) else None
    if data is None:
        return Data(labels=known(Encoding("one-hot", count=count), call.site), space=UNKNOWN)
    return lineage.one_hot(call, data, count=count, name="one_hot")


@row("tensorflow.argmax", "tensorflow.math.argmax", "keras.ops.argmax", "keras.backend.argmax")
def argmax(call: Call, input: Value = UNKNOWN, axis: Value = NONE, **rest: Value) -> Value:
    data = only_data(rest.get("x", input))
    return UNKNOWN if data is None else lineage.decoded(data, call.site)


@method("tensorflow.GradientTape", "__call__")
def tape(call: Call, receiver: Value, **rest: Value) -> Value:
    return receiver


__all__ = ["Const", "keras"]
