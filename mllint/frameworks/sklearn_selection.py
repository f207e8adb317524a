"""scikit-learn's ways to divide rows: ``train_test_split``, the splitters and cross-validation."""

from __future__ import annotations

from dataclasses import replace

from mllint.facts import Fact, known, nothing
from mllint.frameworks import lineage, sklearn
from mllint.frameworks.table import Call, bases, method, row
from mllint.program import Argument, Fit, Split, Splitter
from mllint.values import FALSE, NONE, TRUE, UNKNOWN, Const, Data, Encoding, Move, Obj, Tuple, Value

SPLITTER = "sklearn.model_selection.BaseCrossValidator"
_ORDERED = ("KFold", "StratifiedKFold", "GroupKFold", "StratifiedGroupKFold", "TimeSeriesSplit", "LeaveOneOut", "LeavePOut", "LeaveOneGroupOut", "PredefinedSplit")  # fmt: skip
_FOLDS = ("KFold", "StratifiedKFold", "StratifiedGroupKFold")
"""Those of them that can shuffle."""
_SHUFFLING = ("ShuffleSplit", "StratifiedShuffleSplit", "GroupShuffleSplit", "RepeatedKFold", "RepeatedStratifiedKFold")


@row("sklearn.model_selection.train_test_split")
def train_test_split(
    call: Call,
    *arrays: Value,
    test_size: Value = NONE,
    train_size: Value = NONE,
    random_state: Value = NONE,
    shuffle: Value = TRUE,
    stratify: Value = NONE,
) -> Value:
    if not arrays or (not call.complete and any(array is UNKNOWN for array in arrays)):
        return UNKNOWN
    obj = call.new("sklearn.split")
    given = [lineage.as_data(call, lineage.single(array)) for array in arrays]
    unknown = lineage.fresh(call, space=UNKNOWN)
    datas = [unknown if data is None else data for data in given]
    shuffles = True if shuffle == TRUE else False if shuffle == FALSE else None
    order = call.tick()
    results: list[Data] = []
    moves = _moves(call, (test_size, train_size, stratify), random_state, shuffles)
    for data in datas:
        for index in (0, 1):
            results.append(half(call, data, obj, index, shuffles, moves))
    share = Argument() if call.given("train_size") else call.argument("test_size")
    call.program.splits.append(
        Split(
            call.site,
            "train_test_split",
            tuple(datas),
            shuffles,
            order,
            results=tuple(results),
            share=share,
            stratify=call.argument("stratify"),
            names=_plain_names(call),
        )
    )
    call.event("split", obj, *datas, framework="sklearn")
    return Tuple(tuple(results))


def _plain_names(call: Call) -> tuple[str, ...]:
    """What the positional arguments are called, if all of them are names."""
    found = [getattr(site, "value", None) for _, site in call.positional]
    return (
        tuple(name for name in found if isinstance(name, str) and name.isidentifier())
        if all(isinstance(name, str) and name.isidentifier() for name in found)
        else ()
    )


def _moves(call: Call, sizes: tuple[Value, ...], random_state: Value, shuffles: bool | None) -> tuple[Move, ...] | None:
    """How a split moves rows, before they are cut in two: alike for alike arguments."""
    if not shuffles:
        return () if shuffles is False else None
    key = lineage.key_of(call, random_state if call.complete else UNKNOWN)
    alike = all(isinstance(size, Const) for size in sizes)
    return None if key is None else (Move("shuffled", key if alike or key[0] != "seed" else ("maybe", *key[1:])),)


def half(
    call: Call, data: Data, obj: Obj, index: int, shuffles: bool | None, moves: tuple[Move, ...] | None = None
) -> Data:
    """The first or second part of data that was split."""
    name = {"train": ("train", "val"), "test": ("val", "test"), "val": ("val", "test")}.get(
        data.part.value or "", ("train", "test")
    )[index]
    shape = (None, *data.shape[1:]) if data.shape else None

    def change(d: Data) -> Data:
        tags = d.tags | {"shuffled"} if shuffles is not False else d.tags
        d = d.did("split", call.site, obj, part=known(name, call.site), split=obj, tags=tags)
        cut = (
            None
            if moves is None
            else (*(replace(each, site=call.site) for each in moves), Move("picked", ("half", index)))
        )
        return lineage.after(d, cut)

    return lineage.every_column(data.with_(shape=shape), change)


# -- splitters --------------------------------------------------------------------------------------------------------
@row(*(f"sklearn.model_selection.{name}" for name in (*_ORDERED, *_SHUFFLING)))
def splitter(call: Call, *numbers: Value, shuffle: Value = FALSE, random_state: Value = NONE, **rest: Value) -> Value:
    name = call.path.rpartition(".")[2]
    if name in _FOLDS and len(numbers) > 1:  # ``KFold(5, True, 0)``, as it was before the others had to be named
        shuffle = numbers[1]
    elif name in _FOLDS and call.complete:
        call.program.splitters.append(
            Splitter(call.site, name, call.argument("shuffle"), call.argument("random_state"))
        )
    if name in _SHUFFLING:
        shuffle = TRUE
    return call.new(call.path, shuffle=shuffle)


for _name in (*_ORDERED, *_SHUFFLING):
    bases(f"sklearn.model_selection.{_name}", SPLITTER)


@method(SPLITTER, "split")
def split(call: Call, obj: Obj, X: Value = UNKNOWN, y: Value = NONE, groups: Value = NONE) -> Value:
    used = tuple(data for value in (X, y) if (data := lineage.as_data(call, lineage.single(value))) is not None)
    setting = call.get(obj, "shuffle")
    shuffles = True if setting == TRUE else False if setting == FALSE else None
    call.program.splits.append(Split(call.site, "cv", used, shuffles, order=call.tick(), by=obj))
    tags = frozenset({"index", "shuffled"} if shuffles is not False else {"index"})
    pair = Tuple(tuple(index_of(call, obj, part, tags) for part in ("train", "test")))
    return call.new("list", items=UNKNOWN, element=pair)


def index_of(call: Call, obj: Obj, part: str, tags: frozenset[str]) -> Data:
    """Positions of the rows of one part."""
    return Data(part=known(part, call.site), split=obj, space=UNKNOWN, dtype="int64", tags=tags)


@method(SPLITTER, "get_n_splits")
def get_n_splits(call: Call, obj: Obj, **rest: Value) -> Value:
    return UNKNOWN


# -- cross-validation -------------------------------------------------------------------------------------------------
@row(
    *(
        f"sklearn.model_selection.{n}"
        for n in ("cross_val_score", "cross_validate", "cross_val_predict", "learning_curve", "validation_curve")
    )
)
def cross_validate(
    call: Call, estimator: Value, X: Value = UNKNOWN, y: Value = NONE, cv: Value = NONE, **rest: Value
) -> Value:
    x, target = lineage.as_data(call, lineage.single(X)), lineage.as_data(call, lineage.single(y))
    if x is not None and not sklearn.sees_every_column(call, estimator):
        x = x.with_(chosen=None)
    used = tuple(data for data in (x, target) if data is not None)
    setting = call.get(cv, "shuffle")
    shuffles = True if setting == TRUE else False if setting == FALSE else None
    call.program.splits.append(Split(call.site, "cv", used, shuffles, order=call.tick(), by=cv))
    name = call.path.rpartition(".")[2]
    role = sklearn.role_of(call, estimator)
    kind = {"classifiers": "classifier", "regressors": "regressor", "clusterers": "clusterer"}.get(role, "unknown")
    call.program.fits.append(
        Fit(
            call.site,
            "sklearn",
            estimator,
            kind,
            sklearn.name_of(call, estimator),
            x,
            target,
            call.where("y"),
            method=name,
            order=call.tick(),
            loops=call.engine.loops,
            whole=False,
            estimators=sklearn.estimators_of(call, estimator),
            settings=sklearn.settings_of(call, estimator),
        )
    )
    score = lineage.scored(call, name, estimator, x, "cv")
    if name == "cross_val_predict":
        hard = known("hard", call.site) if kind == "classifier" and "method" not in rest else nothing()
        return Data(
            source=x.source if x is not None else nothing(),
            scale=hard,
            labels=_labels(target),
            space=target.space if target is not None else UNKNOWN,
            model=estimator,
            tags=frozenset({"prediction", "out-of-fold"}),
        )
    return score if name == "cross_val_score" else UNKNOWN


def _labels(target: Data | None) -> Fact[Encoding]:
    return target.labels if target is not None else nothing()
