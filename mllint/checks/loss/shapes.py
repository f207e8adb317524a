"""Predictions of one value a row that meet plain values: each is compared with all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from mllint.checks.evidence import is_prediction, notes
from mllint.checks.loss.uses import units_site
from mllint.facts import Site
from mllint.program import Argument, Program
from mllint.rule import ERROR, Finding, InsertAfter, Note, hint, rule, safe
from mllint.values import Data

BROADCASTING = {
    "torch": ("mse", "mae", "smooth_l1", "huber", "poisson_nll", "kl_div"),
    "jax": ("huber", "log_cosh", "bce_with_logits"),
}
"""Losses that broadcast what they are given; torch's others and optax's ``l2_loss`` raise."""


@rule("ML122", ERROR)
def squeezed_broadcast_loss(program: Program) -> Iterator[Finding]:
    """(N, 1) and (N,) are compared: broadcasting makes (N, N) of them."""
    found = [*_losses(program), *_by_hand(program)]
    seen: dict[Site, list[Site]] = {}
    for meeting in found:
        places = seen.setdefault(meeting.cause, [])
        if meeting.site not in places:
            places.append(meeting.site)
    for meeting in found:
        places = seen.pop(meeting.cause, [])
        if places:
            yield meeting.finding(places[1:])


@dataclass(frozen=True)
class _Meeting:
    """Rows of one value (``column``) that meet plain values."""

    site: Site
    name: str
    column: Argument
    rows: Data
    effect: str

    @property
    def cause(self) -> Site:
        """What one repair would mend: the head that gives one value a row, else this place."""
        return (units_site(self.rows) if _computed(self.rows) else None) or self.site

    def finding(self, others: Sequence[Site]) -> Finding:
        which, other = ("prediction", "target") if _computed(self.rows) else ("target", "prediction")
        edit = self.column.site
        method = bool(self.rows.tags & {"torch", "jax", "prediction"})
        advice = f"take the axis of size 1 away from the {which}"
        return Finding(
            self.site,
            f"{self.name}: the {which} is (N, 1), the {other} (N,), so every prediction is compared with every target: "
            f"{self.effect}",
            because=[
                *notes((self.cause, self.site, "one value a row is made here")),
                *(Note(site, "they also meet here") for site in others),
            ],
            fix=safe(advice, InsertAfter(edit, ".squeeze(1)")) if edit is not None and method else hint(advice),
        )


def _losses(program: Program) -> Iterator[_Meeting]:
    for use in program.losses:
        if use.loss.family not in BROADCASTING.get(use.framework, ()):
            continue
        arguments = (
            Argument(use.prediction or _NO_DATA, use.prediction_site),
            Argument(use.target or _NO_DATA, use.target_site),
        )
        pair = _pair(*arguments)
        if pair is not None:
            effect = "the loss is over (N, N) values and the model learns the mean"
            yield _Meeting(use.site, f"`{use.loss.name}`", *pair, effect)


def _by_hand(program: Program) -> Iterator[_Meeting]:
    for each in program.broadcasts:
        pair = _pair(each.left, each.right)
        datas = [a.value for a in (each.left, each.right) if isinstance(a.value, Data)]
        if pair is None or not any(map(_computed, datas)) or all(map(_computed, datas)):
            continue
        yield _Meeting(each.site, f"`{each.operator}`", *pair, "the result has (N, N) values")


_NO_DATA = Data()


def _computed(data: Data) -> bool:
    """Whether a model made it, or arithmetic with what is learnt."""
    return is_prediction(data) or bool(data.grad)


def _pair(first: Argument, second: Argument) -> tuple[Argument, Data] | None:
    """The rows of one value; None unless these meet plain values."""
    for column, flat in ((first, second), (second, first)):
        rows, values = column.value, flat.value
        if not isinstance(rows, Data) or not isinstance(values, Data) or rows.shape is None or values.shape is None:
            continue
        one_a_row = len(rows.shape) == 2 and rows.shape[1] == 1 and rows.shape[0] != 1
        if one_a_row and len(values.shape) == 1 and values.shape[0] != 1:
            return column, rows
    return None
