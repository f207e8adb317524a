"""Validation rows that are training rows too."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import PARTS, notes
from mllint.checks.scores import Learnt, fits_of, inside, same_rows
from mllint.facts import Site
from mllint.program import Fit, Program, Score
from mllint.rule import ERROR, Finding, hint, rule
from mllint.values import Data


@rule("ML315", ERROR)
def validation_overlaps_training(program: Program) -> Iterator[Finding]:
    """What a model is validated on is among the rows it is trained on."""
    seen: set[Site] = set()
    for fit in program.fits:
        rows = _watched_training_rows(fit)
        if rows is not None and fit.site not in seen:
            seen.add(fit.site)
            whole = same_rows(rows, fit.x)
            yield Finding(
                fit.validation_data.site or fit.selects or fit.site,
                "the validation rows are the training rows themselves: the validation score is one more training score"
                if whole
                else "the validation rows are cut from the training rows and stay among them: the model is trained on all of them",
                because=notes(
                    (_cut(rows), fit.site, "they are cut here"), (fit.site, None, "it is trained on all rows here")
                ),
                fix=hint(_ADVICE),
            )
    for score in program.scores:
        last = _trained_on_more(program, score)
        if last is not None and last.site not in seen and score.rows is not None:
            seen.add(last.site)
            part = PARTS.get(score.rows.part.value or "test", "held-out")
            yield Finding(
                last.site,
                f"{last.name} is trained on all rows, the {part} rows included, which `{score.by}` measures it on",
                because=notes(
                    (score.rows.part.site, last.site, f"the {part} rows are taken from them here"),
                    (score.site, last.site, "they are scored here"),
                ),
                fix=hint("train on the training part only"),
            )


_ADVICE = (
    "keep the validation rows out of the training: `x_val, x_part = x_train[:n], x_train[n:]`, and train on `x_part`"
)


def _watched_training_rows(fit: Fit) -> Data | None:
    """The first validation rows, when all that is validated on is proven to be trained on."""
    if fit.x is None or not fit.watched or (fit.framework != "keras" and fit.selects is None):
        return None
    return fit.watched[0] if all(inside(rows, fit.x) for rows in fit.watched) else None


def _cut(data: Data) -> Site | None:
    """Where rows were picked last."""
    picked = [move.site for move in data.order or () if move.kind == "picked"]
    return picked[-1] if picked else None


def _trained_on_more(program: Program, score: Score) -> Learnt | None:
    """The last fit before a score, when the held-out rows it is computed on are only a part of what was fitted."""
    fits = fits_of(program, score.model, score.order)
    if not fits or score.rows is None or not score.rows.part.must_be("test", "val") or score.kind != "rows":
        return None
    last = fits[-1]
    trained = last.fit is None and last.loops and last.loops[-1] in score.loops
    held_out = last.x.part.must_be("test", "val")
    strict = inside(score.rows, last.x) and not same_rows(score.rows, last.x)
    return last if strict and not trained and not held_out else None
