"""Recurrent layers and attention: which axis is time, and which steps come out."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import notes
from mllint.checks.model.way import BATCH_NORM, DENSE, DROPOUT, SAME, before
from mllint.program import Program
from mllint.rule import ERROR, WARNING, AddArgument, Finding, hint, rule, safe
from mllint.values import FALSE, NONE, TRUE, Applied, Data, Layer, Value

RECURRENT = ("LSTM", "GRU", "SimpleRNN", "CuDNNLSTM", "CuDNNGRU")
KEPT = ("LayerNormalization", "Activation", "ReLU", "LeakyReLU", "Masking", "ActivityRegularization", "GaussianNoise")
BATCH_SECOND = (
    "RNN",
    "LSTM",
    "GRU",
    "MultiheadAttention",
    "TransformerEncoderLayer",
    "TransformerDecoderLayer",
    "Transformer",
)


@rule("ML610", ERROR)
def return_sequences_misuse(program: Program) -> Iterator[Finding]:
    """A recurrent layer gives its last step where the steps are wanted, or the other way about."""
    yield from _steps_for_one_value(program)
    for second in program.applied:
        after = _recurrent(second)
        first = before(second, *DROPOUT, *SAME, *BATCH_NORM, *KEPT) if after is not None else None
        layer = None if first is None else _recurrent(first)
        if (
            first is None
            or layer is None
            or after is None
            or layer.site is None
            or _setting(layer, "return_sequences") != FALSE
        ):
            continue
        if _setting(layer, "return_state") != FALSE:
            continue
        given = any(name == "return_sequences" for name, _ in layer.args)
        message = "give the whole sequence on: `return_sequences=True`"
        yield Finding(
            layer.site,
            f"`{layer.type}` gives its last step only, but the `{after.type}` behind it takes a sequence: raises",
            because=notes((after.site, layer.site, "the next recurrent layer")),
            fix=hint(message) if given else safe(message, AddArgument(layer.site, "return_sequences=True")),
        )


def _steps_for_one_value(program: Program) -> Iterator[Finding]:
    """A value for every step meets one value for every row."""
    for use in program.losses:
        shape = use.target.shape if use.target is not None else None
        head = use.prediction.applied if use.prediction is not None and use.prediction.direct else None
        one = shape is not None and (len(shape) == 1 or (len(shape) == 2 and shape[1] == 1))
        if use.framework != "keras" or not one or head is None or head.layer is None or head.layer.type not in DENSE:
            continue
        first = before(head, *DROPOUT, *SAME, *BATCH_NORM, *DENSE, *KEPT)
        layer = None if first is None else _recurrent(first)
        if layer is None or layer.site is None or _setting(layer, "return_sequences") != TRUE:
            continue
        silent = use.loss.family in ("mse", "mae", "huber", "mape", "msle", "log_cosh")
        yield Finding(
            layer.site,
            f"`{layer.type}` gives all its steps, so that the model gives a value for each of them, but the targets have one for each row"
            + (f": `{use.loss.name}` compares it with every step" if silent else ": raises"),
            because=notes(
                (head.layer.site, layer.site, "the output layer"), (use.site, layer.site, "the targets meet it here")
            ),
            fix=hint("leave out `return_sequences=True` in the last recurrent layer"),
        )


def _recurrent(node: Applied) -> Layer | None:
    """The recurrent layer, itself or the one that is run in both directions."""
    layer = node.layer
    if layer is not None and layer.type == "Bidirectional" and layer.layers and isinstance(layer.layers[0], Layer):
        layer = layer.layers[0]
    return layer if layer is not None and layer.framework == "keras" and layer.type in RECURRENT else None


def _setting(layer: Layer, name: str) -> Value:
    """An argument, or that it was left out: False."""
    hides = layer.arg("**") == TRUE
    return next((value for key, value in layer.args if key == name), NONE if hides else FALSE)


@rule("ML616", ERROR)
def batch_first_mismatch(program: Program) -> Iterator[Finding]:
    """Rows of a batch are taken for the steps of a sequence."""
    for node in program.applied:
        outer = node.layer
        layer = outer.arg("encoder_layer") if outer is not None and outer.type == "TransformerEncoder" else outer
        if (
            not isinstance(layer, Layer)
            or layer.framework != "torch"
            or layer.type not in BATCH_SECOND
            or layer.site is None
        ):
            continue
        if len(node.inputs) != 1 or not _rows_first(node.inputs[0]) or _setting(layer, "batch_first") != FALSE:
            continue
        given = any(name == "batch_first" for name, _ in layer.args)
        message = "say that the batch comes first: `batch_first=True`"
        yield Finding(
            layer.site,
            f"`{layer.type}` takes the first axis for time (`batch_first` is False), but its input comes from a loader with the batch "
            "first: the rows of a batch are mixed as if they were steps of one sequence",
            because=notes((node.site, layer.site, "it is applied here")),
            fix=hint(message) if given else safe(message, AddArgument(layer.site, "batch_first=True")),
        )


def _rows_first(data: Data) -> bool:
    """Proven: a batch of a loader, rows first, then steps, then features."""
    shape = data.shape
    return "batched" in data.tags and shape is not None and len(shape) == 3 and shape[0] is None


@rule("ML615", WARNING)
def attention_mask_missing(program: Program) -> Iterator[Finding]:
    """What only fills sequences up is attended to like everything else."""
    for each in program.unmasked:
        padding = each.tokens.padding
        yield Finding(
            each.site,
            f"`{each.name}` gets sequences that are filled up, and no `{each.mask}`: it attends to the padding as to everything else, "
            "and the result for a text depends on how long the others of its batch are",
            because=notes((padding.site if padding is not None else None, each.site, "filled up here")),
            fix=hint(f"give it the mask: `{each.mask}=…`"),
        )
