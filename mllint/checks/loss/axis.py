"""The axis over which a softmax is taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mllint.checks.evidence import notes
from mllint.facts import Site
from mllint.program import Activation, Program
from mllint.rule import ERROR, INFO, AddArgument, Finding, Fix, Replace, hint, rule, safe
from mllint.values import NONE, Const, Data, Layer


@rule("ML124", ERROR)
def softmax_over_wrong_axis(program: Program) -> Iterator[Finding]:
    """A softmax over the rows of a batch, or over an axis that torch chooses by the number of axes."""
    places: dict[Site, list[Activation]] = {}
    for each in program.activations:
        if each.layer.framework == "torch":
            places.setdefault(each.site, []).append(each)
    superfluous = _superfluous(program)
    for site, found in places.items():
        layer = found[0].layer
        dim = dict(layer.args).get("dim", NONE)
        if layer.type == "Softmax2d" or any(key == "**" for key, _ in layer.args):
            continue
        if dim == Const(0):
            batches = [each for each in found if _over_rows(each.data)]
            if batches:
                yield _over_batch(site, layer, batches[0].data)
        elif dim == NONE and not all(each.data.units.must_be(1) for each in found):
            yield from _without_dim(site, layer, [each.data for each in found], site in superfluous)


def _over_rows(data: Data) -> bool:
    """Whether the first axis is proven to be the rows of a batch, and the scores those of several classes."""
    if data.units.must_be(1) or data.layer is None or not data.scale.known or (data.shape and data.shape[-1] == 1):
        return False
    rank = None if data.shape is None else len(data.shape)
    return rank == 2 or ("batched" in data.tags and rank != 1)


def _over_batch(site: Site, layer: Layer, data: Data) -> Finding:
    return Finding(
        site,
        f"`{layer.type}` with `dim=0` runs over the rows of the batch: the shares of a class sum to 1 over the rows, "
        "not the classes of a row",
        because=notes(
            (None if data.layer is None else data.layer.site, site, "the scores, one row an example, are made here")
        ),
        fix=_name_axis(layer, "-1"),
    )


def _without_dim(site: Site, layer: Layer, found: Iterable[Data], superfluous: bool) -> Iterator[Finding]:
    ranks = {None if data.shape is None else len(data.shape) for data in found}
    if ranks == {3}:
        yield Finding(
            site,
            f"`{layer.type}` without `dim` takes axis 0 of a tensor of three axes: it runs over the rows of the batch",
            fix=_name_axis(layer, "-1"),
        )
    elif not superfluous and not ranks & {0, 1}:
        safe_to_name = ranks == {2}
        yield Finding(
            site,
            f"`{layer.type}` without `dim` lets torch choose the axis by the number of axes, which is deprecated"
            + (": here the last one, as wanted" if safe_to_name else ": axis 0 of three axes, else axis 1"),
            fix=_name_axis(layer, "-1") if safe_to_name else hint("name the axis of the classes with `dim`"),
            severity=INFO,
        )


def _name_axis(layer: Layer, axis: str) -> Fix:
    given = dict(layer.args).get("dim_site")
    advice = "take the softmax over the classes"
    if isinstance(given, Const):
        return safe(advice, Replace(given.value, axis))
    return hint(advice) if layer.site is None else safe(advice, AddArgument(layer.site, f"dim={axis}"))


def _superfluous(program: Program) -> set[Site]:
    """Activations that a loss applies itself: what is wrong with them is that they are there."""
    return {
        use.prediction.scale.site
        for use in program.losses
        if use.prediction is not None and use.prediction.scale.site is not None and use.loss.expects.must_be("logits")
    }
