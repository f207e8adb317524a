"""What features must not be: the target itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mllint.checks.evidence import notes
from mllint.checks.labels.pairs import is_number, pairs
from mllint.facts import Site
from mllint.program import Fit, Pair, Program
from mllint.rule import ERROR, WARNING, Finding, Fix, InsertAfter, hint, rule, unsafe
from mllint.values import Columns, Data, Obj, Step


@rule("ML205", ERROR)
def target_in_features(program: Program) -> Iterator[Finding]:
    """The features still contain the target."""
    seen: set[Site] = set()
    for pair in pairs(program):
        maybe_gone = pair.x.chosen is not None and pair.x.chosen.layout in program.shrunk
        held = None if maybe_gone else _held(pair, number=is_number(program, pair))
        site = pair.site if held is None or pair.x.chosen is None else pair.x.chosen.site or pair.site
        if held is None or site in seen:
            continue
        seen.add(site)
        chosen = pair.y.chosen.site if pair.y.chosen is not None else None
        yield Finding(
            site,
            f"the features still contain {held}: the model only has to copy what it should predict",
            because=notes(
                (chosen, site, "the target is taken here"),
                (pair.site, site, f"{pair.by} gets both here"),
            ),
            fix=_dropped(pair, held),
        )


def _held(pair: Pair, *, number: bool) -> str | None:
    """What of the target is proven to be among the features of the same rows."""
    x, y = pair.x.chosen, pair.y.chosen
    if x is None or y is None or not y.column() or x.column() or (x.numeric and not number):
        return None
    if pair.x.source != pair.y.source or pair.x.order is None or pair.x.order != pair.y.order:
        return None
    own = _own_name(pair.y, y)
    if own is not None and x.names != own.names and x.holds(own):
        return f"the target `{(own.names or ('',))[0]}`"
    if y.exact and x.holds(y):
        name = f" `{y.names[0]}`" if y.names else ""
        return (
            f"the target{name}"
            if own is None or own == y
            else f"`{(y.names or ('',))[0]}`, of which the target is made"
        )
    twin = next((name for name, column in pair.x.made if y.exact and _same(column.chosen, y) and _holds(x, name)), None)
    return None if twin is None else f"`{twin}`, which is the target under another name"


def _own_name(data: Data, chosen: Columns) -> Columns | None:
    """The column a target was taken from, under the name it had there."""
    if data.names is None or len(data.names) != 1:
        return None
    if data.names == chosen.names:
        return chosen
    return replace(chosen, names=data.names, added=data.names, layout=None, exact=True)


def _same(column: Columns | None, target: Columns) -> bool:
    if column is None or not column.exact or column.table != target.table:
        return False
    if target.names is not None:
        return column.names == target.names
    place = (column.layout, column.start, column.stop)
    return column.layout is not None and place == (target.layout, target.start, target.stop)


def _holds(x: Columns, name: str) -> bool:
    return x.has(name, name in x.added)


def _alone(pair: Pair, site: Site, kinds: list[str], made: int) -> bool:
    """Whether what is chosen there serves as the features of all rows and nothing else."""
    if "split" in kinds[:made] or "in place" in kinds[made : made + 2] or any(s.site is site for s in pair.y.steps):
        return False
    return kinds[made] == "dropped" or (kinds[made] == "selected" and "split" in kinds[made:])


def _dropped(pair: Pair, held: str) -> Fix:
    """Drop the column where the features are chosen, if all rows still are together there."""
    name = next(iter(held.split("`")[1::2]), None)
    if name is None:
        return hint("leave the target's column out of the features")
    text = f'.drop(columns="{name}")'
    kinds = [step.kind for step in pair.x.steps]
    site = None if pair.x.chosen is None else pair.x.chosen.site
    made = next((i for i, step in enumerate(pair.x.steps) if step.site is site and site is not None), None)
    named = pair.x.chosen is not None and (pair.x.chosen.without is not None or pair.x.chosen.names is not None)
    if site is None or made is None or not named or not _alone(pair, site, kinds, made):
        return hint(f"leave it out of the features: `{text}`")
    return unsafe("leave it out of the features", InsertAfter(site, text))


# -- categories as numbers --------------------------------------------------------------------------------------------
@rule("ML207", WARNING, default=False)
def encoded_features_as_ordinal(program: Program) -> Iterator[Finding]:
    """Codes of a label encoder are features of a model that calculates with them."""
    seen: set[Site] = set()
    for fit in program.fits:
        for name, step in _codes(fit) if _calculates(program, fit) else ():
            if step.site is None or step.site in seen:
                continue
            seen.add(step.site)
            learner = f"`{fit.name}`" if fit.framework == "sklearn" else "the network"
            yield Finding(
                step.site,
                f"the categories of `{name}` become whole numbers in the order of the alphabet, and {learner} calculates with them as "
                "with measurements",
                because=notes((fit.site, step.site, f"{learner} learns from the codes here")),
                fix=hint("give each category a column of its own: `OneHotEncoder` or `get_dummies`"),
            )


def _codes(fit: Fit) -> Iterator[tuple[str, Step]]:
    """The columns among the features that hold a label encoder's codes."""
    target = set() if fit.y is None else set(fit.y.names or ())
    for name, column in () if fit.x is None else fit.x.made:
        step = column.last("encoded", "one-hot", "fitted-transform")
        spared = name in target or column.labels.must(lambda label: label.count == 2)
        encoder = step.by if step is not None and not spared else None
        if step is not None and isinstance(encoder, Obj) and encoder.kind.endswith(".LabelEncoder"):
            yield name, step


def _calculates(program: Program, fit: Fit) -> bool:
    """Whether a model adds up, multiplies or measures distances between its features."""
    if fit.framework == "keras":
        return not any(layer.type == "Embedding" for model in program.models for layer in model.layers)
    return fit.name.startswith(_CALCULATING)


_CALCULATING = (
    "LogisticRegression", "LinearRegression", "Ridge", "Lasso", "ElasticNet", "SGD", "Perceptron", "LinearSV", "SVC", "SVR", "NuSV",
    "KNeighbors", "RadiusNeighbors", "NearestCentroid", "KMeans", "MiniBatchKMeans", "MLP", "GaussianProcess", "LinearDiscriminant",
    "QuadraticDiscriminant", "DBSCAN", "AgglomerativeClustering", "BayesianRidge", "HuberRegressor", "PassiveAggressive",
)  # fmt: skip
