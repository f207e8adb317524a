"""What is unpacked and searched by name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator

from mllint.checks.evidence import notes
from mllint.program import ParameterUse, Program, Split, Unpacking
from mllint.rule import ERROR, Finding, Replace, hint, rule, safe
from mllint.values import UNKNOWN, Data, constant

# -- the order in which parts come out of a split ---------------------------------------------------------------------
_TOKEN = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_FEATURES = {"x", "xs", "feature", "features", "feat", "feats", "data", "image", "images", "text", "texts", "inputs"}
_TARGETS = {"y", "ys", "label", "labels", "target", "targets", "lbl", "lbls"}
_TRAIN = {"train", "tr", "trn", "training"}
_HELD_OUT = {"test", "te", "tst", "testing", "val", "valid", "validation", "va", "dev", "holdout", "eval", "vld"}


@rule("ML308", ERROR)
def split_unpacking_order(program: Program) -> Iterator[Finding]:
    """The parts that `train_test_split` gives are unpacked in another order than it gives them."""
    for unpacking in program.unpackings:
        split = _split_of(program, unpacking)
        order = None if split is None else _order(unpacking, split)
        if split is None or order is None or order == unpacking.names:
            continue
        wrong = [(a, b) for a, b in zip(unpacking.names, order, strict=True) if a != b]
        name, real = wrong[0]
        yield Finding(
            unpacking.site,
            f"`train_test_split` gives {_quoted(order)} in this order: what is called `{name}` here is `{real}`",
            because=notes((split.site, unpacking.site, "the rows are split here")),
            fix=safe(
                "name the parts in the order in which they come",
                *(
                    Replace(site, text)
                    for site, before, text in zip(unpacking.sites, unpacking.names, order, strict=True)
                    if before != text
                ),
            ),
        )


def unpacked_wrongly(program: Program, data: Data) -> bool:
    """Whether these rows got the name of other ones where they were split: what comes of it is the same mistake."""
    sites = {split.site for unpacking in program.unpackings if (split := _wrong(program, unpacking)) is not None}
    return any(step.kind == "split" and step.site in sites for step in data.steps)


def _wrong(program: Program, unpacking: Unpacking) -> Split | None:
    split = _split_of(program, unpacking)
    order = None if split is None else _order(unpacking, split)
    return split if order is not None and order != unpacking.names else None


def _split_of(program: Program, unpacking: Unpacking) -> Split | None:
    """The split whose results, all of them and in their order, are unpacked."""
    for split in program.splits:
        same = len(split.results) == len(unpacking.values)
        if same and all(a is b for a, b in zip(split.results, unpacking.values, strict=True)):
            return split
    return None


def _order(unpacking: Unpacking, split: Split) -> tuple[str, ...] | None:
    """The names in the order in which the parts come; None where the names do not say which part is which."""
    named = [_meaning(name) for name in unpacking.names]
    kinds = list(dict.fromkeys(kind for kind, _ in named))
    parts = list(dict.fromkeys(part for _, part in named))
    combinations = {(kind, part) for kind in kinds for part in parts}
    if None in kinds or None in parts or len(parts) != 2 or len(named) != len(set(named)) or set(named) != combinations:
        return None
    if set(parts) & {"train"} and parts[0] != "train":
        if not _keeps_more(split):
            return None  # the larger part may be meant to come second
        parts.reverse()
    roles = [_role(data) for data in split.data]
    if set(kinds) == {"x", "y"} and roles == kinds[::-1]:
        kinds.reverse()  # features and targets exchanged
    wanted = [(kind, part) for kind in kinds for part in parts]
    return tuple(unpacking.names[named.index(each)] for each in wanted)


def _meaning(name: str) -> tuple[str | None, str | None]:
    """What a name says about features or targets, and about the part."""
    tokens = [piece for token in _TOKEN.findall(name.rpartition(".")[2]) for piece in _pieces(token.lower())]
    part = next((token for token in tokens if token in _TRAIN | _HELD_OUT), None)
    rest = [token for token in tokens if token != part]
    kind = next(("x" if token in _FEATURES else "y" for token in rest if token in _FEATURES | _TARGETS), None)
    if part is not None:
        return kind or " ".join(rest), "train" if part in _TRAIN else part
    return kind, None if kind is None else " ".join(token for token in rest if token not in _FEATURES | _TARGETS)


def _pieces(token: str) -> tuple[str, ...]:
    """``xtrain`` and ``trainx`` as two words."""
    if token[0] in "xy" and token[1:] in _TRAIN | _HELD_OUT:
        return token[0], token[1:]
    if token[-1] in "xy" and token[:-1] in _TRAIN | _HELD_OUT:
        return token[-1], token[:-1]
    return (token,)


def _keeps_more(split: Split) -> bool:
    """Whether the first part is proven to be no smaller than the second."""
    share = constant(split.share.value) if split.share.given else None
    if isinstance(share, float):
        return share <= 0.5
    return not split.share.given and split.share.value is not UNKNOWN


def _role(data: Data) -> str:
    """``"x"`` for what is proven to be features, ``"y"`` for targets."""
    rank = 0 if data.shape is None else len(data.shape)
    if data.columns.must_be("target") or data.labels.known or (rank == 1 and "column" in data.tags):
        return "y"
    return "x" if data.columns.must_be("features") or rank > 1 else ""


def _quoted(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


# -- parameters by their names ----------------------------------------------------------------------------------------
@rule("ML326", ERROR)
def unknown_step_parameter(program: Program) -> Iterator[Finding]:
    """A parameter is searched or set under a name that the pipeline or estimator does not have."""
    for use in program.parameters:
        right = _right(use)
        what = "step or parameter" if use.steps else "parameter"
        known = f"; its steps are {_quoted(use.steps)}" if use.steps else ""
        yield Finding(
            use.site,
            f"`{use.owner}` has no {what} `{use.name}`{known}: `{use.key}` raises ValueError",
            fix=hint(f"write `{right}`") if right is not None else hint(f"see what `{use.owner}().get_params()` lists"),
        )


def _right(use: ParameterUse) -> str | None:
    """The key that was meant, if one is near."""
    if use.places:
        return use.places[0]
    rest = use.key[len(use.prefix) + len(use.name) :]
    near = difflib.get_close_matches(use.name, use.names, 1, 0.6) or [
        each for each in use.names if each.lower() == use.name.lower()
    ]
    return f"{use.prefix}{near[0]}{rest}" if near else None
