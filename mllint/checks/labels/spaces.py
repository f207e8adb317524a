"""Two encodings of one label."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import (
    PARTS,
    encoder_name,
    encoding_site,
    integer_range,
    is_for_labels,
    is_identity,
    is_prediction,
    label_space,
    learnt_elsewhere,
    notes,
    on_held_out_rows,
    origin,
    to_transform,
)
from mllint.program import Program
from mllint.rule import (
    ERROR,
    Finding,
    Note,
    Unwrap,
    hint,
    rule,
    safe,
)
from mllint.values import Data, Obj


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
