"""Features and labels whose rows no longer belong together."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import notes
from mllint.checks.labels.pairs import pairs
from mllint.facts import Site
from mllint.program import Pair, Program
from mllint.rule import ERROR, Finding, hint, rule
from mllint.values import Data, Move


@rule("ML211", ERROR)
def shuffled_apart(program: Program) -> Iterator[Finding]:
    """Features and labels were shuffled independently of each other."""
    seen: set[Site] = set()
    together = [*pairs(program)]
    for pair in together:
        x, y = _apart(pair.x, pair.y) or (None, None)
        site = y.site if y is not None else x.site if x is not None else None
        if site is None or site in seen or (x is None and _also_in_order(pair, together)):
            continue
        seen.add(site)
        yield Finding(
            site,
            f"{_how(x, y)}: no row keeps its own label, so there is nothing to learn",
            because=notes(
                (None if x is None else x.site, site, "the features are shuffled here"),
                (pair.site, site, f"{pair.by} gets both here"),
            ),
            fix=hint("shuffle both at once: `order = np.random.permutation(len(x)); x, y = x[order], y[order]`"),
        )


def _how(x: Move | None, y: Move | None) -> str:
    if y is None:
        return "the features are shuffled here, and the labels stay in the old order"
    if x is None:
        return "the labels are shuffled here, and the features stay in the old order"
    if x.site is y.site:
        return "features and labels are shuffled here one after the other, each into an order of its own"
    return "the labels are shuffled here, and the features into another order"


def _apart(x: Data, y: Data) -> tuple[Move | None, Move | None] | None:
    """The shuffles of features and labels since which their rows do not belong together; one may be missing."""
    if x.order is None or y.order is None:
        return None
    common = 0
    while common < min(len(x.order), len(y.order)) and x.order[common] == y.order[common]:
        common += 1
    first, second = x.order[common:], y.order[common:]
    if first and second and first[0].apart(second[0]):
        return first[0], second[0]
    for one, other, swapped in ((first, second, False), (second, first, True)):
        alone = bool(one) and one[0].kind == "shuffled" and all(move.kind == "picked" for move in other)
        if alone and x.source.value is not None and x.source == y.source:
            return (None, one[0]) if swapped else (one[0], None)
    return None


def _also_in_order(pair: Pair, together: list[Pair]) -> bool:
    """Whether the same features are also trained on with labels in their order: what chance gives is measured then."""
    return any(other.x.order == pair.x.order == other.y.order and other.x.source == pair.x.source for other in together)
