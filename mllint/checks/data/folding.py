"""Folds: how cross-validation and splits divide rows that have an order or classes."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.data.splitting import class_by_class
from mllint.checks.evidence import notes
from mllint.facts import Site
from mllint.program import Program, Split, Splitter
from mllint.rule import ERROR, INFO, WARNING, AddArgument, Finding, Fix, Replace, hint, rule, safe, unsafe
from mllint.values import FALSE, NONE, Const, Data, Obj


@rule("ML318", ERROR)
def kfold_without_shuffle(program: Program) -> Iterator[Finding]:
    """Folds are cut in the order of the rows: with a seed that does nothing, or from rows that are sorted by class."""
    for splitter in program.splitters:
        if _seeded_for_nothing(splitter):
            yield _seeded(program, splitter)
    seeded = {splitter.site for splitter in program.splitters if _seeded_for_nothing(splitter)}
    for splitter_site, split, data in _sorted_folds(program):
        order = class_by_class(data)
        if splitter_site not in seeded and order is not None:
            yield Finding(
                splitter_site,
                "`KFold` cuts the folds in the order of the rows, and the rows come class by class: "
                "each fold holds out classes that the model has hardly seen",
                because=notes(
                    (order.site, None, "the rows are in the order of their classes since here"),
                    (split.site, splitter_site, "they are divided here"),
                ),
                fix=_with_shuffle(splitter_site, program),
                severity=WARNING,
            )


def _seeded_for_nothing(splitter: Splitter) -> bool:
    seed, shuffle = splitter.random_state, splitter.shuffle
    seeded = seed.given and isinstance(seed.value, Const) and seed.value != NONE
    return seeded and shuffle.value == FALSE


def _seeded(program: Program, splitter: Splitter) -> Finding:
    version = program.versions.of("scikit-learn")
    does = (
        "raises ValueError"
        if version >= (0, 24)
        else "ignores it, with a warning"
        if version >= (0, 22)
        else "ignores it"
    )
    which = f" in this version ({program.versions.given['scikit-learn']})" if version < (0, 24) else ""
    return Finding(
        splitter.site,
        f"`{splitter.name}` gets a `random_state` but does not shuffle: it {does}{which}",
        fix=_with_shuffle(splitter.site, program),
        severity=ERROR if version >= (0, 24) else WARNING,
    )


def _with_shuffle(site: Site, program: Program) -> Fix:
    """Shuffle before folds are cut."""
    made = next((splitter for splitter in program.splitters if splitter.site is site), None)
    if made is None:
        return hint("shuffle the rows before the folds are cut: `shuffle=True`")
    if made.shuffle.given and made.shuffle.site is not None:
        return safe("shuffle before the folds are cut", Replace(made.shuffle.site, "True"))
    return safe("shuffle before the folds are cut", AddArgument(made.site, "shuffle=True"))


def _sorted_folds(program: Program) -> Iterator[tuple[Site, Split, Data]]:
    """Unshuffled `KFold`s over rows that come class by class."""
    seen: set[Site] = set()
    for split in program.splits:
        splitter = split.by
        plain = isinstance(splitter, Obj) and splitter.kind == "sklearn.model_selection.KFold"
        if not plain or split.shuffles is not False or not isinstance(splitter, Obj) or splitter.site is None:
            continue
        data = next((data for data in split.data if class_by_class(data) is not None), None)
        if data is not None and splitter.site not in seen:
            seen.add(splitter.site)
            yield splitter.site, split, data


# -- splits that may leave classes out --------------------------------------------------------------------------------
@rule("ML317", INFO, default=False)
def unstratified_split(program: Program) -> Iterator[Finding]:
    """A split of class labels does not keep the shares of the classes."""
    for split in program.splits:
        place = _labels_of_a_classifier(program, split)
        plain = split.stratify.value == NONE and split.shuffles is True
        if split.kind != "train_test_split" or place is None or not plain:
            continue
        yield Finding(
            split.site,
            "`train_test_split` draws the rows without regard to their classes: the parts have other shares of them than all rows",
            because=notes((split.data[place].labels.site, split.site, "the classes are decided here")),
            fix=unsafe("keep the shares of the classes", AddArgument(split.site, f"stratify={split.names[place]}"))
            if split.names
            else hint("give it `stratify=` and the labels"),
        )


def _labels_of_a_classifier(program: Program, split: Split) -> int | None:
    """Which of the arrays that are split are the labels that a classifier is trained on."""
    for fit in program.fits:
        if fit.kind != "classifier" or fit.y is None or not any(step.site is split.site for step in fit.y.steps):
            continue
        for place, data in enumerate(split.data):
            same = fit.y.chosen == data.chosen if data.chosen is not None else fit.y.names == data.names
            if place and same and data.source == fit.y.source:
                return place
    return None
