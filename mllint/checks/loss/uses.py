"""What the rules about losses ask of a loss's use, and the fixes they offer."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import notes
from mllint.facts import Site
from mllint.program import LossUse, Program
from mllint.rule import (
    AddArgument,
    Edit,
    Fix,
    Note,
    Omit,
    Remove,
    Rename,
    Replace,
    Unwrap,
    hint,
    unsafe,
)
from mllint.values import CLASS_MODE, Const, Data, Metric, Step

BINARY = "binary_crossentropy"
ONE_HOT, SPARSE = "categorical_crossentropy", "sparse_categorical_crossentropy"
CATEGORICAL = (ONE_HOT, SPARSE)
PROBABILITIES = ("softmax", "sigmoid", "hard_sigmoid")
SQUASHED = ("tanh", "softsign")
CUT_OFF = ("relu", "relu6")
NO_PROBABILITIES = (*CUT_OFF, *SQUASHED, "leaky_relu", "elu", "selu", "gelu", "silu", "mish")
"""Activations whose output leaves [0, 1] or does not fill it."""
REGRESSION = ("mse", "mae", "huber", "smooth_l1", "log_cosh", "mape", "msle")
CLASSES = {
    BINARY: "BinaryCrossentropy",
    ONE_HOT: "CategoricalCrossentropy",
    SPARSE: "SparseCategoricalCrossentropy",
    "cross_entropy": "CrossEntropyLoss",
    "binary_cross_entropy": "BCELoss",
    "binary_cross_entropy_with_logits": "BCEWithLogitsLoss",
    "sigmoid_binary_cross_entropy": "SigmoidBinaryCrossEntropyLoss",
}
"""Losses as functions or strings, and their classes."""
WRITTEN = {"integer": "class numbers", "one-hot": "one-hot rows", "multi-hot": "rows with several ones"}


# -- what a use is made of --------------------------------------------------------------------------------------------
def uses(program: Program, *frameworks: str) -> Iterator[tuple[LossUse, Data]]:
    """The losses of these frameworks that train on a known prediction."""
    for use in trained_with(program, *frameworks):
        if use.prediction is not None:
            yield use, use.prediction


def trained_with(program: Program, *frameworks: str) -> Iterator[LossUse]:
    """The losses of these frameworks that something trains with."""
    trained = program.trained()
    for use in program.losses:
        measured = use.fit_site is None and trained is not None and use.loss not in trained
        if use.framework in frameworks and use.training and not measured:
            yield use


def several(prediction: Data) -> bool:
    """Proven: the class axis has more than one unit."""
    return prediction.units.must(lambda units: units > 1)


def one(prediction: Data) -> bool:
    """Proven: the class axis has one unit."""
    return prediction.units.must_be(1)


def constant_softmax(prediction: Data) -> bool:
    """Whether it is a softmax over one unit, which ML103 reports."""
    return prediction.scale.must_be("softmax", "log_softmax") and one(prediction)


def encoding(use: LossUse) -> str | None:
    """How the targets are proven to be written; None when that is not known."""
    kinds = set() if use.target is None else {label.kind for label in use.target.labels.values}
    return kinds.pop() if len(kinds) == 1 else None


def class_mode(data: Data | None) -> Step | None:
    """How a loader was told to write labels down, where nothing has changed them since."""
    step = None if data is None else data.last(CLASS_MODE, "encoded", "decoded", "one-hot", "shifted", "transformed")
    return step if step is not None and step.kind == CLASS_MODE else None


def classes_for_a_number(use: LossUse, prediction: Data) -> bool:
    """Whether a frame's column was read as classes (``flow_from_dataframe``'s default) for a head that gives a number."""
    target = use.target
    if target is None or class_mode(target) is None or "frame-labels" not in target.tags:
        return False
    return encoding(use) == "one-hot" and one(prediction) and prediction.scale.must_be("linear")


def units_of(prediction: Data) -> str:
    """The number of units for a message."""
    return str(prediction.units.value or "several")


def activation(prediction: Data) -> str:
    """The activation's name for a message."""
    return " or ".join(prediction.scale.values).replace("log_softmax", "log-softmax")


def accuracy(use: LossUse) -> Metric | None:
    """The metric given as ``"accuracy"`` or ``"acc"``."""
    return next((metric for metric in use.metrics if metric.name in ("accuracy", "acc") and not metric.is_object), None)


def accuracy_goes_by_loss(program: Program) -> bool:
    """Whether ``"accuracy"`` goes by the loss (Keras before 2.4, TensorFlow before 2.2), not by the shapes."""
    return program.versions.keras < (2, 4)


def evidence(use: LossUse, anchor: Site) -> list[Note]:
    """Where the head, the loss and the targets were decided."""
    prediction, target = use.prediction, use.target
    kind = encoding(use)
    return notes(
        *() if prediction is None else ((head_site(prediction), anchor, head(prediction)),),
        (use.loss.expects_site or use.loss.site, anchor, f"the loss is `{use.loss.name}`"),
        (
            target.labels.site if target is not None and kind in WRITTEN else None,
            anchor,
            f"the targets are {WRITTEN.get(kind or '')} since here",
        ),
    )


def head(prediction: Data) -> str:
    """What a note says about the head."""
    if prediction.scale.must_be("linear"):
        return "this layer has no activation"
    count = f" over {prediction.units.value} units" if several(prediction) and prediction.units.value else ""
    return f"{activation(prediction)} is applied here{count}"


def head_site(prediction: Data) -> Site | None:
    """Where the output's activation is written, or the layer that has none."""
    layer = prediction.layer
    return prediction.scale.site or (layer.site if layer is not None else None)


def units_site(prediction: Data) -> Site | None:
    """Where the number of units is written."""
    layer = prediction.layer
    return prediction.units.site or (layer.units_site or layer.site if layer is not None else None)


def fresh(seen: set[Site], prediction: Data) -> bool:
    """Whether this activation was not reported yet: one mistake, however many losses follow it."""
    site = head_site(prediction)
    if site is None or site not in seen:
        seen.update([site] if site is not None else [])
        return True
    return False


# -- fixes ------------------------------------------------------------------------------------------------------------
def offered(message: str, *edits: Edit | None) -> Fix:
    """An unsafe fix when every edit can be made, else advice."""
    made = [edit for edit in edits if edit is not None]
    return unsafe(message, *made) if made and len(made) == len(edits) else hint(message)


def other_loss(use: LossUse, name: str) -> Edit | None:
    """Name another loss of the same framework."""
    return None if use.loss.site is None else Rename(use.loss.site, name, CLASSES.get(name, ""))


def other_activation(prediction: Data, name: str) -> Edit | None:
    """Give a Keras head another activation."""
    layer = prediction.layer
    if not prediction.scale.must_be("linear"):
        return None if prediction.scale.site is None else Rename(prediction.scale.site, name)
    if layer is None or layer.site is None or not layer.units.known or not layer.activation.must_be("linear"):
        return None
    if layer.activation_site is None:
        return AddArgument(layer.site, f'activation="{name}"')
    return Replace(layer.activation_site, f'"{name}"')


def without_activation(prediction: Data, message: str) -> Fix:
    """Take the activation out of a torch module or gluon block."""
    layer = prediction.layer
    if layer is None or layer.site is None or layer.activation_site is not prediction.scale.site:
        return hint(message)
    if layer.framework == "gluon" and layer.type != "Activation" and layer.activation_site is not layer.site:
        return offered(message, None if layer.activation_site is None else Remove(layer.activation_site))
    inner = layer.arg("inner")
    if isinstance(inner, Const):
        return unsafe(message, Unwrap(layer.site, inner.value))
    if layer.framework == "jax":  # a function among the layers of a container, called somewhere else
        return hint(message)
    return unsafe(message, Omit(layer.site, "Identity" if layer.framework == "torch" else ""))
