"""Rules about the head, the loss and the metric: do they agree?"""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import notes
from mllint.diagnostic import Severity
from mllint.facts import Site
from mllint.program import LossUse, Program
from mllint.rule import ERROR, INFO, WARNING, AddArgument, Finding, Fix, Note, Remove, Replace, Retext, Undo, hint, rule, safe, unsafe
from mllint.values import Data, Encoding, Metric

PROBABILITIES = ("softmax", "sigmoid", "hard_sigmoid")
KERAS_CROSS_ENTROPY = ("binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy")
CATEGORICAL = ("categorical_crossentropy", "sparse_categorical_crossentropy")
REGRESSION = ("mse", "mae", "huber", "smooth_l1", "log_cosh", "mape", "msle")
UNBOUNDED = ("linear", "relu", "tanh", "leaky_relu", "elu", "selu", "gelu", "silu", "softplus", "softsign")
ACCURACY = ("accuracy", "acc")


# -- what a use is made of --------------------------------------------------------------------------------------------
def uses(program: Program, *frameworks: str) -> Iterator[tuple[LossUse, Data]]:
    """The losses of these frameworks that meet a known prediction."""
    for use in program.losses:
        if use.framework in frameworks and use.prediction is not None:
            yield use, use.prediction


def many(prediction: Data) -> bool:
    """Proven: the class axis has more than one unit."""
    return prediction.units.must(lambda units: units > 1)


def one(prediction: Data) -> bool:
    """Proven: the class axis has one unit."""
    return prediction.units.must_be(1)


def target_kind(use: LossUse) -> str | None:
    """How the targets are proven to be written; None when they are not known."""
    if use.target is None or not use.target.labels.known:
        return None
    kinds = {encoding.kind for encoding in use.target.labels.values}
    return kinds.pop() if len(kinds) == 1 else None


def target_encoding(use: LossUse) -> Encoding | None:
    return None if use.target is None else use.target.labels.value


def accuracy(use: LossUse) -> Metric | None:
    """The metric given as ``"accuracy"`` or ``"acc"``."""
    return next((m for m in use.metrics if m.name in ACCURACY and not m.is_object), None)


def head_site(prediction: Data) -> Site | None:
    """Where the output's activation is written."""
    layer = prediction.layer
    if prediction.scale.site is not None:
        return prediction.scale.site
    return None if layer is None else layer.activation_site or layer.site


def evidence(use: LossUse, anchor: Site, head: str) -> list[Note]:
    """Where the head, the loss and the targets were decided."""
    prediction = use.prediction
    target = use.target
    return notes(
        (None if prediction is None else head_site(prediction), anchor, head),
        (use.loss.site, anchor, f"the loss is `{use.loss.name}`"),
        (None if target is None else target.labels.site, anchor, "the targets are encoded here"),
    )


def activation_text(use: LossUse, name: str) -> Retext | None:
    """The edit that gives a Keras head another activation, where that is a string argument."""
    layer = None if use.prediction is None else use.prediction.layer
    if layer is None or layer.framework != "keras" or layer.activation_site is None or layer.activation_site is layer.site:
        return None
    return Retext(layer.activation_site, name)


def loss_text(use: LossUse, name: str) -> Retext | None:
    """The edit that names another Keras loss, where the loss is given as a string."""
    if use.framework != "keras" or use.loss.site is None or use.loss.name[:1].isupper() or use.loss.expects_site is not None:
        return None
    return Retext(use.loss.site, name)


def with_edits(message: str, *edits: Retext | None, kind: str = "unsafe") -> Fix:
    """A fix when every edit can be made, else advice."""
    made = [edit for edit in edits if edit is not None]
    if len(made) < len(edits) or not made:
        return hint(message)
    return safe(message, *made) if kind == "safe" else unsafe(message, *made)


def old_accuracy(program: Program) -> bool:
    """Whether ``"accuracy"`` goes by the loss (Keras before 2.4, TensorFlow before 2.2) and not by the shapes."""
    return program.versions.keras < (2, 4)


# -- Keras heads ------------------------------------------------------------------------------------------------------
@rule("ML101", ERROR)
def ambiguous_accuracy_multilabel(program: Program) -> Iterator[Finding]:
    """``accuracy`` over several sigmoid units."""
    for use, prediction in uses(program, "keras"):
        metric = accuracy(use)
        if use.loss.family != "binary_crossentropy" or metric is None or not many(prediction):
            continue
        if not prediction.scale.must_be("sigmoid") or (prediction.shape is not None and len(prediction.shape) > 2):
            continue
        kind = target_kind(use)
        old = old_accuracy(program)
        if kind == "one-hot" and not old:
            continue
        units = prediction.units.value or "several"
        says = (
            "is per-label accuracy in this version: every label that is rightly absent counts, so the number is high from the start"
            if old
            else "is argmax accuracy since TensorFlow 2.2: it compares the largest output with the first set label and looks at no other"
        )
        better = "CategoricalAccuracy()" if kind == "one-hot" else "BinaryAccuracy(), AUC(multi_label=True) or F1Score()"
        yield Finding(
            metric.site or use.site,
            f"`{metric.name}` over {units} sigmoid units with `{use.loss.name}` {says}",
            because=evidence(use, metric.site or use.site, f"the output has {units} sigmoid units"),
            fix=hint(f"say which accuracy is meant: {better}"),
        )


@rule("ML102", ERROR)
def softmax_with_binary_crossentropy(program: Program) -> Iterator[Finding]:
    """Binary cross-entropy on a softmax over several classes."""
    for use, prediction in uses(program, "keras"):
        if use.loss.family != "binary_crossentropy" or not many(prediction) or not prediction.scale.must_be("softmax"):
            continue
        if not use.loss.expects.must_be("probabilities"):
            continue
        kind = target_kind(use)
        metric = accuracy(use)
        wrong_number = metric is not None and old_accuracy(program)
        right_metric = use.metrics_known and bool(use.metrics) and metric is None
        mild = (kind == "one-hot" and not wrong_number) or (right_metric and kind != "multi-hot")
        units = prediction.units.value or "several"
        if kind == "multi-hot":
            fix = with_edits("several labels can be true at once: use sigmoid", activation_text(use, "sigmoid"))
        else:
            wanted = "sparse_categorical_crossentropy" if kind == "integer" else "categorical_crossentropy"
            fix = with_edits(f"use `{wanted}`", loss_text(use, wanted))
        says = "treats every class as a yes-or-no question of its own, but the softmax makes them one question"
        if wrong_number:
            says += "; `accuracy` is then per-class accuracy, high from the start"
        yield Finding(
            use.site,
            f"`{use.loss.name}` on a softmax over {units} units {says}",
            because=evidence(use, use.site, f"the output is a softmax over {units} units"),
            fix=fix,
            severity=WARNING if mild else ERROR,
        )


@rule("ML103", ERROR)
def softmax_over_one_unit(program: Program) -> Iterator[Finding]:
    """A softmax over a single unit is always 1."""
    for use, prediction in uses(program, "keras", "torch", "gluon", "tensorflow"):
        if not prediction.scale.must_be("softmax", "log_softmax") or not one(prediction) or "axis=0" in prediction.tags:
            continue
        site = head_site(prediction) or use.site
        if use.loss.family in REGRESSION and target_kind(use) not in ("integer", "one-hot"):
            fix = with_edits("a regression output has no activation", activation_text(use, "linear"))
        else:
            fix = with_edits("one unit for two classes takes a sigmoid", activation_text(use, "sigmoid"))
        yield Finding(
            site,
            "a softmax over one unit is always 1: every prediction is the same, whatever the loss does",
            because=notes(
                (prediction.units.site or (prediction.layer.site if prediction.layer else None), site, "the layer has one unit"),
                (use.loss.site or use.site, site, f"it is trained with `{use.loss.name}`"),
            ),
            fix=fix,
        )


@rule("ML104", ERROR)
def sigmoid_with_categorical_crossentropy(program: Program) -> Iterator[Finding]:
    """Categorical cross-entropy on independent sigmoids."""
    for use, prediction in uses(program, "keras"):
        if use.loss.family not in CATEGORICAL or not many(prediction) or not prediction.scale.must_be("sigmoid"):
            continue
        if not use.loss.expects.must_be("probabilities"):
            continue
        kind = target_kind(use)
        units = prediction.units.value or "several"
        if kind == "multi-hot":
            fix = with_edits("several labels can be true at once: use `binary_crossentropy`", loss_text(use, "binary_crossentropy"))
        else:
            fix = with_edits("use softmax", activation_text(use, "softmax"))
        yield Finding(
            use.site,
            f"`{use.loss.name}` wants one distribution over the classes, but the output is {units} separate sigmoids: "
            + ("with several labels a row it learns the wrong thing" if kind == "multi-hot" else "the predictions do not sum to 1"),
            because=evidence(use, use.site, f"the output has {units} sigmoid units"),
            fix=fix,
            severity=ERROR if kind == "multi-hot" else WARNING,
        )


@rule("ML106", ERROR)
def logits_without_from_logits(program: Program) -> Iterator[Finding]:
    """A probability loss gets raw scores."""
    for use, prediction in uses(program, "keras"):
        if use.loss.family not in KERAS_CROSS_ENTROPY or not use.loss.expects.must_be("probabilities"):
            continue
        if not prediction.scale.must_be("linear") or (use.loss.family in CATEGORICAL and one(prediction)):
            continue
        if use.model is not None and "input" in prediction.tags:
            continue
        site = use.loss.site or use.site
        if use.loss.name[:1].isupper() and use.loss.expects_site is None:
            fix = unsafe("say that the outputs are raw scores", AddArgument(site, "from_logits=True"))
        elif use.loss.expects_site is not None:
            fix = unsafe("say that the outputs are raw scores", Replace(use.loss.expects_site, "True"))
        else:
            fix = hint(f"use `{_CLASS[use.loss.family]}(from_logits=True)`, or give the last layer its activation")
        yield Finding(
            use.site,
            f"`{use.loss.name}` takes probabilities, but the output is raw scores: the last layer has no activation and `from_logits` is not set",
            because=evidence(use, use.site, "the output layer has no activation"),
            fix=fix,
        )


_CLASS = {
    "binary_crossentropy": "BinaryCrossentropy",
    "categorical_crossentropy": "CategoricalCrossentropy",
    "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
}


@rule("ML107", ERROR)
def from_logits_on_probabilities(program: Program) -> Iterator[Finding]:
    """A loss told to expect raw scores gets probabilities."""
    for use, prediction in uses(program, "keras", "tensorflow"):
        if use.loss.family not in KERAS_CROSS_ENTROPY or not use.loss.expects.must_be("logits"):
            continue
        if not prediction.scale.must_be(*PROBABILITIES):
            continue
        name = prediction.scale.value or "softmax"
        repaired = use.framework == "keras" and use.fit_site is not None or use.framework == "keras"
        repaired = repaired and program.versions.keras >= (2, 10)
        flag = use.loss.expects_site
        fix = (
            safe("drop the flag: the outputs are probabilities already", Remove(flag))
            if flag is not None and use.framework == "keras"
            else hint(f"take the {name} out of the model, or use the loss for probabilities")
        )
        yield Finding(
            flag or use.site,
            f"`{use.loss.name}` applies {name if name != 'hard_sigmoid' else 'sigmoid'} itself (`from_logits`), but its input is already through {name}"
            + (": TensorFlow repairs that with a warning, the other backends apply it twice" if repaired else ""),
            because=evidence(use, flag or use.site, f"{name} is applied here"),
            fix=fix,
            severity=WARNING if repaired else ERROR,
        )
    for use, prediction in uses(program, "gluon"):
        if use.loss.family != "cross_entropy" or not use.loss.expects.must_be("log_probabilities"):
            continue
        if prediction.scale.must_be("linear", "relu", "softmax", "sigmoid"):
            flag = use.loss.expects_site
            what = "raw scores" if prediction.scale.must_be("linear", "relu") else "probabilities"
            yield Finding(
                flag or use.site,
                f"in gluon `from_logits=True` means log-probabilities, but `{use.loss.name}` gets {what}: the loss has no lower bound",
                because=evidence(use, flag or use.site, "the output comes from here"),
                fix=safe("drop the flag: the loss applies log-softmax itself", Remove(flag)) if flag is not None and what == "raw scores" else hint("drop the flag and the activation"),
            )


# -- torch and gluon heads --------------------------------------------------------------------------------------------
def remove_activation(prediction: Data) -> Fix:
    """Take the activation out of the training path."""
    layer = prediction.layer
    message = "take the activation out: the loss applies it"
    if layer is None or layer.site is None or head_site(prediction) is not layer.site and layer.activation_site is not layer.site:
        return hint(message)
    if layer.arg("inner") is not None and layer.args and any(key == "inner" for key, _ in layer.args):
        return unsafe(message, Undo(layer.site))
    return unsafe(message, Remove(layer.site)) if layer.framework == "torch" else hint(message)


@rule("ML108", ERROR)
def softmax_before_cross_entropy(program: Program) -> Iterator[Finding]:
    """Softmax twice: in the model and in the loss."""
    for use, prediction in uses(program, "torch", "gluon"):
        if use.loss.family != "cross_entropy" or not use.loss.expects.must_be("logits") or not use.training:
            continue
        if one(prediction) and prediction.scale.must_be("softmax"):
            continue
        scale = prediction.scale
        if scale.must_be("softmax"):
            message = f"`{use.loss.name}` applies log-softmax itself, but its input is already a softmax: the loss cannot get near 0 and gradients shrink"
            yield Finding(use.site, message, because=evidence(use, use.site, "softmax is applied here"), fix=remove_activation(prediction))
        elif scale.must_be("log_softmax"):
            message = f"`{use.loss.name}` applies log-softmax itself; the one before it changes nothing"
            yield Finding(use.site, message, because=evidence(use, use.site, "log-softmax is applied here"), fix=remove_activation(prediction), severity=INFO)


@rule("ML109", ERROR)
def sigmoid_before_bce_with_logits(program: Program) -> Iterator[Finding]:
    """Sigmoid twice: in the model and in the loss."""
    for use, prediction in uses(program, "torch", "gluon"):
        if use.loss.family != "bce_with_logits" or not use.loss.expects.must_be("logits") or not prediction.scale.must_be("sigmoid"):
            continue
        if use.training:
            yield Finding(
                use.site,
                f"`{use.loss.name}` applies the sigmoid itself, but its input is already a sigmoid: scores are squeezed into 0.5 to 0.73",
                because=evidence(use, use.site, "the sigmoid is applied here"),
                fix=remove_activation(prediction),
            )


@rule("ML110", ERROR)
def bce_on_logits(program: Program) -> Iterator[Finding]:
    """``BCELoss`` on raw scores."""
    for use, prediction in uses(program, "torch"):
        if use.loss.family != "bce" or not prediction.scale.must_be("linear", "relu", "tanh"):
            continue
        what = "raw scores" if prediction.scale.must_be("linear") else f"a {prediction.scale.value} output"
        name = "binary_cross_entropy_with_logits" if use.loss.name[:1].islower() else "nn.BCEWithLogitsLoss"
        yield Finding(
            use.site,
            f"`{use.loss.name}` takes probabilities, but gets {what}: it raises at the first value outside 0 to 1",
            because=evidence(use, use.site, "the prediction is made here"),
            fix=hint(f"use `{name}`, which applies the sigmoid itself"),
        )


@rule("ML111", ERROR)
def nll_on_wrong_scale(program: Program) -> Iterator[Finding]:
    """``NLLLoss`` on anything but log-probabilities."""
    for use, prediction in uses(program, "torch"):
        if use.loss.family != "nll" or not prediction.scale.must_be("linear", "relu", "softmax", "sigmoid"):
            continue
        softmax = prediction.scale.must_be("softmax")
        what = "softmax probabilities" if softmax else "raw scores" if prediction.scale.must_be("linear") else f"a {prediction.scale.value} output"
        effect = "the loss is negative and no likelihood" if softmax else "the loss runs to minus infinity"
        yield Finding(
            use.site,
            f"`{use.loss.name}` takes log-probabilities, but gets {what}: {effect}",
            because=evidence(use, use.site, "the prediction is made here"),
            fix=hint("apply `log_softmax` instead" if softmax else "use `CrossEntropyLoss`, or apply `log_softmax` first"),
        )


@rule("ML112", ERROR)
def one_class_cross_entropy(program: Program) -> Iterator[Finding]:
    """Cross-entropy over one class."""
    for use, prediction in uses(program, "keras", "torch", "gluon", "tensorflow"):
        family = use.loss.family
        categorical = family in CATEGORICAL if use.framework in ("keras", "tensorflow") else family == "cross_entropy"
        if not categorical or not one(prediction) or prediction.scale.must_be("softmax", "log_softmax"):
            continue
        if prediction.shape is not None and len(prediction.shape) > 2:
            continue
        sparse = family == "sparse_categorical_crossentropy"
        effect = {
            "keras": "it raises at the first label 1" if sparse else "it is always 0",
            "torch": "it is 0, or raises at the first label 1",
            "gluon": "it is always 0",
        }.get(use.framework, "it is always 0")
        yield Finding(
            use.site,
            f"`{use.loss.name}` over one unit has nothing to choose between: {effect}",
            because=notes(
                (prediction.units.site or (prediction.layer.site if prediction.layer else None), use.site, "the output has one unit"),
                (use.loss.site, use.site, f"the loss is `{use.loss.name}`"),
            ),
            fix=_binary(use),
        )


def _binary(use: LossUse) -> Fix:
    if use.framework == "keras":
        return with_edits("one unit takes `binary_crossentropy`", loss_text(use, "binary_crossentropy"))
    name = "BCEWithLogitsLoss" if use.framework == "torch" else "SigmoidBinaryCrossEntropyLoss"
    return hint(f"use `{name}` for one unit, or give the head one unit a class")


@rule("ML113", ERROR)
def label_encoding_vs_loss(program: Program) -> Iterator[Finding]:
    """The loss takes one label encoding, the targets are in another."""
    for use in program.losses:
        kind = target_kind(use)
        family = use.loss.family
        if use.prediction is not None and one(use.prediction):
            continue  # the head decides (ML112, ML212)
        if use.framework in ("keras", "tensorflow"):
            wrong = {("categorical_crossentropy", "integer"): "one-hot", ("sparse_categorical_crossentropy", "one-hot"): "integer"}
            wants = wrong.get((family, kind or ""))
            if wants is None:
                continue
            other = "sparse_categorical_crossentropy" if wants == "one-hot" else "categorical_crossentropy"
            fix = with_edits(f"use `{other}`", loss_text(use, other), kind="safe")
        elif use.framework == "gluon":
            if family != "cross_entropy" or kind not in ("one-hot", "integer") or not use.loss.targets.must_be("integer", "one-hot"):
                continue
            wants = use.loss.targets.value or ""
            if wants == kind:
                continue
            fix = hint(f"set `sparse_label={wants == 'one-hot'}`")
        elif use.framework == "torch" and family in ("cross_entropy", "nll") and kind == "one-hot":
            dtype = "" if use.target is None else use.target.dtype or ""
            if family == "cross_entropy" and not dtype.startswith("int"):
                continue  # float one-hot targets are legal
            wants, fix = "integer", hint("give class numbers: `.argmax(dim=1)`")
        else:
            continue
        says = {"integer": "class numbers", "one-hot": "one-hot rows"}
        yield Finding(
            use.fit_site or use.site,
            f"`{use.loss.name}` takes {says[wants]}, but the targets are {says[kind or 'integer']}: it raises",
            because=evidence(use, use.fit_site or use.site, "the prediction is made here"),
            fix=fix,
        )


# -- regression -------------------------------------------------------------------------------------------------------
@rule("ML115", WARNING)
def regression_loss_on_classifier(program: Program) -> Iterator[Finding]:
    """A regression loss trains a classifier."""
    for use, prediction in uses(program, "keras", "torch", "gluon"):
        if use.loss.family not in ("mse", "mae", "huber", "smooth_l1"):
            continue
        kind = target_kind(use)
        softmax = prediction.scale.must_be("softmax") and many(prediction)
        classes = kind in ("integer", "one-hot") and not (use.target is not None and use.target.last("predicted"))
        sigmoid = prediction.scale.must_be("sigmoid", "linear") and classes
        if not softmax and not sigmoid:
            continue
        if kind in ("continuous", "scaled") or (softmax and use.framework != "keras" and kind is None):
            continue
        if sigmoid and not softmax and kind == "integer" and not _proven_classes(use):
            continue
        wanted = "sparse_categorical_crossentropy" if kind == "integer" else "categorical_crossentropy"
        if not many(prediction):
            wanted = "binary_crossentropy"
        if use.framework == "keras":
            fix = with_edits(f"use `{wanted}`", loss_text(use, wanted)) if prediction.scale.must_be(*PROBABILITIES) else hint(f"use softmax and `{wanted}`")
        else:
            fix = hint("use the cross-entropy that fits the head, on its raw scores")
        mismatch = softmax and kind == "integer"
        yield Finding(
            use.site,
            f"`{use.loss.name}` is a regression loss, but the model is a classifier"
            + (": class numbers are compared with probabilities" if mismatch else ": it learns slower and its minimum is not the best classifier"),
            because=evidence(use, use.site, f"the output is {prediction.scale.value}" if prediction.scale.value else "the output"),
            fix=fix,
            severity=ERROR if mismatch else None,
        )


def _proven_classes(use: LossUse) -> bool:
    """Whether integer targets are proven to be class numbers and not just whole numbers to regress on."""
    target = use.target
    encoding = target_encoding(use)
    return target is not None and encoding is not None and (target.last("encoded") is not None or "class-labels" in target.tags)


@rule("ML116", WARNING)
def accuracy_on_regression(program: Program) -> Iterator[Finding]:
    """``accuracy`` counts exact equality of real numbers."""
    for use, prediction in uses(program, "keras"):
        metric = accuracy(use)
        if metric is None or use.loss.family not in REGRESSION or not prediction.scale.must_be("linear"):
            continue
        if target_kind(use) in ("integer", "one-hot", "multi-hot", "scaled"):
            continue
        site = metric.site or use.site
        yield Finding(
            site,
            f"`{metric.name}` counts exact equality, but the model is a regression (`{use.loss.name}` on a linear output): it stays near 0 however good the model is",
            because=evidence(use, site, "the output is linear"),
            fix=hint("measure the error: `metrics=['mae']`"),
        )


@rule("ML118", ERROR)
def output_activation_cannot_reach_targets(program: Program) -> Iterator[Finding]:
    """The head's activation cannot give what the loss or the targets need."""
    for use, prediction in uses(program, "keras", "torch"):
        scale = prediction.scale.value
        if scale is None:
            continue
        problem = _unreachable(use, prediction, scale)
        if problem is None:
            continue
        message, severity, fix = problem
        yield Finding(use.site, message, because=evidence(use, use.site, f"{scale} is applied here"), fix=fix, severity=severity)


def _unreachable(use: LossUse, prediction: Data, scale: str) -> tuple[str, Severity, Fix] | None:
    name = use.loss.name
    family = use.loss.family
    if use.framework == "keras" and family in KERAS_CROSS_ENTROPY and scale in ("relu", "tanh") and use.loss.expects.must_be("probabilities"):
        wanted = "sigmoid" if family == "binary_crossentropy" else "softmax"
        if one(prediction) and family != "binary_crossentropy":
            return None
        return (
            f"`{name}` takes probabilities, but the output is {scale}, which gives "
            + ("anything from 0 up" if scale == "relu" else "-1 to 1"),
            "error",
            with_edits(f"use {wanted}", activation_text(use, wanted)),
        )
    if use.framework == "torch" and use.training and family == "cross_entropy" and scale in ("relu", "tanh", "sigmoid") and not one(prediction):
        return (
            f"`{name}` takes raw scores, but a {scale} before it cuts off "
            + ("all negative ones" if scale == "relu" else "their size: the loss cannot get near 0"),
            "error" if scale == "sigmoid" else "warning",
            remove_activation(prediction),
        )
    if use.framework == "torch" and use.training and family == "bce_with_logits" and scale == "relu":
        return (f"`{name}` takes raw scores, but a relu before it keeps them from being negative: no probability below 0.5", "error", remove_activation(prediction))
    if family in REGRESSION and scale in ("sigmoid", "softmax", "tanh", "relu", "hard_sigmoid") and use.target is not None:
        bounds, wanted_bounds = prediction.bounds, use.target.bounds
        if bounds is None or wanted_bounds is None or target_kind(use) in ("integer", "one-hot", "multi-hot"):
            return None
        if wanted_bounds[0] < bounds[0] - 1e-9 or wanted_bounds[1] > bounds[1] + 1e-9:
            return (
                f"the targets reach from {wanted_bounds[0]:g} to {wanted_bounds[1]:g}, but a {scale} output stays within {bounds[0]:g} to {bounds[1]:g}",
                "error",
                with_edits("a regression output has no activation", activation_text(use, "linear")),
            )
    return None
