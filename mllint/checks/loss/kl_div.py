"""What the Kullback-Leibler divergence of torch is given, and what it divides by."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import notes
from mllint.checks.loss.uses import PROBABILITIES, evidence, head_site, offered
from mllint.facts import Site
from mllint.program import LossUse, Program
from mllint.rule import (
    ERROR,
    WARNING,
    AddArgument,
    Edit,
    Finding,
    Fix,
    Rename,
    Replace,
    Swap,
    hint,
    rule,
    safe,
    unsafe,
)
from mllint.values import NONE, Const, Data, Value

LOG = ("log_softmax", "log_sigmoid")


@rule("ML120", ERROR)
def kl_div_on_probabilities(program: Program) -> Iterator[Finding]:
    """``KLDivLoss`` wants log-probabilities as input, probabilities as target, and ``batchmean``."""
    averaged: set[Site | None] = set()
    for use in program.losses:
        if use.framework != "torch" or use.loss.family != "kl_div":
            continue
        found = _wrong_scale(use)
        if found is None and _plain_mean(use) and use.loss.site not in averaged:
            averaged.add(use.loss.site)
            found = _divides_by_all(use)
        if found is not None:
            yield found


def _wrong_scale(use: LossUse) -> Finding | None:
    prediction, target = use.prediction, use.target
    log_target = use.loss.arg("log_target")
    plain = prediction is not None and prediction.scale.must_be("linear", *PROBABILITIES)
    log = target is not None and target.scale.must_be(*LOG) and (log_target is None or log_target == Const(False))
    if prediction is not None and plain:
        raw = prediction.scale.must_be("linear")
        what = "raw scores" if raw else "probabilities"
        if log and not raw:
            return _finding(
                use, f"gets {what} as input and log-probabilities as target: it wants them the other way", _swap(use)
            )
        return _finding(
            use, f"takes log-probabilities as input, but gets {what}: {_EFFECT}", _to_log(use, prediction, raw)
        )
    if target is not None and log:
        message = (
            "takes probabilities as target unless `log_target=True`, but gets log-probabilities: the loss becomes nan"
        )
        return _finding(use, message, _log_target(use, log_target), target)
    return None


_EFFECT = "the loss is no divergence and falls below 0"


def _finding(use: LossUse, what: str, fix: Fix, target: Data | None = None) -> Finding:
    because = evidence(use, use.site)
    if target is not None:
        because = notes(
            (head_site(target), use.site, "the target's logarithm is taken here"),
            (use.loss.site, use.site, "the loss is made here"),
        )
    return Finding(use.site, f"`{use.loss.name}` {what}", because=because, fix=fix)


def _swap(use: LossUse) -> Fix:
    advice = "give the log-probabilities first"
    if use.prediction_site is None or use.target_site is None:
        return hint(advice)
    return safe(advice, Swap(use.prediction_site, use.target_site))


def _to_log(use: LossUse, prediction: Data, raw: bool) -> Fix:
    if raw:
        return hint("apply `log_softmax` to the scores")
    site = prediction.scale.site if prediction.scale.must_be("softmax") else None
    if use.target is not None and use.target.scale.site is site:  # what makes the target is right there
        site = None
    return offered("use log-softmax", None if site is None else Rename(site, "log_softmax", "LogSoftmax"))


def _log_target(use: LossUse, given: Value | None) -> Fix:
    if given is None and use.loss.site is not None:
        return unsafe("say that the target is logarithms", AddArgument(use.loss.site, "log_target=True"))
    return hint("say that the target is logarithms: `log_target=True`")


def _plain_mean(use: LossUse) -> bool:
    """Whether the loss is proven to be averaged over rows and classes."""
    settings = dict(use.loss.args)
    if any(settings.get(name, NONE) != NONE for name in ("size_average", "reduce")):
        return False
    return settings.get("reduction", Const("mean")) == Const("mean")


def _divides_by_all(use: LossUse) -> Finding:
    given = use.loss.arg("reduction")
    edit: Edit | None = None
    if given is None and use.loss.site is not None:
        edit = AddArgument(use.loss.site, 'reduction="batchmean"')
    place = use.loss.arg("reduction_site")
    if given is not None and isinstance(place, Const):
        edit = Replace(place.value, '"batchmean"')
    how = "by default" if given is None else 'with `reduction="mean"`'
    return Finding(
        use.loss.site or use.site,
        f"`{use.loss.name}` {how} divides by the number of values, not of rows: "
        "the loss is smaller than the divergence by the number of classes",
        because=notes((use.site, use.loss.site, "it is computed here")),
        fix=offered("divide by the number of rows", edit),
        severity=WARNING,
    )
