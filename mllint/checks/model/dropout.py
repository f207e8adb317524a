"""Dropout in the wrong place, or with a rate that is none."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import notes
from mllint.checks.model.way import ACTIVATIONS, BATCH_NORM, DENSE, DROPOUT, FLAT, SAME, before, made, of, shown, weighs
from mllint.facts import Site
from mllint.program import LossUse, Program
from mllint.rule import ERROR, INFO, Finding, hint, rule
from mllint.values import TRUE, Applied, Layer, constant

RATES = ("rate", "p", "dropout", "recurrent_dropout")
RATED = (*DROPOUT, "LSTM", "GRU", "RNN", "SimpleRNN")
CLASSIFIES = ("logits", "probabilities", "log_probabilities")


@rule("ML608", INFO)
def dropout_before_batch_norm(program: Program) -> Iterator[Finding]:
    """Batch normalisation learns the variance that dropout makes, and meets another one afterwards."""
    for node in program.applied:
        layer = node.layer
        first = before(node, *SAME, *FLAT) if layer is not None and layer.type in BATCH_NORM else None
        dropout = None if first is None else of(first)
        if first is None or layer is None or dropout is None or dropout.type not in DROPOUT:
            continue
        site = made(first)
        if site is not None and _rate(dropout) != 0:
            yield Finding(
                site,
                "batch normalisation behind dropout learns the variance of thinned-out activations, which is another one when "
                "dropout is off",
                because=notes((layer.site, site, "normalised here")),
                fix=hint("put the dropout behind the batch normalisation (and its activation)"),
            )


def _rate(layer: Layer) -> object:
    return next((constant(value) for name, value in layer.args if name in ("rate", "p")), None)


@rule("ML609", ERROR)
def dropout_misuse(program: Program) -> Iterator[Finding]:
    """Dropout on the output, or a rate that is no share."""
    yield from _rates(program)
    seen: set[Site] = set()
    for use in program.losses:
        node = use.prediction.applied if use.prediction is not None and use.prediction.direct else None
        dropout = None if node is None else _on_output(use, node)
        site = None if dropout is None else made(dropout)
        head = None if dropout is None else before(dropout, *SAME, *FLAT, *ACTIVATIONS)
        if dropout is None or site is None or site in seen or head is None or not use.training:
            continue
        seen.add(site)
        layer = of(head)
        yield Finding(
            site,
            f"dropout behind the output layer{'' if layer is None else f' `{shown(layer)}`'} sets predictions to zero at random while "
            "training",
            because=notes(
                (made(head), site, "the output layer"), (use.site, site, f"`{use.loss.name}` gets what dropout leaves")
            ),
            fix=hint("remove it, or put it in front of the output layer"),
        )


def _on_output(use: LossUse, node: Applied) -> Applied | None:
    """The dropout between the output layer and the loss."""
    if use.loss.expects.value not in CLASSIFIES and use.framework != "keras":
        return None
    last: Applied | None = node
    while last is not None and (layer := of(last)) is not None and layer.type in (*ACTIVATIONS, *SAME, *FLAT):
        if not (
            layer.type not in ACTIVATIONS or layer.activation.must_be("softmax", "log_softmax", "sigmoid", "linear")
        ):
            return None
        last = before(last)
    layer = None if last is None else of(last)
    if last is None or layer is None or layer.type not in DROPOUT or _rate(layer) == 0:
        return None
    if layer.arg("training") == TRUE:  # Monte Carlo dropout
        return None
    head = before(last, *SAME, *FLAT, *ACTIVATIONS)
    inner = None if head is None else of(head)
    between = None if head is None else before(last, *SAME, *FLAT)
    settled = {"softmax", "log_softmax", "sigmoid", "linear"}
    if inner is None or head is None or between is None or inner.type not in DENSE or not weighs(head):
        return None
    names = {of(each).activation.value for each in (head, between) if of(each) is not None}  # type: ignore[union-attr]
    return last if names <= settled else None


def _rates(program: Program) -> Iterator[Finding]:
    for layer in (*program.layers, *(node.layer for node in program.applied if node.layer is not None)):
        if layer.type not in RATED or layer.site is None:
            continue
        for name, value in layer.args:
            rate = constant(value)
            if name not in RATES or isinstance(rate, bool) or not isinstance(rate, (int, float)) or 0 <= rate < 1:
                continue
            yield Finding(
                layer.site,
                f"a dropout rate is a share from 0 to 1, but it is {rate:g} here{_consequence(program, layer, rate)}",
                fix=hint(
                    f"`{rate / 100:g}`, if {rate:g} percent are meant"
                    if rate > 1
                    else "give the share of units to drop, such as `0.5`"
                ),
            )


def _consequence(program: Program, layer: Layer, rate: float) -> str:
    """What the framework makes of it."""
    if rate == 1:
        if layer.framework == "keras" and (2, 3) <= program.versions.keras < (3,):
            return ": `fit` raises"
        return ": everything is dropped, and nothing is learnt"
    if layer.framework == "keras" and program.versions.keras < (2, 4):
        return ": this version takes it and drops everything"
    return ", which raises"
