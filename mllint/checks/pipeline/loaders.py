"""What gives the batches: the order of a pipeline's operations, random generators in workers, batches left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from mllint.facts import Site
from mllint.program import Draw, Event, Loader, Loop, Operation, Pass, Pipeline, Program
from mllint.rule import INFO, WARNING, AddArgument, Edit, Finding, Fix, Note, Remove, Replace, Swap, hint, rule, safe
from mllint.values import TRUE, Const, Obj, constant

BATCHING = ("batch", "padded_batch", "ragged_batch")
APART = ("unbatch", "flat_map", "interleave", "rebatch", "window", "group_by_window", "bucket_by_sequence_length")
"""Operations after which rows are others, or batches are none any more."""
PARTING = ("take", "skip", "shard", "filter")
STILL = ("prefetch", "with_options")
"""Operations that change nothing about what comes in which order."""


@rule("ML704", WARNING)
def shuffle_after_batch(program: Program) -> Iterator[Finding]:
    """Rows are shuffled where it does not help: as whole batches, one at a time, across epochs; or randomness is kept."""
    for pipeline in _whole(program):
        operations = pipeline.operations
        if any(each.kind == "window" for each in operations):
            continue
        for index, operation in enumerate(operations):
            before, after = operations[:index], operations[index + 1 :]
            if operation.kind == "shuffle":
                yield from _shuffle(operation, before, after)
            elif operation.kind == "cache":
                yield from _cached_augmentation(operation, before)


def _whole(program: Program) -> Iterator[Pipeline]:
    """The pipelines that are no beginning of a longer one."""
    begun = {_places(each)[:-1] for each in program.pipelines}
    return (each for each in program.pipelines if _places(each) not in begun)


def _places(pipeline: Pipeline) -> tuple[Site, ...]:
    return tuple(each.site for each in pipeline.operations)


def _shuffle(shuffle: Operation, before: Sequence[Operation], after: Sequence[Operation]) -> Iterator[Finding]:
    batched = _since(before, BATCHING)
    if batched is not None:
        again = any(each.kind in (*BATCHING, *APART) for each in after)
        if not again and not any(each.kind == "shuffle" for each in before) and not _is(batched, 1):
            yield Finding(
                shuffle.name_site or shuffle.site,
                "`shuffle` comes after `batch`: it changes the order of the batches, but each batch consists of the "
                "same rows in every epoch",
                because=[Note(batched.name_site or batched.site, "rows are put into batches here")],
                fix=_exchange(batched, shuffle, before, "shuffle the rows before they are put into batches"),
            )
        return
    repeated = _since(before, ("repeat",))
    if repeated is not None and not _is(repeated, 1):
        if not any(each.kind == "shuffle" for each in before):
            yield Finding(
                shuffle.name_site or shuffle.site,
                "`shuffle` comes after `repeat`: rows of different epochs are mixed, so that an epoch may have some rows "
                "twice and others not at all",
                because=[Note(repeated.name_site or repeated.site, "the rows are repeated here")],
                fix=_exchange(repeated, shuffle, before, "shuffle before repeating"),
                severity=INFO,  # some do so on purpose, to keep the buffer full
            )
        return
    yield from _tiny(shuffle, before, after)


def _tiny(shuffle: Operation, before: Sequence[Operation], after: Sequence[Operation]) -> Iterator[Finding]:
    size = _argument(shuffle, "buffer_size")
    following = next((each for each in after if each.kind not in (*STILL, "map", "cache", "repeat")), None)
    batch = _argument(following, "batch_size") if following is not None and following.kind in BATCHING else None
    if type(size) is not int or size < 1:
        return
    if size == 1:
        message = "`shuffle` with a buffer of one row changes nothing"
    elif type(batch) is int and size < batch:
        message = f"`shuffle` with a buffer of {size} rows hardly mixes: fewer than the {batch} of one batch"
    else:
        return
    if any(each.kind in ("shuffle", *PARTING) for each in (*before, *after)):
        return
    yield Finding(
        shuffle.name_site or shuffle.site,
        message,
        because=[]
        if size == 1 or following is None
        else [Note(following.name_site or following.site, f"batches of {batch} rows")],
        fix=hint("give `shuffle` a buffer as large as the data set, or as large as memory allows"),
    )


def _cached_augmentation(cache: Operation, before: Sequence[Operation]) -> Iterator[Finding]:
    mapped = next((each for each in before if each.random is not None), None)
    if mapped is None or mapped.random is None:
        return
    yield Finding(
        cache.name_site or cache.site,
        "`cache` comes after a random change of the rows: what the first epoch drew comes again in all others",
        because=[Note(mapped.name_site or mapped.site, "the rows are changed here"), Note(mapped.random, "at random")],
        fix=hint("call `cache` before the `map` that changes rows at random"),
    )


@rule("ML705", WARNING)
def shuffle_cached(program: Program) -> Iterator[Finding]:
    """The order of the first epoch is cached."""
    for pipeline in _whole(program):
        operations = pipeline.operations
        for index, operation in enumerate(operations):
            before = operations[:index]
            shuffled = _since(before, ("shuffle",), (*APART, *BATCHING))
            if operation.kind != "cache" or shuffled is None:
                continue
            later = any(each.kind in ("shuffle", *APART) for each in operations[index + 1 :])
            fixed = _argument(shuffled, "reshuffle_each_iteration", 2) is False or not shuffled.complete
            parted = any(each.kind in PARTING for each in before)
            if later or fixed or parted or any(each.random is not None for each in before):
                continue
            yield Finding(
                operation.name_site or operation.site,
                "`cache` comes after `shuffle`: the order of the first epoch is kept, and comes again in all others",
                because=[Note(shuffled.name_site or shuffled.site, "the rows are shuffled here")],
                fix=_exchange(shuffled, operation, before, "shuffle what is cached"),
            )


def _since(before: Sequence[Operation], kinds: Sequence[str], undone: Sequence[str] = APART) -> Operation | None:
    """The last operation of these kinds that none undoes."""
    for each in reversed(before):
        if each.kind in kinds:
            return each
        if each.kind in undone:
            return None
    return None


def _argument(operation: Operation, name: str, place: int = 0) -> object:
    """The constant that an argument is."""
    positional = len(operation.arguments) - len(operation.named)
    if name in operation.named:
        return constant(operation.arguments[positional + operation.named.index(name)].value)
    return constant(operation.arguments[place].value) if place < positional else None


def _is(operation: Operation, number: int) -> bool:
    """Whether its first argument is this number."""
    return bool(operation.arguments) and operation.arguments[0].value == Const(number)


def _exchange(first: Operation, second: Operation, before: Sequence[Operation], message: str) -> Fix:
    """Two operations in the other order, where they are written one behind the other and hold one argument at most."""
    adjacent = bool(before) and before[-1] is first
    edits = _exchanged(first, second) if adjacent else ()
    return safe(message, *edits) if edits else hint(message)


def _exchanged(first: Operation, second: Operation) -> tuple[Edit, ...]:
    names = (first.name_site, second.name_site)
    if None in names or first.named or second.named or not (first.complete and second.complete):
        return ()
    renamed: tuple[Edit, ...] = (Replace(names[0], second.kind), Replace(names[1], first.kind))  # type: ignore[arg-type]
    count = (len(first.arguments), len(second.arguments))
    if count == (0, 0):
        return renamed
    if count == (1, 1):
        sites = (first.arguments[0].site, second.arguments[0].site)
        return () if None in sites else (*renamed, Swap(sites[0], sites[1]))  # type: ignore[arg-type]
    full, empty = (first, second) if count == (1, 0) else (second, first)
    if count not in ((1, 0), (0, 1)) or full.arguments[0].site is None:
        return ()
    value = full.arguments[0].value
    if type(value) is not Const or not isinstance(value.value, int):
        return ()
    return (*renamed, Remove(full.arguments[0].site), AddArgument(empty.site, str(value.value)))


# -- torch's loaders ----------------------------------------------------------------------------------------------------
@rule("ML703", WARNING)
def identical_worker_randomness(program: Program) -> Iterator[Finding]:
    """Each worker process has a copy of the same random generator."""
    for loader in program.loaders:
        workers = constant(loader.workers.value)
        if loader.worker_init.given or type(workers) is not int or workers < 1:
            continue
        for generator, (method, draw) in _copied(program, loader).items():
            made = generator.site
            why = "PyTorch seeds numpy's generator only since 1.9" if made is None else "each starts with a copy of it"
            yield Finding(
                made or draw.site,
                f"all {workers} workers of the loader draw the same random numbers, in each epoch from the start: {why}",
                because=[
                    Note(draw.site, f"`{method}` draws here, in a worker"),
                    Note(loader.workers.site or loader.site, "the workers are asked for here"),
                ],
                fix=hint(
                    "make a generator in each worker, in a `worker_init_fn`, of `torch.utils.data.get_worker_info().seed`, "
                    "or draw from torch's global generator, which is seeded there"
                ),
            )


def _copied(program: Program, loader: Loader) -> dict[Obj, tuple[str, Draw]]:
    """Generators made before the workers start that they draw from, with the first draw of each."""
    found: dict[Obj, tuple[str, Draw]] = {}
    for draw in program.draws:
        method = next((name for name, owner in draw.readers if name in FETCHES and owner in loader.datasets), None)
        if method is not None and isinstance(draw.generator, Obj) and not _seeded_by_torch(program, draw.generator):
            found.setdefault(draw.generator, (method, draw))
    return found


FETCHES = ("__getitem__", "__getitems__", "__iter__")


def _seeded_by_torch(program: Program, generator: Obj) -> bool:
    """Whether workers seed it: PyTorch does so with numpy's global generator since 1.9."""
    return generator.site is None and program.versions.of("torch") >= (1, 9)


@rule("ML710", WARNING)
def drop_last_in_eval(program: Program) -> Iterator[Finding]:
    """The last batch is left out of an evaluation."""
    training = {loader.site for loader in program.loaders if any(each.trains for each in _passes(program, loader))}
    for loader in program.loaders:
        passes = _passes(program, loader)
        if loader.drop_last.value != TRUE or not passes or not all(map(_evaluates, passes)) or _divides(loader):
            continue
        site = loader.drop_last.site
        shared = site is None or loader.site in training
        yield Finding(
            site or loader.site,
            "`drop_last=True` leaves the rows of the last batch out of the evaluation",
            because=[Note(passes[0].site, "the model is evaluated on these batches")],
            fix=hint("leave `drop_last` out for the rows that are evaluated")
            if shared or site is None
            else safe("evaluate all rows", Remove(site)),
        )


def _passes(program: Program, loader: Loader) -> list[Pass]:
    return [each for each in program.passes if each.over == loader.value]


def _evaluates(each: Pass) -> bool:
    """Whether a model is proven to be only measured on the batches."""
    if each.trains or not each.uses_model:
        return False
    if each.loop is None:
        return True
    events = list(each.loop.walk())
    forwards = [event for event in events if event.kind in ("forward", "predict")]
    if any(event.kind in ("backward", "step", "fit") for event in events):
        return False
    return all(event.grad is False for event in forwards) or not any(event.kind == "unknown_call" for event in events)


TEN_THOUSAND = ("MNIST", "FashionMNIST", "KMNIST", "CIFAR10", "CIFAR100")
"""Data sets of torchvision whose parts are multiples of ten thousand rows."""


def _divides(loader: Loader) -> bool:
    """Whether no rows are left over."""
    size = constant(loader.batch_size.value)
    whole = [each for each in loader.datasets if isinstance(each, Obj) and each.kind.rpartition(".")[2] in TEN_THOUSAND]
    return bool(whole) and type(size) is int and size > 0 and 10_000 % size == 0


# -- waiting for the device -------------------------------------------------------------------------------------------
@rule("ML707", INFO, default=False)
def sync_in_hot_loop(program: Program) -> Iterator[Finding]:
    """The program waits for the device after each batch, to look at a number."""
    loops = {loop.site: loop for loop in program.loops() if _learns(loop)}
    for each in program.syncs:
        loop = loops.get(each.loops[-1])
        if loop is None or each.data.loss is None or len(each.path) > len(loop.path):
            continue
        yield Finding(
            each.site,
            f"`{each.name}()` waits in every batch until the device is done, and only then is the next batch begun",
            because=[Note(loop.site, "the loop over the batches")],
            fix=hint("add up `loss.detach()` and ask for the number once an epoch, or every hundred batches"),
        )


def _learns(loop: Loop) -> bool:
    kinds = {event.kind for event in loop.events if isinstance(event, Event)}
    return kinds >= {"backward", "step"}
