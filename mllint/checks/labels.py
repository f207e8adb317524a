"""Rules about labels and targets: scaled, shifted, encoded twice, or compared in another encoding."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import (
    PARTS,
    Target,
    class_targets,
    encoded_target_units,
    encoder_name,
    encoding_site,
    integer_range,
    is_for_labels,
    is_identity,
    is_prediction,
    label_space,
    learnt_elsewhere,
    needs_class_numbers,
    notes,
    on_held_out_rows,
    origin,
    scaled_together,
    scaling,
    shared_site,
    to_transform,
    whole_number,
)
from mllint.facts import Site
from mllint.program import LossUse, Program
from mllint.rule import (
    ERROR,
    Edit,
    Finding,
    Fix,
    InsertAfter,
    Note,
    Replace,
    Retext,
    Undo,
    Unwrap,
    hint,
    rule,
    safe,
    unsafe,
)
from mllint.values import Data, Obj, Step


# -- scaled labels ----------------------------------------------------------------------------------------------------
@rule("ML201", ERROR)
def scaled_class_labels(program: Program) -> Iterator[Finding]:
    """Class labels went through a scaler or a division."""
    for target, step, site in _scaled(program, together=False):
        yield Finding(
            site,
            f"{target.by} takes class numbers, but the labels are {_how(step)} here: {_harm(target)}",
            because=notes(
                (target.data.labels.site, site, "the labels are scaled from here on"),
                (target.site, None, f"{target.by} takes them here"),
                (target.fit_site, target.site, "the labels are trained on here"),
            ),
            fix=_unscaled(program, target, step),
        )


@rule("ML213", ERROR)
def labels_normalised_with_features(program: Program) -> Iterator[Finding]:
    """One scaler covers the features and the class column."""
    for target, step, site in _scaled(program, together=True):
        column = target.data.last("selected")
        yield Finding(
            site,
            f"the class column is {_how(step)} here together with the features, and {target.by} takes class numbers: "
            + _harm(target),
            because=notes(
                (None if column is None else column.site, site, "the labels are taken from the scaled columns"),
                (target.site, None, f"{target.by} takes them here"),
                (target.fit_site, target.site, "the labels are trained on here"),
            ),
            fix=hint("take the class column out before scaling: scale the features alone"),
        )


def _scaled(program: Program, *, together: bool) -> Iterator[tuple[Target, Step, Site]]:
    """The places where labels are scaled, alone or together with the features, with one target of each."""
    seen: set[Site] = set()
    for target in class_targets(program):
        step = scaling(target.data)
        if step is None or step.site is None or step.site in seen or not needs_class_numbers(target, step):
            continue
        seen.add(step.site)
        if scaled_together(program, target.data, step) is together:
            yield target, step, step.site


def _harm(target: Target) -> str:
    """What comes of scaled labels where they are learnt from."""
    name = {"keras": "Keras", "gluon": "gluon"}.get(target.framework)
    if target.framework == "sklearn":
        return "it raises ValueError (unknown label type: continuous), or learns classes that are none"
    if name is not None and target.classes:
        return f"{name} cuts the fractions down to whole numbers, so classes silently become one"
    return "as whole numbers most classes become 0, as fractions they are no classes"


def _how(step: Step) -> str:
    if isinstance(step.by, Obj):
        return f"scaled by `{step.by.kind.rpartition('.')[2]}`"
    return "divided" if step.kind == "divided" else "scaled"


def _unscaled(program: Program, target: Target, step: Step) -> Fix:
    """Put what goes into the scaling in its place, everywhere this scaler meets labels."""
    advice = "leave class labels as they are: scale the features only"
    sites = [step.site] if step.site is not None else []
    if isinstance(step.by, Obj):
        uses = [t for t in program.transforms if t.transformer == step.by]
        sites += [t.site for t in uses if t.action in ("transform", "fit_transform") and t.site not in sites]
    moved = target.data.last("shifted")
    centred = moved is not None and moved.by in ("mean", "median", "statistic")
    if centred or any(shared_site(program, site) for site in sites):
        return hint(advice)
    return unsafe(advice, *(Undo(site) for site in sites))


# -- where the numbers start ------------------------------------------------------------------------------------------
@rule("ML202", ERROR)
def labels_not_zero_based(program: Program) -> Iterator[Finding]:
    """Class numbers that do not start at 0 reach a loss that counts from 0."""
    groups: dict[object, list[LossUse]] = {}
    for use in program.losses:
        if _first_label(use) is not None and use.target is not None:
            groups.setdefault(use.target.labels.site or use.target_site or use.site, []).append(use)
    for uses in groups.values():
        use, first, labels = uses[0], _first_label(uses[0]), uses[0].target.labels if uses[0].target else None
        if first is not None and labels is not None:
            yield Finding(
                use.target_site or use.fit_site or use.site,
                f"{_wants(use)}, but the labels {_run(use)}: {_off(use)}",
                because=notes(
                    (labels.site, use.target_site, "the labels are numbered here"), (use.site, None, "the loss is here")
                ),
                fix=_rebased(program, uses, first),
            )
    yield from _one_hot_of_one_based(program)
    yield from _boosters(program)


def _first_label(use: LossUse) -> int | None:
    """The number the labels start at, if the loss takes others."""
    span = None if use.target is None else integer_range(use.target.labels)
    if span is None or span[0] == 0 or span[0] == span[1]:
        return None
    low, high = span
    if use.loss.targets.must_be("binary"):
        return low if low in (1, -1) or high is not None else None
    if not use.loss.targets.must_be("integer", "integer-or-distribution") or use.prediction is None:
        return None
    if low == -1:
        return low if high == 1 and use.target is not None and use.target.labels.must(lambda e: e.count == 2) else None
    short = high is not None and use.prediction.units.must(lambda units: units <= high)
    return low if low > 0 and short else None


def _wants(use: LossUse) -> str:
    if use.loss.targets.must_be("binary"):
        return f"`{use.loss.name}` takes the labels 0 and 1"
    units = None if use.prediction is None else use.prediction.units.value
    return (
        f"`{use.loss.name}` over {units} units takes the classes 0 to {units - 1}"
        if units
        else f"`{use.loss.name}` counts classes from 0"
    )


def _run(use: LossUse) -> str:
    low, high = (use.target and integer_range(use.target.labels)) or (0, None)
    if low == -1 and high == 1:
        return "are -1 and 1"
    return f"start at {low}" if high is None else f"run from {low} to {high}"


def _off(use: LossUse) -> str:
    if use.loss.targets.must_be("binary"):
        raises = use.loss.family == "bce"
        return "it raises" if raises else "the loss falls below zero without end and the predictions mean nothing"
    return {
        "torch": "the last class is out of bounds and raises",
        "gluon": "the last class is silently counted as the one before it",
    }.get(use.framework, "the last class has no unit, which raises or, on GPU and JAX, silently spoils the training")


def _rebased(program: Program, uses: list[LossUse], first: int) -> Fix:
    """Subtract the offset wherever these labels are used."""
    label_site = uses[0].target.labels.site if uses[0].target else None
    sites = [use.target_site for use in uses]
    for metric in program.metrics:
        for argument in (metric.first, metric.second):
            value = argument.value
            if isinstance(value, Data) and value.labels.site is label_site and not is_prediction(value):
                sites.append(argument.site)
    checked = any(fit.site is use.fit_site and fit.validation_data.given for fit in program.fits for use in uses)
    if first == -1:
        return hint("map the labels onto 0 and 1: `(y + 1) // 2`")
    if None in sites or checked:
        return hint(f"subtract {first} from the labels where they are made, or encode them with `LabelEncoder`")
    edits = [InsertAfter(site, f" - {first}") for site in dict.fromkeys(sites) if site is not None]
    return unsafe(f"count the classes from 0: subtract {first}", *edits)


def _one_hot_of_one_based(program: Program) -> Iterator[Finding]:
    """``to_categorical`` of classes 1…C makes C + 1 columns."""
    for encode in program.encodes:
        span = None if encode.data is None else integer_range(encode.data.labels)
        low, high = span or (0, None)
        if encode.name not in ("to_categorical", "one_hot") or low < 1 or high is None:
            continue
        given = whole_number(encode.classes.value) if encode.classes.given else None
        units = given or encoded_target_units(program, encode)
        if units is not None and units <= high:
            columns = (
                f"{given} columns end at class {given - 1}"
                if given
                else f"it makes {high + 1} columns for {units} units"
            )
            yield Finding(
                encode.data_site or encode.site,
                f"`{encode.name}` counts classes from 0, but the labels run from {low} to {high}: {columns}",
                because=notes(
                    (encode.data.labels.site if encode.data else None, encode.data_site, "the labels are numbered here")
                ),
                fix=unsafe(f"count the classes from 0: subtract {low}", InsertAfter(encode.data_site, f" - {low}"))
                if encode.data_site is not None
                else hint(f"subtract {low} from the labels"),
            )


def _boosters(program: Program) -> Iterator[Finding]:
    """XGBoost's classifiers take 0…C-1 only."""
    for fit in program.fits:
        span = (
            None
            if fit.y is None or fit.name not in ("XGBClassifier", "XGBRFClassifier")
            else integer_range(fit.y.labels)
        )
        if span is not None and span[0] >= 1 and fit.y_site is not None:
            yield Finding(
                fit.y_site,
                f"`{fit.name}` takes the classes 0 to C-1, but the labels start at {span[0]}: it raises",
                because=notes((fit.y.labels.site if fit.y else None, fit.y_site, "the labels are numbered here")),
                fix=unsafe(f"count the classes from 0: subtract {span[0]}", InsertAfter(fit.y_site, f" - {span[0]}")),
            )


# -- two encodings of one label ---------------------------------------------------------------------------------------
@rule("ML203", ERROR)
def mixed_label_spaces(program: Program) -> Iterator[Finding]:
    """Predictions in one encoding are compared with labels in another."""
    for use in program.metrics:
        for made, truth in ((use.first, use.second), (use.second, use.first)):
            if isinstance(made.value, Data) and isinstance(truth.value, Data):
                difference = _difference(program, made.value, truth.value)
                if difference is not None:
                    message, evidence = difference
                    yield Finding(
                        use.site,
                        f"{f'`{use.name}`' if use.framework != 'numpy' else 'this'} compares two encodings: {message}",
                        because=evidence,
                        fix=hint(
                            "compare like with like: `inverse_transform` the predictions, or encode the true labels the same way"
                        ),
                    )
                    break


def _difference(program: Program, made: Data, truth: Data) -> tuple[str, list[Note]] | None:
    if not is_prediction(made) or is_prediction(truth) or made.labels.must(lambda e: e.kind == "scaled"):
        return None
    ours, theirs = label_space(program, made), label_space(program, truth)
    if isinstance(ours, Obj) and theirs == "raw" and not is_identity(program, ours):
        encoded = encoding_site(program, ours)
        message = (
            f"the predictions are the codes of {encoder_name(ours)}, the labels are the ones from before the encoding"
        )
        return message, notes(
            (encoded, None, "the codes are made here"),
            (origin(truth), encoded, "these labels come from here, not encoded"),
        )
    if ours == "raw" and isinstance(theirs, Obj) and not is_identity(program, theirs):
        encoded = encoding_site(program, theirs)
        message = f"the predictions are labels as they were before {encoder_name(theirs)}, the labels are its codes"
        return message, notes((encoded, None, "the codes are made here"))
    shift = _shift(made, truth)
    if shift is not None:
        message = f"the predictions start at {shift[0]}, the labels at {shift[1]}"
        return message, notes(
            (made.labels.site, None, "the model is trained on these"),
            (truth.labels.site, made.labels.site, "the labels are made here"),
        )
    return None


def _shift(made: Data, truth: Data) -> tuple[int, int] | None:
    a, b = integer_range(made.labels), integer_range(truth.labels)
    if a is None or b is None or a[1] is None or b[1] is None or a[0] == b[0] or a[1] - a[0] != b[1] - b[0]:
        return None
    return a[0], b[0]


@rule("ML204", ERROR)
def label_encoder_refit(program: Program) -> Iterator[Finding]:
    """A label encoder learns the classes anew from validation or test labels."""
    for transform in program.transforms:
        if not on_held_out_rows(transform) or not is_for_labels(program, transform):
            continue
        twin = learnt_elsewhere(program, transform)
        if twin is not None:
            part = transform.data.part.value if transform.data else "test"
            yield Finding(
                transform.site,
                f"`{transform.name}` is fitted again on {PARTS.get(part or 'test', 'held-out')} labels: "
                "a class missing there shifts the codes of all classes after it",
                because=notes(
                    (twin.site, transform.site, "the training labels are encoded here"),
                    (
                        transform.data.part.site if transform.data else None,
                        transform.site,
                        "these rows are held out here",
                    ),
                ),
                fix=to_transform(program, transform, twin),
            )


@rule("ML206", ERROR)
def double_one_hot(program: Program) -> Iterator[Finding]:
    """One-hot labels are one-hot encoded again."""
    for encode in program.encodes:
        if encode.name in _NO_OPS or encode.data is None or not encode.data.labels.must(lambda e: e.kind == "one-hot"):
            continue
        step = encode.data.last("one-hot")
        yield Finding(
            encode.site,
            f"`{encode.name}` encodes labels that are one-hot already: every 0 and 1 becomes "
            + ("two columns" if encode.name == "OneHotEncoder" else "a pair of its own on a new axis"),
            because=notes(
                (step.site if step else encode.data.labels.site, encode.site, "the labels are one-hot from here on")
            ),
            fix=hint("drop the second encoding")
            if encode.data_site is None
            else safe("drop the second encoding", Unwrap(encode.site, encode.data_site)),
        )


_NO_OPS = ("LabelBinarizer", "label_binarize", "get_dummies")
"""Give one-hot labels back as they are."""


# -- more classes than the head can tell apart ------------------------------------------------------------------------
@rule("ML212", ERROR)
def binary_head_for_many_classes(program: Program) -> Iterator[Finding]:
    """One sigmoid unit cannot tell three classes apart."""
    seen: set[object] = set()
    for use in program.losses:
        classes = _many_classes(use)
        if classes is None or use.target is None or (use.site, classes) in seen:
            continue
        seen.add((use.site, classes))
        yield Finding(
            use.site,
            f"`{use.loss.name}` on one unit tells two classes apart, but the labels have {classes}"
            + (": it raises" if use.loss.family == "bce" else ": the loss falls below zero without end"),
            because=notes(
                (use.target.labels.site, use.site, f"the labels have {classes} classes"),
                (_head(use), use.site, "the head has one unit"),
            ),
            fix=_softmax_head(use, classes),
        )


def _many_classes(use: LossUse) -> int | None:
    """How many classes reach a head of one unit, if more than two."""
    label = None if use.target is None else use.target.labels.value
    single = use.prediction is not None and use.prediction.units.must_be(1)
    if label is None or label.kind != "integer" or not single or not use.loss.targets.must_be("binary"):
        return None
    if _first_label(use) is not None:
        return None
    classes = label.count or (label.high + 1 if label.high is not None else 0)
    return classes if classes > 2 and (label.low or 0) >= 0 else None


def _head(use: LossUse) -> Site | None:
    if use.prediction is None:
        return None
    layer = use.prediction.layer
    return use.prediction.units.site or (layer.site if layer is not None else None)


def _softmax_head(use: LossUse, classes: int) -> Fix:
    advice = f"give the head {classes} units with softmax and train with sparse categorical cross-entropy"
    layer = None if use.prediction is None else use.prediction.layer
    if use.framework != "keras":
        return hint(f"give the head {classes} units and train with cross-entropy on whole-number labels")
    loss_site = use.loss.site
    if (
        layer is None
        or layer.units_site is None
        or layer.activation_site is None
        or loss_site is None
        or use.loss.name != "binary_crossentropy"
    ):
        return hint(advice)
    edits: list[Edit] = [Replace(layer.units_site, str(classes)), Retext(layer.activation_site, "softmax")]
    return unsafe(advice, *edits, Retext(loss_site, "sparse_categorical_crossentropy"))
