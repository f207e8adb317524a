"""What gives batches to training and evaluation, and in which order."""

from __future__ import annotations

from collections.abc import Iterator

from mllint.checks.evidence import CLASS_TARGETS, from_file, is_prediction, notes, same_rows
from mllint.facts import Site
from mllint.program import Loader, MetricUse, Pass, Program
from mllint.rule import ERROR, WARNING, AddArgument, Finding, Fix, Replace, hint, rule, safe
from mllint.values import FALSE, NONE, PASS, TRUE, Data, Move, Obj, Option, Tuple, Value

RECURRENT = ("LSTM", "GRU", "RNN", "LSTMCell", "GRUCell", "RNNCell")


# -- what a loader is used for ----------------------------------------------------------------------------------------
def passes(program: Program, loader: Loader) -> Iterator[Pass]:
    """The ways through a loader."""
    return (each for each in program.passes if each.over == loader.value)


def shared(program: Program, loader: Loader) -> bool:
    """Whether the call that makes it makes others too, which the same edit would change."""
    return any(each.site is loader.site and each.value != loader.value for each in program.loaders)


def shuffled(data: Data) -> bool:
    """Whether these rows were, or may have been, put into random order."""
    if "shuffled" in data.tags or data.last("shuffled") is not None:
        return True
    return data.order is not None and any(move.kind == "shuffled" for move in data.order)


@rule("ML309", WARNING)
def train_loader_not_shuffled(program: Program) -> Iterator[Finding]:
    """A model is trained on batches that come in the order of the data set, the same in every epoch."""
    seen: set[Site] = set()
    for loader in program.loaders:
        trained = next((each for each in passes(program, loader) if each.trains), None)
        if trained is None or loader.site in seen or not _keeps_order(loader) or _on_purpose(program, loader):
            continue
        seen.add(loader.site)
        read = next((site for data in loader.rows if (site := from_file(data)) is not None), None)
        yield Finding(
            loader.site,
            f"this `{loader.name}` gives the training rows in the order of the data set, the same in every epoch: "
            "it does not shuffle",
            because=notes(
                (read, loader.site, "the rows come from here, and nothing shuffles them since"),
                (trained.site, loader.site, "the model is trained on its batches here"),
            ),
            fix=_shuffle(program, loader),
        )


def _keeps_order(loader: Loader) -> bool:
    """Whether the rows are proven to come in the order of their source."""
    asked = loader.shuffle.value
    if (
        loader.map_style is not True
        or loader.sampled is not False
        or asked not in (FALSE, NONE)
        or isinstance(asked, Option)
    ):
        return False
    in_order = any(data.order is not None and data.source.known for data in loader.rows)
    return in_order and not any(map(shuffled, loader.rows))


def _on_purpose(program: Program, loader: Loader) -> bool:
    """Whether the order of the rows may matter, or was made by hand, or other rows are trained on shuffled."""
    if any(each.shuffle.value == TRUE and any(p.trains for p in passes(program, each)) for each in program.loaders):
        return True
    if any(event.kind == "shuffle" for event in program.events()):
        return True
    if any(map(_is_window, _batches(program, loader))):
        return True
    regression = not any(use.loss.targets.may_be(*CLASS_TARGETS) for use in program.losses if use.loss.targets.known)
    return regression and any(each.layer is not None and each.layer.type in RECURRENT for each in program.applied)


def _batches(program: Program, loader: Loader) -> Iterator[Data]:
    """The arrays in a loader's batches."""
    for each in passes(program, loader):
        for item in each.batch.items if isinstance(each.batch, Tuple) else (each.batch,):
            if isinstance(item, Data):
                yield item


def _is_window(data: Data) -> bool:
    """Whether each row is a stretch that was cut out at a place of its own."""
    return data.order is not None and any(move.kind == "picked" and move.key[0] == "cut" for move in data.order)


def _shuffle(program: Program, loader: Loader) -> Fix:
    message = "shuffle the rows in every epoch"
    if shared(program, loader) or any(not each.trains and each.uses_model for each in passes(program, loader)):
        return hint(f"{message}: `shuffle=True` for the training loader")
    if loader.shuffle.site is not None:
        return safe(message, Replace(loader.shuffle.site, "True"))
    return safe(message, AddArgument(loader.site, "shuffle=True"))


@rule("ML310", ERROR)
def shuffled_predictions(program: Program) -> Iterator[Finding]:
    """Predictions for shuffled batches are compared with labels in another order."""
    seen: set[Move] = set()
    for use in program.metrics:
        shuffle = _other_order(program, use.first.value, use.second.value)
        if shuffle is None or shuffle[0] in seen:
            continue
        predicted, labels = shuffle
        seen.add(predicted)
        loader = _shuffling(program, use)
        where = "in the order of the file" if labels is None else "in the order of another pass, shuffled anew"
        yield Finding(
            use.site,
            f"`{use.name}` compares predictions for shuffled batches with labels {where}: rows and labels do not belong together",
            because=notes(
                (None if loader is None else loader.site, use.site, "these batches are shuffled anew in each pass"),
                (predicted.site, use.site, "the predictions are made in this pass"),
                (None if labels is None else labels.site, use.site, "the labels are taken in this one"),
            ),
            fix=_keep_order(program, loader),
        )


def _other_order(program: Program, first: Value, second: Value) -> tuple[Move, Move | None] | None:
    """The passes that gave predictions and labels, where the same rows are proven to come in different orders."""
    if not isinstance(first, Data) or not isinstance(second, Data) or first.order is None or second.order is None:
        return None
    labels, predicted = (second, first) if is_prediction(first) else (first, second)
    if not is_prediction(predicted) or is_prediction(labels) or not _row_by_row(program, labels, predicted):
        return None
    one, other = _pass(predicted), _pass(labels)
    if one is None or one == other or _without_passes(predicted) != _without_passes(labels):
        return None
    return one, other


def _row_by_row(program: Program, labels: Data, predicted: Data) -> bool:
    """Whether labels are proven to be those of the rows that were predicted: of the same file, or put together with them."""
    pairs = ((pair.y, pair.x) for pair in program.pairs)
    return same_rows(labels, predicted) or any(same_rows(labels, y) and same_rows(predicted, x) for y, x in pairs)


def _pass(data: Data) -> Move | None:
    return next((move for move in reversed(data.order or ()) if move.key[0] == PASS), None)


def _without_passes(data: Data) -> tuple[Move, ...]:
    """What else was done to the rows; that a data set gives each of them once says nothing."""
    return tuple(move for move in data.order or () if move.key[0] not in (PASS, "any"))


def _shuffling(program: Program, use: MetricUse) -> Loader | None:
    """The loader whose batches were predicted."""
    datas = [value for value in (use.first.value, use.second.value) if isinstance(value, Data)]
    numbers = {move.key[2] for data in datas for move in data.order or () if move.key[0] == PASS}
    sites = {from_file(data) for data in datas}
    for each in program.loaders:
        if each.site in sites or (isinstance(each.value, Obj) and each.value.id in numbers):
            return each
    return None


def _keep_order(program: Program, loader: Loader | None) -> Fix:
    message = "keep the order of the rows in evaluation"
    if loader is None or shared(program, loader) or any(each.trains for each in passes(program, loader)):
        return hint(f"{message} (`shuffle=False`), or collect the labels from the batches that are predicted")
    if loader.shuffle.site is not None:
        return safe(message, Replace(loader.shuffle.site, "False"))
    return safe(message, AddArgument(loader.site, "shuffle=False"))
