"""Which token each position of a language model is asked for."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import notes
from mllint.facts import Site
from mllint.program import Fit, LossUse, Program
from mllint.rule import ERROR, WARNING, Finding, Fix, Undo, hint, rule, unsafe
from mllint.values import FALSE, TRUE, UNKNOWN, Const, Data, Layer, Name, Padding, Seen, Tokens, Value

TOKEN_LOSSES = ("cross_entropy", "nll", "causal_lm", "sparse_categorical_crossentropy")
SHIFTS_ITSELF = "causal_lm"
IGNORED = Const(-100)
UNTOUCHED = "untouched"
"""The mark of zeros that nothing was written into yet."""
READ_ON = ("LSTM", "GRU", "SimpleRNN")
"""Layers of Keras that read a sequence from its beginning."""
PLACEWISE = (
    "Embedding",
    "Dense",
    "TimeDistributed",
    "Dropout",
    "SpatialDropout1D",
    "LayerNormalization",
    "Activation",
    "Softmax",
    "ReLU",
    "LeakyReLU",
)
"""Layers of Keras that treat each position of a sequence alone."""


@rule("ML208", ERROR)
def missing_next_token_shift(program: Program) -> Iterator[Finding]:
    """Each position is asked for the very token it was shown."""
    reported: set[Site] = set()
    for use in program.losses:
        seen = _seen_by(program, use)
        if seen is None or not _asked_for_what_it_saw(use, seen) or use.site in reported:
            continue
        reported.add(use.site)
        yield Finding(
            use.site,
            "the targets are the token ids that the model is given, at the same positions: "
            "each one is predicted from a state that has already seen it",
            because=notes(
                (seen.site, use.site, "this lets a position see itself and those before it"),
                (_copied(use), use.site, "the targets are a copy of the ids"),
            ),
            fix=hint(
                "compare the scores of all positions but the last with the ids from the second on: "
                "`logits[:, :-1]` with `ids[:, 1:]`"
            ),
        )


def _copied(use: LossUse) -> Site | None:
    return None if use.target is None or use.target.tokens is None else use.target.tokens.copied


def _seen_by(program: Program, use: LossUse) -> Seen | None:
    """Which ids each position of the output saw; of a Keras model, those it is fitted on."""
    if use.prediction is None or use.framework != "keras":
        return None if use.prediction is None else use.prediction.seen
    given = _fit_of(program, use)
    ids = None if given is None or given.x is None else given.x.tokens
    layers = list(_layers(use.prediction))
    reads_on = next((layer for layer in layers if layer.type in READ_ON), None)
    if ids is None or reads_on is None or not layers or layers[-1].type != "Embedding":
        return None
    return Seen(ids, True, reads_on.site) if all(map(_keeps_places, layers)) else None


def _fit_of(program: Program, use: LossUse) -> Fit | None:
    return next((fit for fit in program.fits if use.fit_site is not None and fit.site is use.fit_site), None)


def _layers(output: Data) -> Iterator[Layer]:
    """The layers that an output went through, the last one first, where each has one input."""
    applied = output.applied
    while applied is not None and applied.layer is not None:
        yield applied.layer
        applied = applied.inputs[0].applied if len(applied.inputs) == 1 else None


def _keeps_places(layer: Layer) -> bool:
    """Whether each position of what a layer gives depends on itself and those before it only."""
    if layer.type in READ_ON:
        return layer.arg("return_sequences") == TRUE and layer.arg("go_backwards") in (UNKNOWN, FALSE)
    return layer.type in PLACEWISE


def _asked_for_what_it_saw(use: LossUse, seen: Seen) -> bool:
    target = None if use.target is None else use.target.tokens
    if target is None or not use.training or use.loss.family not in TOKEN_LOSSES or use.loss.family == SHIFTS_ITSELF:
        return False
    return seen.causal and _window(target) == _window(seen.tokens)


def _window(tokens: Tokens) -> tuple[int, int, int, int]:
    return tokens.origin, tokens.start, tokens.stop, tokens.cut


@rule("ML209", ERROR)
def double_next_token_shift(program: Program) -> Iterator[Finding]:
    """The labels are moved by one token before a model that moves them itself."""
    reported: set[Site] = set()
    for use in program.losses:
        if use.loss.family != SHIFTS_ITSELF or use.prediction is None or use.target is None:
            continue
        given, labels = use.prediction.seen, use.target.tokens
        site = None if labels is None else labels.site or use.site
        if given is None or labels is None or site is None or site in reported or not _ahead(given.tokens, labels):
            continue
        reported.add(site)
        yield Finding(
            site,
            f"the labels are one token ahead of the ids, but `{use.loss.name}` compares each position with the "
            "label behind it already: it learns to predict the token after the next",
            because=notes(
                (
                    given.tokens.site,
                    site,
                    "the ids leave out the last token"
                    if given.tokens.stop == -1
                    else "the ids that the model is given",
                ),
                (use.site, site, f"`{use.loss.name}` computes the loss here"),
            ),
            fix=_uncut(given.tokens, labels),
        )


def _ahead(given: Tokens, labels: Tokens) -> bool:
    """Proven: each label is the token behind the id at its position."""
    related = given.origin == labels.origin or (given.stop == -1 and labels.start == 1)
    return related and labels.start - given.start == 1


def _uncut(given: Tokens, labels: Tokens) -> Fix:
    advice = "give the model the same, uncut ids as `input_ids` and as `labels`"
    whole = given.origin == labels.origin and (given.start, given.stop, labels.start, labels.stop) == (0, -1, 1, 0)
    if whole and given.site is not None and labels.site is not None:
        return unsafe(advice, Undo(given.site), Undo(labels.site))
    return hint(advice)


@rule("ML210", WARNING)
def padding_not_ignored(program: Program) -> Iterator[Finding]:
    """The loss counts the tokens that only fill a sequence up."""
    reported: set[Site] = set()
    for use in program.losses:
        tokens = None if use.target is None or UNTOUCHED in use.target.tags else use.target.tokens
        if tokens is None or tokens.padding is None or not _counts(program, use, tokens.padding):
            continue
        site = _where_filled(use, tokens)
        if site in reported:
            continue
        reported.add(site)
        yield Finding(
            site,
            f"the targets are filled up with {_named(tokens.padding.value)}, and `{use.loss.name}` counts "
            "these positions: the model is trained, and seems good, for predicting padding",
            because=notes(
                (tokens.padding.site, site, "the sequences are filled up here"),
                (use.loss.site or use.site, site, f"`{use.loss.name}` {_left_out(use)}"),
            ),
            fix=_advice(use, tokens.padding),
        )


def _where_filled(use: LossUse, tokens: Tokens) -> Site:
    """What to point at: the loss that leaves nothing out, or the labels that a model is given."""
    if use.framework == "keras":
        return use.fit_site or use.site
    if use.loss.site is not None:
        return use.target_site or use.site
    return tokens.copied or tokens.site or use.site


def _counts(program: Program, use: LossUse, padding: Padding) -> bool:
    """Whether a loss is proven to take padding for targets."""
    if use.framework == "keras":
        return use.loss.family in TOKEN_LOSSES and padding.value != Const(-1) and _unmasked(program, use)
    if use.loss.family not in TOKEN_LOSSES or not use.training:
        return False
    if any(use.loss.arg(name) is not None for name in ("weight", "reduce")):
        return False
    if use.loss.arg("reduction") not in (None, Const("mean"), Const("sum")):
        return False
    return _differ(padding.value, use.loss.arg("ignore_index") or IGNORED)


def _unmasked(program: Program, use: LossUse) -> bool:
    """Proven: a Keras model gives one answer a position, and nothing masks or weights the positions."""
    fit, output = _fit_of(program, use), use.prediction
    layers = [] if output is None else list(_layers(output))
    if fit is None or fit.weighted or output is None or len(output.shape or ()) != 3 or not layers:
        return False
    embedding = layers[-1]
    return embedding.type == "Embedding" and embedding.arg("mask_zero") in (UNKNOWN, FALSE) and use.loss.args == ()


def _differ(padding: Value, ignored: Value) -> bool:
    """Proven: two ids are not the same; a tokenizer's own is never negative."""
    if isinstance(padding, Const) and isinstance(ignored, Const):
        return bool(padding.value != ignored.value)
    return isinstance(padding, Name) and ignored == IGNORED


def _named(value: Value) -> str:
    return f"`{value.value!r}`" if isinstance(value, Const) else "the padding token"


def _left_out(use: LossUse) -> str:
    if use.framework == "keras":
        return "gets no mask"
    ignored = use.loss.arg("ignore_index")
    return f"leaves out {-100 if ignored in (None, UNKNOWN) else ignored!r} only"


def _advice(use: LossUse, padding: Padding) -> Fix:
    if use.framework == "keras":
        return hint("`mask_zero=True` in the embedding, or a `sample_weight` of 0 where there is padding")
    if use.loss.site is not None and isinstance(padding.value, Const):
        return hint(f"`ignore_index={padding.value.value!r}`, if no real token has this id; else fill up with -100")
    return hint("put -100 in the labels where there is padding: `labels[attention_mask == 0] = -100`")
