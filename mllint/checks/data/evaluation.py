"""What the numbers of an evaluation are taken for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mllint.checks.evidence import notes
from mllint.facts import Site
from mllint.program import Program, Told
from mllint.rule import ERROR, Finding, Fix, Replace, hint, rule, safe

_ACCURACY = re.compile(r"(?<![a-z])(acc|accuracy)(?![a-z])")
_LOSS = re.compile(r"loss|error|mse|mae")


@rule("ML325", ERROR)
def evaluate_result_misread(program: Program) -> Iterator[Finding]:
    """The loss, which `evaluate` gives first, is taken for the accuracy."""
    seen: set[Site] = set()
    for told in program.told:
        text = told.text.lower()
        if told.evaluation in seen or not _ACCURACY.search(text) or _LOSS.search(text):
            continue
        seen.add(told.evaluation)
        what = "all that `evaluate` gives is the loss" if told.alone else "what `evaluate` gives first is the loss"
        yield Finding(
            told.index or told.site,
            f"{what}, but here it is taken for the accuracy: `{told.text.strip()}`",
            because=notes(
                (told.evaluation, None, "the model is evaluated here"),
                (told.site, told.index or told.site, "it is called so here"),
            ),
            fix=_second(told),
        )


def _second(told: Told) -> Fix:
    """Take the accuracy, where that is known to come second."""
    names = [metric.name.rpartition(".")[2].lower() for metric in told.metrics]
    place = next((index for index, name in enumerate(names, start=1) if "acc" in name), None)
    if told.alone:
        return hint('compile with `metrics=["accuracy"]` and take the second number')
    if told.metrics_known and place is not None and told.index is not None:
        return safe(f"the accuracy is number {place}", Replace(told.index, str(place)))
    return hint("take `[1]`, or ask for names with `return_dict=True`: `loss, accuracy = model.evaluate(…)`")
