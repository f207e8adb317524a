"""What is compared and read afterwards."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import (
    is_prediction,
    made_by_model,
    notes,
)
from mllint.checks.history import logged, may_be_logged, nearest
from mllint.facts import Site
from mllint.program import HistoryRead, MetricUse, Program
from mllint.rule import ERROR, INFO, Finding, Retext, Swap, hint, rule, safe
from mllint.values import Data


# -- what is compared and read ----------------------------------------------------------------------------------------
@rule("ML307", ERROR)
def swapped_metric_arguments(program: Program) -> Iterator[Finding]:
    """The prediction stands where the truth belongs."""
    for use in program.metrics:
        if use.framework != "sklearn" or not _swapped(use):
            continue
        yield Finding(
            use.site,
            f"`{use.name}` takes the truth first and the prediction second; here they are exchanged"
            + (", which this metric does not mind" if use.symmetric else ""),
            because=notes((made_by_model(use.first.value), None, "the first argument is predicted here")),
            fix=safe("exchange the arguments", Swap(use.first.site, use.second.site))
            if use.first.site is not None and use.second.site is not None
            else hint("give the truth first"),
            severity=INFO if use.symmetric else ERROR,
        )


def _swapped(use: MetricUse) -> bool:
    first, second = use.first.value, use.second.value
    if not isinstance(first, Data) or not isinstance(second, Data) or is_prediction(second):
        return False
    truth = second.source.known or second.labels.known or second.part.known
    return is_prediction(first) and truth


@rule("ML321", ERROR)
def history_key_mismatch(program: Program) -> Iterator[Finding]:
    """A history is asked for a key that training does not log."""
    by_reading: dict[tuple[Site, int], list[HistoryRead]] = {}
    for read in program.histories:
        by_reading.setdefault((read.site, read.order), []).append(read)
    for reads in by_reading.values():
        problems = [_missing_key(program, read) for read in reads]
        read, problem = reads[0], problems[0]
        if problem is None or None in problems:  # one of several keys that may be meant is right
            continue
        message, key = problem
        yield Finding(
            read.site,
            message,
            because=notes(
                (None if key is None else read.compile_site, None, "the metrics are given here"),
                (read.fit_site, None, "the history comes from here"),
            ),
            fix=hint("give `fit` what is to be logged, or read another key")
            if key is None
            else safe(f"read `{key}`", Retext(read.site, key)),
        )


def _missing_key(program: Program, read: HistoryRead) -> tuple[str, str | None] | None:
    """What is wrong with the key, and the key to read instead."""
    plain = read.key.removeprefix("val_")
    if plain != read.key and read.has_validation is False:
        return (
            f"the history has no `{read.key}`: this `fit` has no validation data, so reading it raises KeyError",
            None,
        )
    keys = logged(program.versions, read)
    if keys is None or plain in keys or read.key in read.extra or may_be_logged(plain, keys):
        return None
    right = nearest(plain, keys)
    if right is None:
        listed = ", ".join(f"`{key}`" for key in sorted(keys))
        return f"the history has no `{read.key}`: this model logs {listed}, so reading it raises KeyError", None
    right = read.key[: len(read.key) - len(plain)] + right
    version = program.versions.given.get("keras") or program.versions.given.get("tensorflow")
    which = f"this version ({version})" if version else "Keras today"
    return f"the history has no `{read.key}`: {which} logs it as `{right}`, so reading it raises KeyError", right
