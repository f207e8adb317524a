"""Questions that several rules about labels and data ask of a program."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mllint.facts import Fact, Site
from mllint.program import Encode, Fit, LossUse, Program, Split, Transform
from mllint.rule import Fix, Note, Replace, hint, safe
from mllint.values import UNKNOWN, Data, Encoding, Obj, Step, Value, constant

SCALED = ("scaled", "divided")
"""Steps after which class numbers are none any more."""
ENDS_SCALING = ("encoded", "decoded", "predicted", "binned")
"""Steps that make class numbers (again)."""
CLASS_TARGETS = ("integer", "one-hot", "binary", "integer-or-distribution")
TESTING = frozenset({"pytest", "unittest"})
"""Imports of unit tests: what a network in one can learn does not matter."""


def notes(*candidates: tuple[Site | None, Site | None, str]) -> list[Note]:
    """Notes for the places that are known: ``(site, the site it must differ from, message)``."""
    return [Note(site, message) for site, other, message in candidates if site is not None and site is not other]


# -- targets ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Target:
    """Labels where something learns from them. ``by`` names it; ``classes``: whether it surely takes class numbers."""

    data: Data
    site: Site
    framework: str
    by: str
    classes: bool
    units: Fact[int] | None
    fit_site: Site | None = None


def class_targets(program: Program) -> Iterator[Target]:
    """The targets of classification losses and of classifiers."""
    for use in program.losses:
        if use.target is not None and use.loss.targets.must_be(*CLASS_TARGETS):
            yield Target(
                use.target,
                use.site,
                use.framework,
                f"`{use.loss.name}`",
                takes_class_numbers(use, use.target),
                None if use.prediction is None else use.prediction.units,
                use.fit_site,
            )
    for fit in program.fits:
        any_labels = fit.framework == "catboost" or fit.name == "CatBoostClassifier"  # fractions are names of classes
        if fit.kind == "classifier" and fit.y is not None and not any_labels:
            yield Target(fit.y, fit.site, fit.framework, f"`{fit.name}`", True, None)


def takes_class_numbers(use: LossUse, target: Data) -> bool:
    """Whether the labels are used as class numbers for sure, by the loss, by one-hot encoding or by their type."""
    if use.loss.targets.must_be("integer") or target.last("one-hot") is not None:
        return True
    whole = target.dtype is not None and target.dtype.startswith(("int", "long"))
    return use.loss.targets.must_be("integer-or-distribution") and whole


def integer_range(labels: Fact[Encoding]) -> tuple[int, int | None] | None:
    """The smallest and, where proven, the largest class number."""
    label = labels.value
    if label is None or label.kind != "integer" or label.low is None:
        return None
    high = label.high
    if high is None and label.count is not None and label.low > 0:
        high = label.low + label.count - 1
    return label.low, high


# -- scaling ----------------------------------------------------------------------------------------------------------
def scaling(data: Data) -> Step | None:
    """The step that scaled these labels, if nothing made class numbers of them since."""
    for step in reversed(data.steps):
        if step.kind in ENDS_SCALING:
            return None
        if step.kind in SCALED:
            return step
    return None


def needs_class_numbers(target: Target, step: Step) -> bool:
    """Whether scaling is proven to hurt: two classes mapped onto 0 and 1 do not."""
    many = target.units is not None and target.units.must(lambda units: units > 2)
    if target.data.labels.known:
        spared = target.units is not None and target.units.must(lambda units: units == 2)
        return (
            target.data.labels.must(lambda label: label.kind in ("scaled", "one-hot"))
            and (target.data.labels.must(lambda label: label.kind == "scaled") or (target.classes and many))
            and not (spared and not standardises(step))
        )
    return target.classes and (many or standardises(step))


def standardises(step: Step) -> bool:
    """Whether the scaler gives negative numbers for whatever it was fitted on."""
    if isinstance(step.by, Obj):
        return step.by.kind.endswith((".StandardScaler", ".RobustScaler", ".PowerTransformer"))
    return step.by == "standardise"


def scaled_together(program: Program, data: Data, step: Step) -> bool:
    """Whether the scaler saw the features too: the labels were one column among others then."""
    seen = next((t.data for t in program.transforms if t.site is step.site), None)
    if seen is not None and (seen.columns.must_be("both") or (seen.names is not None and len(seen.names) > 1)):
        return True
    index = next(i for i, each in enumerate(data.steps) if each is step)
    before, after = data.steps[:index], data.steps[index + 1 :]
    return any(map(_one_column, after)) and not any(map(_one_column, before))


def _one_column(step: Step) -> bool:
    return step.kind == "selected" and step.by is not None


def scaled_label_sites(program: Program) -> set[Site]:
    """Where labels are scaled: what other rules would say about these places is the same mistake."""
    found: set[Site] = set()
    for target in class_targets(program):
        step = scaling(target.data)
        if step is not None and needs_class_numbers(target, step):
            found.update(t.site for t in program.transforms if t.transformer == step.by)
            if step.site is not None:
                found.add(step.site)
    return found


def shared_site(program: Program, site: Site) -> bool:
    """Whether features went through this place as well: a helper that is called for both."""
    return any(fit.x is not None and went_through(fit.x, site) for fit in program.fits)


# -- lineage ----------------------------------------------------------------------------------------------------------
def went_through(data: Data, site: Site) -> bool:
    """Whether data, or a column of it, came out of the call at this site."""
    return any(step.site is site for step in data.steps) or any(went_through(made, site) for _, made in data.made)


def same_rows(first: Data, second: Data) -> bool:
    """Whether both are proven to come from the same file or dataset."""
    return first.source.value is not None and first.source.value == second.source.value


def is_prediction(data: Data) -> bool:
    """Whether a model made it."""
    return "prediction" in data.tags or data.scale.known or data.model is not None or data.last("predicted") is not None


PARTS = {"test": "test", "val": "validation"}


def label_space(program: Program, data: Data) -> Obj | str | None:
    """The encoder whose codes these labels are, ``"raw"`` for labels proven to be as they were read, else None."""
    if isinstance(data.space, Obj):
        return data.space
    if data.space is not None:
        return None
    if not is_prediction(data):
        changed = data.last("encoded", "decoded", "one-hot", "transformed", "fitted-transform", "scaled", "divided")
        read = data.last("read") is not None and data.last("selected") is not None
        return "raw" if read and changed is None else None
    decoded = data.last("decoded")
    if decoded is not None and isinstance(decoded.by, Obj):
        return "raw"
    if not isinstance(data.model, Obj):
        return None
    trained = [fit.y for fit in program.fits if fit.estimator == data.model and fit.y is not None]
    trained += [use.target for use in program.losses if use.model == data.model and use.target is not None]
    return "raw" if trained and all(label_space(program, y) == "raw" for y in trained) else None


def is_identity(program: Program, encoder: Obj) -> bool:
    """Whether an encoder is proven to give each label itself: it was fitted on 0…C-1."""
    fitted = [t.data.labels for t in program.transforms if t.transformer == encoder and t.data is not None]
    return any(
        labels.must(lambda label: label.kind == "integer" and label.low == 0 and label.count == (label.high or 0) + 1)
        for labels in fitted
    )


def encoding_site(program: Program, encoder: Obj) -> Site | None:
    """Where an encoder is fitted or applied first."""
    return next((t.site for t in program.transforms if t.transformer == encoder), encoder.site)


def encoder_name(encoder: Obj) -> str:
    """An encoder for a message."""
    return f"`{encoder.kind.rpartition('.')[2]}`"


def origin(data: Data) -> Site | None:
    """Where labels were chosen or read."""
    step = data.last("selected") or data.last("read")
    return None if step is None else step.site


def made_by_model(value: Value) -> Site | None:
    """Where a model made a prediction."""
    step = value.last("predicted") if isinstance(value, Data) else None
    return None if step is None else step.site


def targets_made_by(program: Program, transform: Transform) -> bool:
    """Whether what the transform gives is used as labels."""
    used: list[Value | None] = [use.target for use in program.losses]
    used += [fit.y for fit in program.fits]
    used += [argument.value for use in program.metrics for argument in (use.first, use.second)]
    datas = [value for value in used if isinstance(value, Data) and not is_prediction(value)]
    if any(went_through(data, transform.site) for data in datas):
        return True
    names = None if transform.data is None else transform.data.names
    return names is not None and len(names) == 1 and any(data.names == names for data in datas)


def is_for_labels(program: Program, transform: Transform) -> bool:
    """Whether a label encoder is used as one, not for a column of features."""
    data = transform.data
    if data is None or data.columns.must_be("features"):
        return False
    by_use = transform.name in ("OneHotEncoder", "OrdinalEncoder") and data.names is not None and len(data.names) == 1
    if not transform.encodes_labels and not by_use:
        return False
    if data.columns.must_be("target") or (data.names is None and "frame" not in data.tags):
        return True
    alike = (t for t in program.transforms if t.name == transform.name and t.data and t.data.names == data.names)
    return any(targets_made_by(program, each) for each in alike)


def on_held_out_rows(transform: Transform) -> bool:
    """Whether it is fitted on rows that are kept for validation or test."""
    return (
        transform.action in ("fit", "fit_transform")
        and transform.data is not None
        and transform.data.part.must_be("test", "val")
    )


def learnt_elsewhere(program: Program, transform: Transform) -> Transform | None:
    """The fit of the same kind of transformer on rows that are not held out."""
    fits = [t for t in program.transforms if t.name == transform.name and t.action in ("fit", "fit_transform")]
    other = [t for t in fits if t.data is not None and t.data.part.cannot_be("test", "val")]
    same = [t for t in other if isinstance(t.transformer, Obj) and t.transformer == transform.transformer]
    return next(iter([*same, *other]), None)


def to_transform(program: Program, transform: Transform, twin: Transform) -> Fix:
    """Apply what was learnt from the training rows instead of learning anew."""
    same_place = [t for t in program.transforms if t.site is transform.site]
    ready = all(map(_was_fitted_for, same_place)) and twin.transformer == transform.transformer
    if ready and transform.action == "fit_transform" and transform.name_site is not None:
        return safe("only apply what was learnt from the training rows", Replace(transform.name_site, "transform"))
    return hint(f"fit the `{transform.name}` on the training rows only and call its `transform` for the others")


def _was_fitted_for(transform: Transform) -> bool:
    """Whether the transformer was last fitted on the same columns of rows that are not held out."""
    before, data = transform.earlier_data, transform.data
    if before is None or data is None or not on_held_out_rows(transform):
        return False
    return before.part.cannot_be("test", "val") and before.names == data.names


def splits_what_learnt(program: Program, split: Split, transform: Transform) -> bool:
    """Whether the rows that are split are those a transform learnt from, and it or its output is used on them."""
    seen = transform.data
    if seen is None:
        return False
    later = {t.site for t in program.transforms if t.order >= transform.order}
    if any(went_through(data, transform.site) or _through(data, transform.transformer, later) for data in split.data):
        return True
    if not any(same_rows(data, seen) for data in split.data):
        return False
    if transform.framework == "keras":  # a layer that was adapted works inside the model
        return True
    return isinstance(transform.transformer, Obj) and any(
        t.transformer == transform.transformer and t.order > split.order and t.action == "transform"
        for t in program.transforms
    )


def serves_other_rows(program: Program, transform: Transform) -> bool:
    """Whether what it learns is also applied to rows of another file or dataset, which are the test rows then."""
    seen = transform.data
    if seen is None or not seen.source.known:
        return False
    for each in program.transforms:
        learnt = each.earlier_data if each.transformer is UNKNOWN else seen
        same = each.transformer == transform.transformer and learnt is not None and same_rows(learnt, seen)
        if same and each.action == "transform" and each.data is not None:
            source = each.data.source.value
            if source is not None and source != seen.source.value:
                return True
    return False


def from_file(data: Data) -> Site | None:
    """Where rows were read from a file, in its order."""
    step = data.last("read")
    return None if step is None else step.site


def _through(data: Data, transformer: Value, sites: set[Site]) -> bool:
    """Whether one of these calls of the transformer made data, or a column of it."""
    if not isinstance(transformer, Obj):
        return False
    made = any(step.by == transformer and step.site in sites for step in data.steps)
    return made or any(_through(column, transformer, sites) for _, column in data.made)


def loss_of(program: Program, fit: Fit) -> LossUse | None:
    """The loss that a Keras ``fit`` trains with."""
    return next((use for use in program.losses if use.fit_site is fit.site), None)


def encoded_from_one(program: Program, use: LossUse) -> bool:
    """Whether the one-hot target has a column for class 0 that its labels, counted from 1, never name."""
    made = None if use.target is None else use.target.last("one-hot")
    spans = [integer_range(e.data.labels) for e in program.encodes if made and e.site is made.site and e.data]
    return any(span is not None and span[0] > 0 for span in spans)


def encoded_target_units(program: Program, encode: Encode) -> int | None:
    """The units of the head whose loss gets what this one-hot encoding makes."""
    for use in program.losses:
        made = None if use.target is None else use.target.last("one-hot")
        if made is not None and made.site is encode.site and use.prediction is not None:
            return use.prediction.units.value
    return None


def whole_number(value: Value) -> int | None:
    """A constant whole number."""
    found = constant(value)
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def quoted(names: Iterable[str]) -> str:
    """Names for a message."""
    return ", ".join(f"`{name}`" for name in names)
