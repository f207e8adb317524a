"""Rules about the head, the loss and the metric: do they agree?"""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import encoded_from_one, integer_range, notes, standardises
from mllint.diagnostic import Severity
from mllint.facts import Site
from mllint.program import LossUse, Program
from mllint.rule import (
    ERROR,
    INFO,
    WARNING,
    AddArgument,
    Edit,
    Finding,
    Fix,
    InsertAfter,
    Note,
    Omit,
    Remove,
    Rename,
    Replace,
    Unwrap,
    hint,
    rule,
    safe,
    unsafe,
)
from mllint.values import BY_CLASS, Const, Data, Encoding, Loss, Metric, Obj, Value

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
}
"""Losses as functions or strings, and their classes."""
WRITTEN = {"integer": "class numbers", "one-hot": "one-hot rows", "multi-hot": "rows with several ones"}


# -- what a use is made of --------------------------------------------------------------------------------------------
def uses(program: Program, *frameworks: str) -> Iterator[tuple[LossUse, Data]]:
    """The losses of these frameworks that train on a known prediction."""
    trained = _trained(program)
    for use in program.losses:
        measured = use.fit_site is None and trained is not None and use.loss not in trained
        if use.framework in frameworks and use.prediction is not None and use.training and not measured:
            yield use, use.prediction


def _trained(program: Program) -> set[Value] | None:
    """The losses that gradients are computed from; None when that is not known of all."""
    targets = {event.target for body in program.bodies for event in body.walk() if event.kind == "backward"}
    return targets if targets and all(isinstance(target, Loss) for target in targets) else None


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
    return unsafe(message, Omit(layer.site, "Identity" if layer.framework == "torch" else ""))


# -- Keras: binary or categorical -------------------------------------------------------------------------------------
@rule("ML101", ERROR)
def ambiguous_accuracy_multilabel(program: Program) -> Iterator[Finding]:
    """``accuracy`` over several sigmoid units."""
    for use, prediction in uses(program, "keras"):
        metric = accuracy(use)
        if use.loss.family != BINARY or metric is None or not several(prediction) or reconstructs(use):
            continue
        if not prediction.scale.must_be("sigmoid") or (prediction.shape is not None and len(prediction.shape) > 2):
            continue
        one_hot, old = encoding(use) == "one-hot", accuracy_goes_by_loss(program)
        if one_hot and not old:
            continue
        says = (
            "is per-label accuracy in this version: the labels that are rightly absent make it high from the start"
            if old
            else "is argmax accuracy since TensorFlow 2.2: it looks at one label of each row and at no other"
        )
        better = "`categorical_accuracy`" if one_hot else "`BinaryAccuracy()`, `AUC(multi_label=True)` or `F1Score()`"
        site = metric.site or use.site
        yield Finding(
            site,
            f"`{metric.name}` over {units_of(prediction)} sigmoid units with `{use.loss.name}` {says}",
            because=evidence(use, site),
            fix=hint(f"say what is to be measured: {better}"),
        )


def reconstructs(use: LossUse) -> bool:
    """Whether the targets are no labels: an autoencoder's are its inputs."""
    target = use.target
    return target is not None and (target.columns.must_be("features") or encoding(use) == "continuous")


@rule("ML102", ERROR)
def softmax_with_binary_crossentropy(program: Program) -> Iterator[Finding]:
    """Binary cross-entropy on a softmax over several classes."""
    for use, prediction in uses(program, "keras"):
        if use.loss.family != BINARY or not prediction.scale.must_be("softmax") or one(prediction):
            continue
        metric, kind = accuracy(use), encoding(use)
        wrong_number = metric is not None and accuracy_goes_by_loss(program)
        explicit = use.metrics_known and bool(use.metrics) and metric is None
        mild = (kind == "one-hot" and not wrong_number) or (explicit and kind != "multi-hot")
        says = "takes each class for a question of its own, but the softmax lets one class win at the others' cost"
        if wrong_number:
            says += "; `accuracy` is per-class accuracy then, high from the start"
        yield Finding(
            use.site,
            f"`{use.loss.name}` on a softmax over {units_of(prediction)} units {says}",
            because=evidence(use, use.site),
            fix=_one_question(use, prediction, kind),
            severity=WARNING if mild else ERROR,
        )


def _one_question(use: LossUse, prediction: Data, kind: str | None) -> Fix:
    if kind == "multi-hot":
        return offered("several labels can be true at once: use sigmoid", other_activation(prediction, "sigmoid"))
    if kind in ("one-hot", "integer"):
        wanted = ONE_HOT if kind == "one-hot" else SPARSE
        return offered(f"one class is true at a time: use `{wanted}`", other_loss(use, wanted))
    return hint(f"use `{ONE_HOT}` if one class is true at a time, sigmoid if several can be")


@rule("ML104", ERROR)
def sigmoid_with_categorical_crossentropy(program: Program) -> Iterator[Finding]:
    """Categorical cross-entropy on independent sigmoids."""
    for use, prediction in uses(program, "keras"):
        if use.loss.family not in CATEGORICAL or not prediction.scale.must_be("sigmoid") or one(prediction):
            continue
        kind = encoding(use)
        several_true = kind == "multi-hot"
        effect = "with several labels in a row it learns the wrong thing" if several_true else "they do not sum to 1"
        if several_true:
            fix = offered(f"several labels can be true at once: use `{BINARY}`", other_loss(use, BINARY))
        elif use.loss.expects.must_be("logits"):
            fix = offered("this loss takes raw scores: use no activation", other_activation(prediction, "linear"))
        elif kind is None and use.loss.family == ONE_HOT:
            fix = hint(f"use softmax if one class is true at a time, `{BINARY}` if several can be")
        else:
            fix = offered("one class is true at a time: use softmax", other_activation(prediction, "softmax"))
        yield Finding(
            use.site,
            f"`{use.loss.name}` takes one distribution over the classes, but the output is {units_of(prediction)} "
            f"separate sigmoids: {effect}",
            because=evidence(use, use.site),
            fix=fix,
            severity=ERROR if several_true else WARNING,
        )


# -- one unit ---------------------------------------------------------------------------------------------------------
@rule("ML103", ERROR)
def softmax_over_one_unit(program: Program) -> Iterator[Finding]:
    """A softmax over a single unit is always 1."""
    seen: set[Site] = set()
    for use, prediction in uses(program, "keras", "torch", "gluon"):
        if not constant_softmax(prediction) or not _over_units(prediction) or not fresh(seen, prediction):
            continue
        site = head_site(prediction) or use.site
        name, value = ("softmax", 1) if prediction.scale.must_be("softmax") else ("log-softmax", 0)
        yield Finding(
            site,
            f"the {name} over one unit is always {value}: the model predicts the same for every row",
            because=notes(
                (units_site(prediction), site, "the layer has one unit"),
                (use.site, site, f"it is trained with `{use.loss.name}`"),
            ),
            fix=_one_unit_head(use, prediction),
        )


def _over_units(prediction: Data) -> bool:
    """Whether the softmax runs along the axis that has one unit."""
    axis = Const(1) if prediction.layer is None else prediction.layer.arg("dim")
    elsewhere = isinstance(axis, Const) and axis.value not in (None, 1, -1)
    return not elsewhere and "axis=0" not in prediction.tags


def _one_unit_head(use: LossUse, prediction: Data) -> Fix:
    regression = use.loss.family in REGRESSION and encoding(use) not in ("integer", "one-hot")
    if regression:
        advice = "a regression output has no activation"
        return offered(advice, other_activation(prediction, "linear")) if use.framework == "keras" else hint(advice)
    advice = "one unit for two classes takes a sigmoid"
    if use.framework == "keras":
        loss = [other_loss(use, BINARY)] if use.loss.family in CATEGORICAL else []
        return offered(f"{advice} and `{BINARY}`", other_activation(prediction, "sigmoid"), *loss)
    if use.framework == "torch" and use.loss.family == "bce" and prediction.scale.site is not None:
        inner = prediction.layer is not None and isinstance(prediction.layer.arg("inner"), Const)
        return unsafe(advice, Rename(prediction.scale.site, "sigmoid", "Sigmoid", keep=1 if inner else 0))
    return hint(f"{advice} and binary cross-entropy, or give the head one unit for each class")


@rule("ML112", ERROR)
def one_class_cross_entropy(program: Program) -> Iterator[Finding]:
    """Cross-entropy over one class."""
    for use, prediction in uses(program, "keras", "torch", "gluon"):
        families = CATEGORICAL if use.framework == "keras" else ("cross_entropy",)
        if use.loss.family not in families or not one(prediction) or prediction.scale.must_be("softmax", "log_softmax"):
            continue
        squeezed = "squeezed" in prediction.tags
        if squeezed and not _one_number_a_row(use):
            continue
        over = "a whole batch of single scores" if squeezed else "one unit"
        yield Finding(
            use.site,
            f"`{use.loss.name}` over {over} has no classes to choose between: {_nothing_to_learn(use, squeezed)}",
            because=[
                *notes((units_site(prediction), use.site, "the head has one unit")),
                *evidence(use, use.site)[-1:],
            ],
            fix=_binary_loss(use, prediction),
        )


def _one_number_a_row(use: LossUse) -> bool:
    """Whether the targets of squeezed scores are proven to be one number a row, so that no axis of classes is left."""
    target = use.target
    if target is None or target.dtype is None or not target.dtype.startswith("float"):
        return False
    return encoding(use) == "integer" or (target.shape is not None and len(target.shape) == 1)


def _nothing_to_learn(use: LossUse, squeezed: bool) -> str:
    if squeezed:
        return "it compares the rows of the batch with each other, and says nothing"
    if use.framework == "keras":
        return (
            "it raises at the first label 1 (on the JAX backend it is always 0)"
            if use.loss.family == SPARSE
            else "it is always 0"
        )
    return "it is always 0" if use.framework == "gluon" else "it is always 0, or raises at the first label 1"


def _binary_loss(use: LossUse, prediction: Data) -> Fix:
    if use.framework == "keras":
        edits = [other_loss(use, BINARY)]
        if prediction.scale.must_be("linear") and use.loss.expects.must_be("probabilities"):
            edits.append(other_activation(prediction, "sigmoid"))
        return offered(f"one unit for two classes takes a sigmoid and `{BINARY}`", *edits)
    name = "BCEWithLogitsLoss" if use.framework == "torch" else "SigmoidBinaryCrossEntropyLoss"
    return hint(f"use `{name}` for one unit, or give the head one unit for each class")


# -- scores, probabilities, log-probabilities -------------------------------------------------------------------------
@rule("ML106", ERROR)
def logits_without_from_logits(program: Program) -> Iterator[Finding]:
    """A loss for probabilities gets raw scores."""
    for use, prediction in uses(program, "keras", "tensorflow"):
        if use.loss.family not in (BINARY, *CATEGORICAL) or not use.loss.expects.must_be("probabilities"):
            continue
        if not prediction.scale.must_be("linear") or (use.loss.family in CATEGORICAL and one(prediction)):
            continue
        yield Finding(
            use.site,
            f"`{use.loss.name}` takes probabilities, but the output is raw scores: the last layer has no activation "
            "and `from_logits` is not set",
            because=evidence(use, use.site),
            fix=_from_logits(use, prediction),
        )


def _from_logits(use: LossUse, prediction: Data) -> Fix:
    advice = "say that the outputs are raw scores"
    if use.loss.expects_site is not None:
        return unsafe(advice, Replace(use.loss.expects_site, "True"))
    if use.loss.name[:1].isupper() and use.loss.site is not None:
        return unsafe(advice, AddArgument(use.loss.site, "from_logits=True"))
    wanted = "sigmoid" if use.loss.family == BINARY else "softmax"
    message = f"give the last layer {wanted}, or use `{CLASSES[use.loss.family]}(from_logits=True)`"
    return offered(message, other_activation(prediction, wanted))


@rule("ML107", ERROR)
def from_logits_on_probabilities(program: Program) -> Iterator[Finding]:
    """A loss told to expect raw scores gets probabilities; in gluon, one told to expect log-probabilities does not."""
    for use, prediction in uses(program, "keras", "tensorflow"):
        fitting = ("softmax",) if use.loss.family in CATEGORICAL else ("sigmoid", "hard_sigmoid")
        if use.loss.family not in (BINARY, *CATEGORICAL) or not use.loss.expects.must_be("logits"):
            continue
        if prediction.scale.must_be(*fitting) and not constant_softmax(prediction):
            repaired = use.framework == "keras" and program.versions.keras >= (2, 10)
            by = "TensorFlow undoes that with a warning, the other backends apply it twice"
            yield _flagged(
                use,
                f"`{use.loss.name}` applies {fitting[0]} itself, but its input is already through "
                f"{activation(prediction)}: {by if repaired else 'it is applied twice'}",
                WARNING if repaired else ERROR,
            )
    for use, prediction in uses(program, "gluon"):
        if use.loss.family != "cross_entropy" or not use.loss.expects.must_be("log_probabilities"):
            continue
        if prediction.scale.must_be("linear", *PROBABILITIES, *NO_PROBABILITIES) and not constant_softmax(prediction):
            raw = prediction.scale.must_be("linear")
            what = "raw scores" if raw else f"{activation(prediction)} output"
            effect = "minus the score and has no lower bound" if raw else "minus the output, which is no cross-entropy"
            yield _flagged(
                use,
                f"in gluon `from_logits=True` promises log-probabilities, but `{use.loss.name}` gets {what}: "
                f"the loss is {effect}",
                ERROR,
            )


def _flagged(use: LossUse, message: str, severity: Severity) -> Finding:
    flag = use.loss.expects_site
    keeps = use.framework == "keras" or (use.prediction is not None and use.prediction.scale.must_be("linear"))
    advice = "use the raw scores before the activation"
    return Finding(
        use.site,
        message,
        because=evidence(use, use.site),
        fix=safe("leave the flag out", Remove(flag)) if flag is not None and keeps else hint(advice),
        severity=severity,
    )


@rule("ML108", ERROR)
def softmax_before_cross_entropy(program: Program) -> Iterator[Finding]:
    """Softmax twice: in the model and in the loss."""
    seen: set[Site] = set()
    for use, prediction in uses(program, "torch", "gluon"):
        if use.loss.family != "cross_entropy" or not use.loss.expects.must_be("logits") or constant_softmax(prediction):
            continue
        if not prediction.scale.must_be("softmax", "log_softmax") or not fresh(seen, prediction):
            continue
        harmless = prediction.scale.must_be("log_softmax")
        effect = "the second changes nothing" if harmless else "the loss cannot come near 0 and gradients shrink"
        yield Finding(
            use.site,
            f"`{use.loss.name}` applies log-softmax itself, but its input is already {activation(prediction)}: {effect}",
            because=evidence(use, use.site),
            fix=without_activation(prediction, "give the loss raw scores: leave the activation out"),
            severity=INFO if harmless else ERROR,
        )


@rule("ML109", ERROR)
def sigmoid_before_bce_with_logits(program: Program) -> Iterator[Finding]:
    """Sigmoid twice: in the model and in the loss."""
    seen: set[Site] = set()
    for use, prediction in uses(program, "torch", "gluon"):
        if use.loss.family != "bce_with_logits" or not use.loss.expects.must_be("logits"):
            continue
        if prediction.scale.must_be("sigmoid") and fresh(seen, prediction):
            yield Finding(
                use.site,
                f"`{use.loss.name}` applies the sigmoid itself, but its input is already sigmoid: "
                "every probability is squeezed into 0.5 to 0.73",
                because=evidence(use, use.site),
                fix=without_activation(prediction, "give the loss raw scores: leave the sigmoid out"),
            )


@rule("ML110", ERROR)
def bce_on_logits(program: Program) -> Iterator[Finding]:
    """``BCELoss`` on anything but probabilities."""
    for use, prediction in uses(program, "torch"):
        if use.loss.family != "bce" or not prediction.scale.must_be("linear", "log_softmax", *NO_PROBABILITIES):
            continue
        raw = prediction.scale.must_be("linear")
        advice = "use the loss that applies the sigmoid itself"
        yield Finding(
            use.site,
            f"`{use.loss.name}` takes probabilities, but gets {'raw scores' if raw else f'{activation(prediction)} output'}: "
            "it raises at the first value outside 0 to 1",
            because=evidence(use, use.site),
            fix=offered(advice, other_loss(use, "binary_cross_entropy_with_logits"))
            if raw
            else hint(f"{advice}, on raw scores"),
        )


@rule("ML111", ERROR)
def nll_on_wrong_scale(program: Program) -> Iterator[Finding]:
    """``NLLLoss`` on anything but log-probabilities."""
    for use, prediction in uses(program, "torch"):
        if use.loss.family != "nll" or not prediction.scale.must_be("linear", *PROBABILITIES, *NO_PROBABILITIES):
            continue
        if constant_softmax(prediction):
            continue
        if prediction.scale.must_be("linear"):
            effect = "raw scores: the loss runs to minus infinity"
            fix = offered("use the loss that applies log-softmax itself", other_loss(use, "cross_entropy"))
        else:
            fades = " and its gradients are small" if prediction.scale.must_be(*PROBABILITIES) else ""
            effect = f"{activation(prediction)} output: the loss is no likelihood{fades}"
            site, softmax = prediction.scale.site, prediction.scale.must_be("softmax")
            edit = Rename(site, "log_softmax", "LogSoftmax") if softmax and site is not None else None
            fix = offered("use log-softmax", edit)
        yield Finding(
            use.site,
            f"`{use.loss.name}` takes log-probabilities, but gets {effect}",
            because=evidence(use, use.site),
            fix=fix,
        )


# -- the targets ------------------------------------------------------------------------------------------------------
@rule("ML113", ERROR)
def label_encoding_vs_loss(program: Program) -> Iterator[Finding]:
    """The loss takes one label encoding, the targets are in another."""
    for use in program.losses:
        kind, wants = encoding(use), _wanted_encoding(use)
        if wants is None or kind is None or kind == wants or kind not in ("integer", "one-hot"):
            continue
        if use.prediction is not None and one(use.prediction):
            continue  # the head decides: ML112
        if use.target is not None and "class-mode" in use.target.tags:
            continue  # the directory's class mode decides
        if _may_be_one_row(use):
            continue
        yield Finding(
            use.site,
            f"`{use.loss.name}` takes {WRITTEN[wants]}, but the targets are {WRITTEN[kind]}: it raises",
            because=[*notes((use.fit_site, use.site, "they meet here")), *evidence(use, use.site)[-1:]],
            fix=_matching(use, wants),
        )


def _may_be_one_row(use: LossUse) -> bool:
    """Whether zeros and ones written out for a loss that is called may be the one-hot row of a single example."""
    target = use.target
    if target is None or use.fit_site is not None or target.shape is None or len(target.shape) != 1:
        return False
    return target.labels.must(lambda label: label.kind == "integer" and label.low == 0 and label.high == 1)


def _wanted_encoding(use: LossUse) -> str | None:
    """The encoding that a loss takes, where it takes no other."""
    if use.framework in ("keras", "tensorflow"):
        return {ONE_HOT: "one-hot", SPARSE: "integer"}.get(use.loss.family)
    if use.framework == "gluon":
        return use.loss.targets.value if use.loss.family == "cross_entropy" else None
    if use.framework == "torch" and use.loss.family in ("cross_entropy", "nll"):
        whole = use.target is not None and (use.target.dtype or "").startswith(("int", "long"))
        return "integer" if whole or use.loss.family == "nll" else None  # one-hot rows of floats are distributions
    return None


def _matching(use: LossUse, wants: str) -> Fix:
    if use.framework == "keras":
        name = SPARSE if wants == "one-hot" else ONE_HOT
        edit = other_loss(use, name)
        return safe(f"use `{name}`", edit) if edit is not None else hint(f"use `{name}`")
    if use.framework == "gluon" and use.loss.site is not None:
        given = use.loss.targets.site
        if wants == "integer":
            return safe("say that the labels are one-hot", AddArgument(use.loss.site, "sparse_label=False"))
        return safe("leave `sparse_label=False` out", Remove(given)) if given else hint("use `sparse_label=True`")
    if use.framework == "torch" and use.target_site is not None:
        text = ".float()" if use.loss.family == "cross_entropy" else ".argmax(dim=1)"
        return safe("give the loss targets it takes", InsertAfter(use.target_site, text))
    return hint("use the loss that takes these targets")


@rule("ML114", ERROR)
def class_count_mismatch(program: Program) -> Iterator[Finding]:
    """The head has fewer units than there are classes."""
    for use, prediction in uses(program, "keras", "torch", "gluon"):
        count, units = _classes(use), prediction.units.value
        if count is None or units is None or units < 2 or units == count or constant_softmax(prediction):
            continue
        one_hot = encoding(use) == "one-hot"
        if (units > count and not one_hot) or (one_hot and encoded_from_one(program, use)):
            continue
        effect = {
            "gluon": "the classes beyond are silently counted as another",
            "torch": "it raises at the first label beyond",
        }.get(use.framework, "TensorFlow raises, or gives NaN under XLA; JAX silently never learns the classes beyond")
        yield Finding(
            use.site,
            f"the head has {units} units, but the labels have {count} classes: {'it raises' if one_hot else effect}",
            because=[
                *notes((units_site(prediction), use.site, f"the head has {units} units")),
                *evidence(use, use.site)[-1:],
            ],
            fix=hint(f"give the head {count} units"),
        )


def _classes(use: LossUse) -> int | None:
    """The proven number of classes, where the loss takes the encoding that the targets have."""
    label: Encoding | None = None if use.target is None else use.target.labels.value
    if label is None:
        return None
    takes_one_hot = use.loss.family == ONE_HOT or use.loss.family == "cross_entropy"
    if label.kind == "one-hot" and takes_one_hot and _wanted_encoding(use) != "integer":
        return label.count
    span = integer_range(use.target.labels) if use.target is not None else None
    if span is None or span[0] != 0 or span[1] is None or span[1] == 255:  # 255 marks pixels to be ignored
        return None
    return span[1] + 1 if use.loss.family in (SPARSE, "cross_entropy", "nll") and takes_integers(use) else None


def takes_integers(use: LossUse) -> bool:
    """Whether the loss takes class numbers."""
    return use.loss.targets.must_be("integer", "integer-or-distribution")


# -- regression -------------------------------------------------------------------------------------------------------
@rule("ML115", WARNING)
def regression_loss_on_classifier(program: Program) -> Iterator[Finding]:
    """A regression loss trains a classifier."""
    for use, prediction in uses(program, "keras", "torch", "gluon"):
        if use.loss.family not in REGRESSION or constant_softmax(prediction):
            continue
        classes = _are_classes(use)
        softmax = prediction.scale.must_be("softmax")
        head_alone = softmax and use.framework == "keras" and encoding(use) is None and not reconstructs(use)
        if not head_alone and not (classes and prediction.scale.must_be("softmax", "sigmoid", "linear")):
            continue
        numbers = softmax and encoding(use) == "integer"
        effect = (
            "class numbers are compared with probabilities"
            if numbers
            else "it measures a distance between classes"
            if prediction.scale.must_be("linear")
            else "it is flat where the model is most wrong, so it learns slower than cross-entropy"
        )
        what = f"the output is {activation(prediction)}" if softmax else "the targets are class labels"
        yield Finding(
            use.site,
            f"`{use.loss.name}` is a loss for regression, but {what}: {effect}",
            because=evidence(use, use.site),
            fix=_cross_entropy(use, prediction),
            severity=ERROR if numbers else WARNING,
        )


def _is_filled(use: LossUse) -> bool:
    """Whether the targets are constants, as those of a discriminator: ``np.ones((batch, 1))``."""
    target = use.target
    if target is None or target.bounds is None:
        return False
    return target.bounds[0] == target.bounds[1] or target.last(BY_CLASS) is not None


def _are_classes(use: LossUse) -> bool:
    """Whether the targets are proven to be classes: encoded, or a known data set's, not just whole numbers."""
    target, kind = use.target, encoding(use)
    if target is None or kind not in ("integer", "one-hot") or target.scale.known or target.last("predicted"):
        return False
    return kind == "one-hot" or isinstance(target.space, Obj) or target.last("encoded", "read") is not None


def _cross_entropy(use: LossUse, prediction: Data) -> Fix:
    if use.framework == "keras" and prediction.scale.must_be("softmax", "sigmoid"):
        kind = encoding(use)
        if prediction.scale.must_be("softmax") and kind is not None:
            wanted = SPARSE if kind == "integer" else ONE_HOT
            return offered(f"use `{wanted}`", other_loss(use, wanted))
        if prediction.scale.must_be("sigmoid") and one(prediction):
            return offered(f"use `{BINARY}`", other_loss(use, BINARY))
    if use.framework == "torch" and prediction.scale.must_be("sigmoid") and one(prediction):
        return offered("use binary cross-entropy", other_loss(use, "binary_cross_entropy"))
    return hint("use the cross-entropy that fits head and labels")


@rule("ML116", WARNING)
def accuracy_on_regression(program: Program) -> Iterator[Finding]:
    """``accuracy`` of real numbers counts how many are exactly equal."""
    for use, prediction in uses(program, "keras"):
        metric = accuracy(use)
        if metric is None or use.loss.family not in REGRESSION or not prediction.scale.must_be("linear"):
            continue
        if _are_classes(use) or encoding(use) == "scaled" or _is_filled(use):
            continue
        site = metric.site or use.site
        message = "measure the error: `mae`"
        yield Finding(
            site,
            f"`{metric.name}` counts exact equality, but `{use.loss.name}` on a linear output is a regression: "
            "it stays near 0 however good the model is",
            because=evidence(use, site),
            fix=safe(message, Replace(site, '["mae"]'))
            if use.metrics_known and len(use.metrics) == 1
            else hint(message),
        )


# -- what the head can reach ------------------------------------------------------------------------------------------
@rule("ML118", ERROR)
def output_activation_cannot_reach_targets(program: Program) -> Iterator[Finding]:
    """The head's activation cannot give what the loss or the targets need."""
    yield from _keras_cross_entropy(program)
    yield from _torch_scores(program)
    for use, prediction in uses(program, "keras", "torch"):
        if use.loss.family in REGRESSION and use.target is not None and not constant_softmax(prediction):
            targets = _out_of_reach(use.target, prediction)
            if targets is not None:
                edit = other_activation(prediction, "linear") if use.framework == "keras" else None
                yield Finding(
                    use.site,
                    f"the {activation(prediction)} output cannot reach the targets, which {targets}",
                    because=evidence(use, use.site),
                    fix=offered("a regression output has no activation", edit)
                    if use.framework == "keras"
                    else without_activation(prediction, "a regression output has no activation"),
                )


def _keras_cross_entropy(program: Program) -> Iterator[Finding]:
    """relu, tanh and the like where the loss wants probabilities."""
    for use, prediction in uses(program, "keras"):
        family = use.loss.family
        if family not in (BINARY, *CATEGORICAL) or not prediction.scale.must_be(*NO_PROBABILITIES):
            continue
        if not use.loss.expects.must_be("probabilities") or (family in CATEGORICAL and one(prediction)):
            continue
        wanted = "sigmoid" if family == BINARY else "softmax"
        yield Finding(
            use.site,
            f"`{use.loss.name}` takes probabilities, but {activation(prediction)} output is none: "
            "the loss is NaN or clipped, and the model learns badly",
            because=evidence(use, use.site),
            fix=offered(f"use {wanted}", other_activation(prediction, wanted)),
        )


def _torch_scores(program: Program) -> Iterator[Finding]:
    """An activation that keeps raw scores from being what the loss needs."""
    seen: set[Site] = set()
    for use, prediction in uses(program, "torch"):
        layer, family = prediction.layer, use.loss.family
        last = layer is not None and layer.activation.must_be(*prediction.scale.values)
        wrong = (*CUT_OFF, *SQUASHED, *(("sigmoid",) if family == "cross_entropy" else ()))
        if family not in ("cross_entropy", "bce_with_logits") or not last or not prediction.scale.must_be(*wrong):
            continue
        if (family == "cross_entropy" and one(prediction)) or not fresh(seen, prediction):
            continue
        cut = prediction.scale.must_be(*CUT_OFF)
        certain = prediction.scale.must_be("sigmoid") or (cut and family == "bce_with_logits")
        effect = "takes away all negative ones" if cut else "keeps them small, so that the loss cannot come near 0"
        yield Finding(
            use.site,
            f"`{use.loss.name}` takes raw scores, but the {activation(prediction)} before it {effect}",
            because=evidence(use, use.site),
            fix=without_activation(prediction, "give the loss raw scores: leave the activation out"),
            severity=ERROR if certain else WARNING,
        )


def _out_of_reach(target: Data, prediction: Data) -> str | None:
    """What the targets are, if that is outside of what the activation can give."""
    if not prediction.scale.must_be(*PROBABILITIES, *CUT_OFF, "tanh") or prediction.bounds is None:
        return None
    low, high = prediction.bounds
    if target.bounds is not None and (target.bounds[0] < low or target.bounds[1] > high):
        return f"reach from {target.bounds[0]:g} to {target.bounds[1]:g}"
    step = target.last("scaled", "shifted", "divided", "decoded")
    if step is not None and step.kind == "scaled" and standardises(step) and low >= 0:
        return "are standardised: half of them are negative"
    return None
