"""Keras losses and metrics: by string, class, function; called directly, and TensorFlow's ``*_with_logits``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from mllint.facts import NOTHING, Fact, Site, known
from mllint.frameworks.table import Call, canonical, method, row
from mllint.frameworks.tensors import use_loss
from mllint.frameworks.toml import load_toml
from mllint.program import MetricUse
from mllint.values import FALSE, NONE, UNKNOWN, Callable_, Const, Loss, Metric, Name, Value, constant, constants

LOSSES: Mapping[str, Mapping[str, Any]] = load_toml("keras_losses.toml")
FAMILIES: Mapping[str, str] = {
    spelling: family for family, about in LOSSES.items() for spelling in (family, *about.get("aliases", ()))
}
"""String or function name → family."""
CLASSES: Mapping[str, str] = {about["class"]: family for family, about in LOSSES.items() if "class" in about}


def make_loss(name: str, family: str, site: Site | None, from_logits: Value, where: Site | None) -> Loss:
    """A loss of a family; ``from_logits`` decides what it expects."""
    about = LOSSES[family]
    expects: Fact[str] = known(about["expects"], site) if "expects" in about else NOTHING
    if about.get("from_logits"):
        flags = constants(from_logits, bool)
        expects = (
            Fact(tuple(("logits" if flag else about["expects"], where or site) for flag in flags.values))
            if flags.known
            else NOTHING
        )
    targets: Fact[str] = known(about["targets"], site) if "targets" in about else NOTHING
    return Loss("keras", name, family, expects, targets, site, where)


def loss_of(call: Call, value: Value, site: Site | None) -> Loss | None:
    """The loss that a ``loss=`` argument means; None when it is not known."""
    if isinstance(value, Loss):
        return value
    if isinstance(value, Const) and isinstance(value.value, str):
        name = value.value
        family = FAMILIES.get(name) or CLASSES.get(name)
        return None if family is None else make_loss(name, family, site, FALSE, None)
    if isinstance(value, Name):
        path = canonical(value.path)
        last = path.rpartition(".")[2]
        if path.startswith(("keras.losses.", "keras.metrics.", "keras.objectives.")) and last in FAMILIES:
            return make_loss(last, FAMILIES[last], site, FALSE, None)
        if path.startswith("keras.losses.") and last in CLASSES:  # the class itself: Keras makes an object of it
            return make_loss(last, CLASSES[last], site, FALSE, None)
        if path.startswith("tensorflow.nn.") and last in WITH_LOGITS:
            return with_logits(last, site)
        return None
    items = call.items(value)
    if items is not None and len(items) == 1:
        pairs = call.mapping(value)
        return loss_of(call, pairs[0][1] if pairs else items[0], site)
    return None


def _make(name: str, family: str, call: Call, /, from_logits: Value = FALSE, **rest: Value) -> Value:
    return make_loss(name, family, call.site, from_logits, call.where("from_logits"))


def _apply(
    name: str, family: str, call: Call, y_true: Value, y_pred: Value, from_logits: Value = FALSE, /, **rest: Value
) -> Value:
    if y_true is UNKNOWN and "target" in rest:  # keras.ops and keras.backend call them target and output
        y_true, y_pred = rest["target"], rest.get("output", UNKNOWN)
    loss = make_loss(name, family, call.site, from_logits, call.where("from_logits"))
    return use_loss(call, loss, y_pred, y_true, (call.where("y_pred"), call.where("y_true")))


def _register() -> None:
    for family, about in LOSSES.items():
        if "class" in about:
            name = about["class"]
            if about.get("from_logits"):
                row(f"keras.losses.{name}")(_with_flag(partial(_make, name, family), call_first=False))
            else:
                row(f"keras.losses.{name}")(_plain(partial(_make, name, family)))
        for spelling in (family, *about.get("aliases", ())):
            roots = ("keras.losses", "keras.ops", "keras.backend")
            row(*(f"{root}.{spelling}" for root in roots))(
                _with_flag(partial(_apply, spelling, family), call_first=True)
            )


def _with_flag(function: Any, *, call_first: bool) -> Any:
    if call_first:

        def apply(
            call: Call, y_true: Value = UNKNOWN, y_pred: Value = UNKNOWN, from_logits: Value = FALSE, **rest: Value
        ) -> Value:
            return function(call, y_true, y_pred, from_logits, **rest)  # type: ignore[no-any-return]

        return apply

    def make(call: Call, from_logits: Value = FALSE, **rest: Value) -> Value:
        made: Loss = function(call, from_logits)
        return replace(made, args=(("ignore_class", rest["ignore_class"]),)) if "ignore_class" in rest else made

    return make


def _plain(function: Any) -> Any:
    def make(call: Call, **rest: Value) -> Value:
        return function(call)  # type: ignore[no-any-return]

    return make


_register()


@method("Loss:keras", "__call__", "call")
def call_loss(call: Call, receiver: Value, y_true: Value = UNKNOWN, y_pred: Value = UNKNOWN, **rest: Value) -> Value:
    if not isinstance(receiver, Loss):
        return UNKNOWN
    return use_loss(call, receiver, y_pred, y_true, (call.where("y_pred"), call.where("y_true")))


WITH_LOGITS = {
    "softmax_cross_entropy_with_logits": "categorical_crossentropy",
    "softmax_cross_entropy_with_logits_v2": "categorical_crossentropy",
    "sparse_softmax_cross_entropy_with_logits": "sparse_categorical_crossentropy",
    "sigmoid_cross_entropy_with_logits": "binary_crossentropy",
    "weighted_cross_entropy_with_logits": "binary_crossentropy",
}


def with_logits(name: str, site: Site | None) -> Loss:
    """TensorFlow's own losses, which always take raw scores."""
    family = WITH_LOGITS[name]
    return Loss("tensorflow", name, family, known("logits", site), known(LOSSES[family]["targets"], site), site)


@row(*(f"tensorflow.nn.{name}" for name in WITH_LOGITS))
def apply_with_logits(call: Call, labels: Value = UNKNOWN, logits: Value = UNKNOWN, **rest: Value) -> Value:
    loss = with_logits(call.path.rpartition(".")[2], call.site)
    return use_loss(call, loss, logits, labels, (call.where("logits"), call.where("labels")))


@row("keras.losses.get", "keras.losses.deserialize")
def loss_by_name(call: Call, identifier: Value = NONE, **rest: Value) -> Value:
    return identifier


# -- metrics ----------------------------------------------------------------------------------------------------------
def make_metric(call: Call, **rest: Value) -> Value:
    name = rest.get("name", NONE)
    key = constant(name) if isinstance(name, Const) and isinstance(name.value, str) else None
    return Metric(call.path.rpartition(".")[2], key, call.site, True)


@method("Metric", "__call__", "update_state")
def measure(call: Call, receiver: Value, y_true: Value = UNKNOWN, y_pred: Value = UNKNOWN, **rest: Value) -> Value:
    """A metric object that is told what to compare."""
    if isinstance(receiver, Metric) and call.given("y_true") and call.given("y_pred"):
        first, second = call.argument("y_true"), call.argument("y_pred")
        call.program.metrics.append(
            MetricUse(call.site, "keras", receiver.name, first, second, metric_site=receiver.site)
        )
    return UNKNOWN


_FUNCTIONS = (
    "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy", "top_k_categorical_accuracy",
    "sparse_top_k_categorical_accuracy",
)  # fmt: skip


@row(*(f"keras.metrics.{name}" for name in _FUNCTIONS))
def measured(call: Call, y_true: Value = UNKNOWN, y_pred: Value = UNKNOWN, **rest: Value) -> Value:
    name = call.path.rpartition(".")[2]
    first, second = call.argument("y_true"), call.argument("y_pred")
    call.program.metrics.append(MetricUse(call.site, "keras", name, first, second, metric_site=call.site))
    return UNKNOWN


def _register_metrics() -> None:
    for name in [
        "Accuracy",
        "BinaryAccuracy",
        "CategoricalAccuracy",
        "SparseCategoricalAccuracy",
        "TopKCategoricalAccuracy",
        "SparseTopKCategoricalAccuracy",
        "AUC",
        "Precision",
        "Recall",
        "F1Score",
        "FBetaScore",
        "MeanSquaredError",
        "RootMeanSquaredError",
        "MeanAbsoluteError",
        "MeanAbsolutePercentageError",
        "Mean",
        "Sum",
        "BinaryCrossentropy",
        "CategoricalCrossentropy",
        "SparseCategoricalCrossentropy",
        "TruePositives",
        "FalsePositives",
        "TrueNegatives",
        "FalseNegatives",
        "MeanIoU",
        "IoU",
        "OneHotIoU",
        "OneHotMeanIoU",
        "BinaryIoU",
        "CosineSimilarity",
        "KLDivergence",
        "PrecisionAtRecall",
        "RecallAtPrecision",
        "R2Score",
        "LogCoshError",
        "SensitivityAtSpecificity",
        "SpecificityAtSensitivity",
        "MeanSquaredLogarithmicError",
        "Hinge",
        "Poisson",
    ]:
        row(f"keras.metrics.{name}")(make_metric)


_register_metrics()


def metrics_of(call: Call, value: Value, site: Site | None) -> tuple[list[Metric], bool]:
    """The metrics that a ``metrics=`` argument holds and whether these are all."""
    if value == NONE:
        return [], True
    items = call.items(value) if not isinstance(value, Const) else [value]
    pairs = call.mapping(value)
    if pairs is not None:
        items = [item for _, item in pairs]
    if items is None:
        return [], False
    found: list[Metric] = []
    known_all = pairs is None
    for item in items:
        if isinstance(item, Metric):
            found.append(item)
        elif isinstance(item, Const) and isinstance(item.value, str):
            found.append(Metric(item.value, None, site))
        elif isinstance(item, Name):
            found.append(Metric(canonical(item.path).rpartition(".")[2], None, site))
        elif isinstance(item, Callable_) and str(getattr(item, "name", "")).isidentifier():
            own = str(getattr(item, "name", ""))  # a function of the file: logged under its name
            found.append(Metric(own, own, site, True))
        else:
            inner = call.items(item)
            if inner is not None:
                more, complete = metrics_of(call, item, site)
                found += more
                known_all = known_all and complete
            else:
                known_all = False
    return found, known_all
