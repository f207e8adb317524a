"""scikit-learn's metrics; their arguments and symmetry are in ``sklearn_metrics.toml``."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from mllint.facts import known
from mllint.frameworks import lineage
from mllint.frameworks.table import Call, Row, canonical, row
from mllint.frameworks.toml import load_toml
from mllint.program import Argument, MetricUse
from mllint.values import THRESHOLDS, UNKNOWN, Const, Data, Name, Tuple, Value, constant

_TABLE = load_toml("sklearn_metrics.toml")
_OLD_NAMES = ("y_pred", "y_score", "y_prob", "y_proba", "probas_pred", "pred_decision")


def is_symmetric(call: Call, symmetric: Any) -> bool:
    """Whether the first two arguments may be exchanged; also when that cannot be decided."""
    if isinstance(symmetric, bool):
        return symmetric
    average = call.argument("average")
    if not average.given:
        return "binary" in symmetric if call.complete else True
    value = average.value
    if not isinstance(value, Const):
        return True
    if call.given("beta") and constant(call.argument("beta").value) != 1:
        return False
    return str(value.value) in symmetric


def record(call: Call, first: str, second: str) -> Value:
    """Record the use of a metric."""
    name = call.path.rpartition(".")[2]
    a, b = call.argument(first), call.argument(second)
    if not b.given:
        b = next((call.argument(old) for old in _OLD_NAMES if call.given(old)), b)
    symmetric = is_symmetric(call, _TABLE[name]["symmetric"])
    if name == "fbeta_score" and constant(call.argument("beta").value) != 1:
        symmetric = False
    truth, found = plain(call, a), plain(call, b)
    call.program.metrics.append(MetricUse(call.site, "sklearn", name, truth, found, symmetric, order=call.tick()))
    score = lineage.scored(call, name, UNKNOWN, lineage.seen_rows(found.value, truth.value))
    if name in ("roc_curve", "precision_recall_curve"):
        curve = Data(space=UNKNOWN, dtype="float", shape=(None,))
        cuts = score.with_(shape=(None,), tags=frozenset({THRESHOLDS}))
        return Tuple((curve, curve, cuts))
    return UNKNOWN if name in _NO_NUMBER else score


_NO_NUMBER = (
    "class_likelihood_ratios", "classification_report", "confusion_matrix", "det_curve", "multilabel_confusion_matrix",
    "precision_recall_curve", "precision_recall_fscore_support", "roc_curve",
)  # fmt: skip


def plain(call: Call, argument: Argument) -> Argument:
    """Lists read as arrays."""
    data = lineage.as_data(call, lineage.single(argument.value))
    return argument if data is None else replace(argument, value=data)


def _true_pred(call: Call, y_true: Value, y_pred: Value, **rest: Value) -> Value:
    return record(call, "y_true", "y_pred")


def _true_score(call: Call, y_true: Value, y_score: Value, **rest: Value) -> Value:
    return record(call, "y_true", "y_score")


def _true_proba(call: Call, y_true: Value, y_proba: Value, **rest: Value) -> Value:
    return record(call, "y_true", "y_proba")


def _decision(call: Call, y_true: Value, pred_decision: Value, **rest: Value) -> Value:
    return record(call, "y_true", "pred_decision")


def _labels(call: Call, labels_true: Value, labels_pred: Value, **rest: Value) -> Value:
    return record(call, "labels_true", "labels_pred")


def _raters(call: Call, y1: Value, y2: Value, **rest: Value) -> Value:
    return record(call, "y1", "y2")


_ROWS: dict[tuple[str, str], Row] = {
    ("y_true", "y_pred"): _true_pred,
    ("y_true", "y_score"): _true_score,
    ("y_true", "y_proba"): _true_proba,
    ("y_true", "pred_decision"): _decision,
    ("labels_true", "labels_pred"): _labels,
    ("y1", "y2"): _raters,
}


_ASKS_FOR_SCORES = ("needs_proba", "needs_threshold", "response_method")


@row("sklearn.metrics.make_scorer")
def make_scorer(call: Call, score_func: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    """A scorer of classes unless it is told to ask for scores."""
    path = canonical(score_func.path) if isinstance(score_func, Name) else ""
    name = path.rpartition(".")[2]
    asks = any(call.given(each) and constant(call.argument(each).value) is not False for each in _ASKS_FOR_SCORES)
    if path.startswith("sklearn.metrics.") and name in _TABLE and call.complete and not more and not asks:
        made = Argument(Data(scale=known("hard", call.site), space=UNKNOWN), None)
        call.program.metrics.append(
            MetricUse(call.site, "sklearn", name, Argument(), made, True, metric_site=call.site)
        )
    return UNKNOWN


for _name, _metric in _TABLE.items():
    row(f"sklearn.metrics.{_name}")(_ROWS[_metric["first"], _metric["second"]])
