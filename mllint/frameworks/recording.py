"""Keras models called under a gradient tape: in which mode their layers work, and whose variables gradients are of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from mllint.frameworks.table import Call, method
from mllint.frameworks.tensors import recorders
from mllint.program import ModelCall
from mllint.values import NONE, UNKNOWN, Applied, Data, Layer, Obj, Recorded, Value

VARIABLES, VARIABLE = "keras.variables", "keras.variable"
MODEL_CALL = "model"
IN_MODES = frozenset(
    {
        "Dropout", "BatchNormalization", "SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D", "AlphaDropout", "GaussianDropout",
        "GaussianNoise", "SyncBatchNormalization",
    }
)  # fmt: skip
"""Layers that do another thing in training than in prediction."""


@method(VARIABLES, "__iter__", "__getitem__")
def variable(call: Call, receiver: Value, index: Value = UNKNOWN) -> Value:
    return call.new(VARIABLE, model=call.get(receiver, "model") or UNKNOWN)


def in_mode(call: Call, layer: Layer, training: Value) -> Layer:
    """A layer as it is applied: one that is told its mode keeps that, one that is not is noted down."""
    if layer.type not in IN_MODES:
        return layer
    outer = [context for context in call.engine.contexts if context.kind == MODEL_CALL]
    said = training if training != NONE or not outer else outer[-1].value
    if said != NONE:
        return replace(layer, args=(*layer.args, ("training", said)))
    if outer and outer[0].notes is not None:
        outer[0].notes.append(layer)
    return layer


def note_layers(call: Call, output: Data) -> None:
    """Note down the layers on the way to a functional model's output that were not told their mode."""
    outer = [context for context in call.engine.contexts if context.kind == MODEL_CALL]
    if not outer or outer[-1].value != NONE or outer[0].notes is None:
        return
    waiting: list[Applied] = [output.applied] if output.applied is not None else []
    seen: set[int] = set()
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if each.layer is not None and each.layer.type in IN_MODES and each.layer.arg("training") is UNKNOWN:
            outer[0].notes.append(each.layer)
        waiting.extend(data.applied for data in each.inputs if data.applied is not None)


def here(call: Call, framework: str) -> Recorded:
    """What is computed by this call."""
    return Recorded(call.site, recorders(call, framework))


@contextmanager
def called(call: Call, model: Value, training: Value) -> Iterator[None]:
    """Run a model of the framework."""
    outer = [context for context in call.engine.contexts if context.kind == MODEL_CALL]
    said = training if training != NONE or not outer else outer[-1].value
    with call.engine.within(MODEL_CALL, said, call.site) as context:
        yield
    tapes = recorders(call, "keras")
    if tapes and not outer and isinstance(model, Obj):
        given = call.argument("training")
        inactive = tuple(context.notes or ())
        call.program.model_calls.append(ModelCall(call.site, "keras", model, given, tapes, inactive))
