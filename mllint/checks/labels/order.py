"""Features and labels whose rows no longer belong together."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import notes
from mllint.checks.labels.pairs import pairs
from mllint.facts import Site
from mllint.program import Program
from mllint.rule import ERROR, Finding, hint, rule
from mllint.values import Data, Move


@rule("ML211", ERROR)
def shuffled_apart(program: Program) -> Iterator[Finding]:
    """Features and labels were shuffled independently of each other."""
    seen: set[Site] = set()
    for pair in pairs(program):
        x, y = _apart(pair.x, pair.y) or (None, None)
        site = y.site if y is not None else x.site if x is not None else None
        if x is None or site is None or site in seen:
            continue
        seen.add(site)
        yield Finding(
            site,
            f"{_how(x, y)}: no row keeps its own label, so there is nothing to learn",
            because=notes(
                (x.site, site, "the features are shuffled here"),
                (pair.site, site, f"{pair.by} gets both here"),
            ),
            fix=hint("shuffle both at once: `order = np.random.permutation(len(x)); x, y = x[order], y[order]`"),
        )


def _how(x: Move, y: Move | None) -> str:
    if y is None:
        return "the features are shuffled here, and the labels stay in the old order"
    if x.site is y.site:
        return "features and labels are shuffled here one after the other, each into an order of its own"
    return "the labels are shuffled here, and the features into another order"


def _apart(x: Data, y: Data) -> tuple[Move, Move | None] | None:
    """The shuffles of features and labels since which their rows do not belong together.

    Labels alone are shuffled on purpose, to see what chance gives.
    """
    if x.order is None or y.order is None:
        return None
    common = 0
    while common < min(len(x.order), len(y.order)) and x.order[common] == y.order[common]:
        common += 1
    first, second = x.order[common:], y.order[common:]
    if first and second and first[0].apart(second[0]):
        return first[0], second[0]
    alone = bool(first) and first[0].kind == "shuffled" and all(move.kind == "picked" for move in second)
    return (first[0], None) if alone and x.source.value is not None and x.source == y.source else None
