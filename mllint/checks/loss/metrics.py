"""Metrics that were named explicitly and do not fit what they measure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from mllint.checks.evidence import notes
from mllint.checks.loss.uses import (
    BINARY,
    CATEGORICAL,
    ONE_HOT,
    SPARSE,
    WRITTEN,
    activation,
    encoding,
    evidence,
    head_site,
    one,
    several,
    units_of,
    uses,
)
from mllint.program import LossUse, MetricUse, Program
from mllint.rule import ERROR, INFO, AddArgument, Edit, Finding, Fix, InsertAfter, Rename, Replace, hint, rule, safe
from mllint.values import Data, Metric, Obj

NAMES = {
    "binary_accuracy": "BinaryAccuracy",
    "categorical_accuracy": "CategoricalAccuracy",
    "sparse_categorical_accuracy": "SparseCategoricalAccuracy",
}
"""Keras' accuracies as functions or strings, and their classes."""
TAKES_ROWS = ("Precision", "Recall", "AUC", "F1Score", "FBetaScore", "PrecisionAtRecall", "RecallAtPrecision",
              "TruePositives", "FalsePositives", "TrueNegatives", "FalseNegatives")  # fmt: skip
"""Metrics that take one 0 or 1 for every score."""
SCORES = {
    "roc_auc_score": "it measures one point of the curve, not the ranking",
    "roc_curve": "the curve has one corner",
    "average_precision_score": "it measures one point of the curve, not the ranking",
    "precision_recall_curve": "the curve has one corner",
    "det_curve": "the curve has one corner",
    "log_loss": "every error costs the largest possible loss",
    "brier_score_loss": "it is the share of errors",
}
"""scikit-learn's metrics of scores, and what they say about hard labels."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a metric does not fit, and the one that does, by its name as a function."""

    reason: str
    better: str | None = None
    advice: str = ""
    """What to say where no other metric takes its place."""


@rule("ML117", ERROR)
def metric_vs_encoding(program: Program) -> Iterator[Finding]:
    """A metric that fits neither the head nor the labels."""
    for use, prediction in uses(program, "keras"):
        for metric in use.metrics:
            misfit = _misfit(metric, prediction, _written(use), use.loss.family)
            if misfit is not None and not _settled_elsewhere(use):
                site = metric.site or use.site
                yield Finding(
                    site, misfit.reason, because=evidence(use, site), fix=_other_metric(metric, misfit, _alone(use))
                )
    for measured in program.metrics:
        finding = _measured(measured) if measured.framework == "keras" else _scored(measured)
        if finding is not None:
            yield finding


def _plain(metric: Metric) -> str:
    return next((name for name, spelled in NAMES.items() if spelled == metric.name), metric.name)


def _wanted(use: LossUse) -> str | None:
    """How the labels are written, by the loss, which the program could not train with otherwise."""
    return {ONE_HOT: "one-hot", SPARSE: "integer"}.get(use.loss.family)


def _written(use: LossUse) -> str | None:
    """How the labels are written: as the loss takes them, or with several ones."""
    return _wanted(use) or ("multi-hot" if encoding(use) == "multi-hot" else None)


def _alone(use: LossUse) -> bool:
    """Whether it is the only metric, so that its list can be written anew."""
    return use.metrics_known and len(use.metrics) == 1


def _settled_elsewhere(use: LossUse) -> bool:
    """Whether loss and labels disagree: that is the mistake then."""
    kind, wanted = encoding(use), _wanted(use)
    if use.loss.family == BINARY and use.prediction is not None and one(use.prediction):
        return kind == "one-hot"
    return kind is not None and wanted is not None and kind != wanted


def _misfit(metric: Metric, prediction: Data, labels: str | None, family: str) -> Misfit | None:
    """What is wrong about a metric for a head and labels."""
    name, shown = _plain(metric), f"`{metric.name}`"
    fitting = {"one-hot": "categorical_accuracy", "integer": "sparse_categorical_accuracy"}.get(labels or "")
    single = one(prediction) and family == BINARY
    if name == "Accuracy" and metric.is_object and prediction.scale.must_be("softmax", "sigmoid", "linear"):
        better = "binary_accuracy" if family == BINARY and prediction.scale.must_be("sigmoid") else fitting
        if better is None and family != BINARY:
            return None
        made = "raw scores" if prediction.scale.must_be("linear") else f"{activation(prediction)} output"
        reason = f"`Accuracy` counts where label and output are exactly equal, which {made} never is"
        return Misfit(reason, better, "use `BinaryAccuracy(threshold=0)`")
    if name == "binary_accuracy" and prediction.scale.must_be("softmax") and several(prediction) and family != BINARY:
        if labels is None or (labels == "one-hot" and prediction.units.must_be(2)):
            return None  # over two columns it is the share of right rows
        effect = (
            "asks every class on its own whether it is above one half: the classes that are rightly absent make it high"
            if labels == "one-hot"
            else "compares the class number with every share"
        )
        return Misfit(f"{shown} on a softmax over {units_of(prediction)} units {effect}", fitting)
    if name == "categorical_accuracy" and labels == "integer" and not one(prediction):
        return Misfit(f"{shown} takes one-hot rows, but the labels are {WRITTEN[labels]}: it means nothing", fitting)
    if name == "categorical_accuracy" and labels == "multi-hot" and several(prediction):
        reason = f"{shown} looks at one label of each row and at no other, but the labels are {WRITTEN[labels]}"
        return Misfit(reason, "binary_accuracy")
    if name == "sparse_categorical_accuracy" and labels == "one-hot" and not one(prediction):
        reason = f"{shown} takes class numbers, but the labels are {WRITTEN[labels]}: it raises or means nothing"
        return Misfit(reason, fitting)
    if name in ("categorical_accuracy", "sparse_categorical_accuracy") and single:
        effect = "it is always 1" if name == "categorical_accuracy" else "it is the share of the label 0"
        return Misfit(
            f"{shown} takes the largest of several scores, but the head has one unit: {effect}", "binary_accuracy"
        )
    if name in TAKES_ROWS and labels == "integer" and several(prediction):
        reason = f"{shown} takes a 0 or 1 for each of the {units_of(prediction)} units, but the labels are "
        return Misfit(
            f"{reason}{WRITTEN[labels]}: it raises or means nothing",
            advice="give the loss and the metrics one-hot labels",
        )
    return None


def _other_metric(metric: Metric, misfit: Misfit, alone: bool) -> Fix:
    better = misfit.better
    if better is None:
        return hint(misfit.advice)
    message = f"use `{NAMES[better] if metric.name[:1].isupper() else better}`"
    if metric.is_object and metric.site is not None:
        named = metric.name == "BinaryAccuracy" and metric.key is not None  # its threshold would be no argument
        return hint(message) if named else safe(message, _class_of(metric, better))
    return safe(message, Replace(metric.site, f'["{better}"]')) if alone and metric.site is not None else hint(message)


def _class_of(metric: Metric, better: str) -> Edit:
    assert metric.site is not None
    return Rename(metric.site, better, NAMES[better], keep=0 if metric.name == "BinaryAccuracy" else None)


# -- Keras metrics that are called ------------------------------------------------------------------------------------
def _measured(use: MetricUse) -> Finding | None:
    truth, made = use.first.value, use.second.value
    if not isinstance(made, Data) or not made.scale.known:
        return None
    kinds = {e.kind for e in truth.labels.values} if isinstance(truth, Data) else set()
    kind = kinds.pop() if len(kinds) == 1 else None
    metric = Metric(use.name, None, use.metric_site, use.name[:1].isupper())
    family = BINARY if one(made) else ONE_HOT
    misfit = _misfit(metric, made, kind if kind in ("one-hot", "integer") else None, family)
    if misfit is None:
        return None
    labelled = truth.labels.site if isinstance(truth, Data) and kind in WRITTEN else None
    because = notes(
        (head_site(made), use.site, f"{activation(made)} output"),
        (labelled, use.site, f"the labels are {WRITTEN.get(kind or '')} since here"),
    )
    return Finding(use.site, misfit.reason, because=because, fix=_other_metric(metric, misfit, alone=False))


# -- scikit-learn's metrics of scores ---------------------------------------------------------------------------------
def _scored(use: MetricUse) -> Finding | None:
    made = use.second.value
    if use.framework != "sklearn" or use.name not in SCORES or not isinstance(made, Data):
        return None
    if not made.scale.must_be("hard") or (use.second.site is None and use.metric_site is None):
        return None
    return Finding(
        use.site,
        f"`{use.name}` takes scores, but gets predicted classes: {SCORES[use.name]}",
        because=notes((made.scale.site, use.site, "the classes are decided here")),
        fix=_scores_instead(use, made),
    )


def _scores_instead(use: MetricUse, made: Data) -> Fix:
    if use.metric_site is not None:  # a scorer
        text = 'response_method=("decision_function", "predict_proba")'
        return safe("let the scorer ask for scores", AddArgument(use.metric_site, text))
    step = made.last("predicted", "decoded")
    if step is None or step.kind == "decoded" or not isinstance(step.by, Obj):
        return hint("give it the scores as they are before a class is chosen")
    whole = use.name == "log_loss"
    advice = f"give it `predict_proba(…){'' if whole else '[:, 1]'}` or `decision_function(…)`"
    direct = use.second.site is not None and use.second.site is step.site
    many = made.labels.must(lambda e: e.count is not None and e.count > 2)
    if not direct or use.second.site is None or step.by.kind.rpartition(".")[2] in WITHOUT_PROBABILITIES or many:
        return hint(advice if not whole else "give it `predict_proba(…)`")
    edits: list[Edit] = [Rename(use.second.site, "predict_proba")]
    if not whole:
        edits.append(InsertAfter(use.second.site, "[:, 1]"))
    return safe("give it probabilities", *edits)


WITHOUT_PROBABILITIES = ("LinearSVC", "SVC", "NuSVC", "RidgeClassifier", "RidgeClassifierCV", "Perceptron", "SGDClassifier",
                         "PassiveAggressiveClassifier", "NearestCentroid", "VotingClassifier")  # fmt: skip
"""Classifiers that have no ``predict_proba``, or not always."""


# -- advice -----------------------------------------------------------------------------------------------------------
@rule("ML119", INFO, default=False)
def two_unit_softmax_for_binary(program: Program) -> Iterator[Finding]:
    """A softmax over two units says with two numbers what one says."""
    for use, prediction in uses(program, "keras"):
        raw = prediction.scale.must_be("linear") and use.loss.expects.must_be("logits")
        if use.loss.family not in CATEGORICAL or not prediction.units.must_be(2):
            continue
        if not raw and not prediction.scale.must_be("softmax"):
            continue
        site = head_site(prediction) or use.site
        yield Finding(
            site,
            "two units that share 1 between them say no more than one sigmoid unit, and the usual metrics of two classes "
            "(precision, recall, AUC) want one column",
            because=notes((use.loss.site, site, f"the loss is `{use.loss.name}`")),
            fix=hint(f"one unit with sigmoid, `{BINARY}` and labels 0 and 1"),
        )
