"""Abstract values: what the reader knows about what an expression evaluates to. Knows no syntax tree.

Values are immutable. What a program can change (local instances, lists, dicts, models, fitted transformers) is an
``Obj``: a reference whose fields live in the reader's heap and are read and written through the ``Call`` a framework
row is given.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from mllint.facts import LIMIT, NOTHING, Fact, Site, known, nothing


class Unknown:
    """Nothing is known. There is one: ``UNKNOWN``."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN = Unknown()


@dataclass(frozen=True, slots=True)
class Const:
    """A Python constant: number, string, bytes, bool or None."""

    value: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Const) and type(self.value) is type(other.value) and self.value == other.value

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))

    def __repr__(self) -> str:
        return repr(self.value)


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Option(Const):
    """The default of something that whoever runs the program can set: a command line option.

    It counts as the constant that it is when nothing is said. A test that depends on it decides which way the program
    goes on, but both branches are read.
    """

    site: Site | None = None
    """Where the option is declared; None for what another part of the program decides (``self.training``)."""


NONE = Const(None)
TRUE = Const(True)
FALSE = Const(False)


@dataclass(frozen=True, slots=True)
class Name:
    """A module, class, function or constant of a framework or any other imported library, by its canonical path."""

    path: str

    def __repr__(self) -> str:
        return self.path


@dataclass(frozen=True, slots=True)
class Tuple:
    """A tuple whose length is known."""

    items: tuple[Value, ...]

    def __repr__(self) -> str:
        return "(" + ", ".join(map(repr, self.items)) + ")"


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice object."""

    start: Value
    stop: Value
    step: Value


@dataclass(frozen=True, slots=True)
class Obj:
    """A reference to something with fields that change. Two references are equal when they are the same object.

    ``kind`` is ``"list"``, ``"dict"``, ``"set"``, ``"instance"`` (of a local class, field ``"class"``) or the canonical
    path of the framework class (``"keras.Model"``, ``"sklearn.preprocessing.StandardScaler"``, ``"torch.optim.Adam"``).
    """

    id: int
    kind: str = field(compare=False)
    site: Site | None = field(compare=False, default=None)

    def __repr__(self) -> str:
        return self.kind


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several values (two to ``LIMIT``, none of them a Choice or unknown)."""

    options: tuple[Value, ...]

    def __repr__(self) -> str:
        return " | ".join(map(repr, self.options))


@dataclass(frozen=True, slots=True)
class Callable_:
    """Base of what only the reader can call: local functions, classes and lambdas, bound methods."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A framework method looked up on a value: ``model.fit``, ``frame.drop``."""

    receiver: Value
    name: str

    def __repr__(self) -> str:
        return f"{self.receiver!r}.{self.name}"


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer, activation or other function on tensors, as configured. Applying it is the framework's ``apply``.

    ``type`` is the class's plain name in its framework (``"Dense"``, ``"Linear"``, ``"Conv2D"``, ``"Softmax"``).
    """

    framework: str
    type: str
    site: Site | None = field(compare=False, default=None)
    activation: Fact[str] = NOTHING
    """Name of the activation it applies to its output; ``"linear"`` when it has none."""
    activation_site: Site | None = field(compare=False, default=None)
    """The argument that says so, for edits; None when the activation is the default."""
    units: Fact[int] = NOTHING
    """Size of the last (Keras, torch Linear) or channel axis of its output, where the layer sets it."""
    units_site: Site | None = field(compare=False, default=None)
    args: tuple[tuple[str, Value], ...] = ()
    """Other configuration that a row wants to keep."""
    layers: tuple[Value, ...] = ()
    """For containers of a fixed content (``nn.Sequential``): what they apply, in order."""

    def arg(self, name: str) -> Value:
        """The configuration value of this name; unknown when it was not kept."""
        return next((value for key, value in self.args if key == name), UNKNOWN)

    def __repr__(self) -> str:
        return f"{self.type}({self.units!r}, {self.activation!r})" if self.units.known else self.type


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss, as configured: ``CrossEntropyLoss()``, ``"categorical_crossentropy"``.

    ``name`` as the user writes it; ``family`` is the canonical snake-case name in ``frameworks/losses.toml``
    (``binary_crossentropy``, ``categorical_crossentropy``, ``sparse_categorical_crossentropy``, ``cross_entropy``,
    ``nll``, ``bce``, ``bce_with_logits``, ``mse``, ``mae``, ``huber``, ``kl_div`` …).
    """

    framework: str
    name: str
    family: str
    expects: Fact[str] = NOTHING
    """``"logits"``, ``"probabilities"``, ``"log_probabilities"`` or ``"values"``."""
    targets: Fact[str] = NOTHING
    """``"integer"``, ``"one-hot"``, ``"binary"``, ``"values"``, ``"integer-or-distribution"``."""
    site: Site | None = field(compare=False, default=None)
    expects_site: Site | None = field(compare=False, default=None)
    """The argument that decided ``expects`` (``from_logits=True``), if one did."""
    args: tuple[tuple[str, Value], ...] = ()
    """Other configuration that was given."""

    def arg(self, name: str) -> Value | None:
        """The configuration value of this name; None when it was left out."""
        return next((value for key, value in self.args if key == name), None)

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric as given to ``compile`` or built: ``"accuracy"``, ``keras.metrics.AUC(multi_label=True)``."""

    name: str
    """The string or the class/function name as the user wrote it."""
    key: str | None = None
    """The name it logs under when one was given (``name=``)."""
    site: Site | None = field(compare=False, default=None)
    is_object: bool = False

    def __repr__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Encoding:
    """How class labels are written down.

    ``kind``: ``"integer"``, ``"one-hot"``, ``"multi-hot"``, ``"text"``, ``"continuous"`` (real numbers that are no
    classes) or ``"scaled"`` (classes that went through a scaler or arithmetic and are no whole numbers any more).
    """

    kind: str
    low: int | None = None
    """The smallest label, when proven."""
    high: int | None = None
    """The largest label, when proven."""
    count: int | None = None
    """The number of classes (of columns for one-hot), when proven."""

    def __repr__(self) -> str:
        detail = [f"{self.low}..{self.high}"] if self.low is not None or self.high is not None else []
        detail += [f"{self.count} classes"] if self.count is not None else []
        return " ".join([self.kind, *detail])


BY_CLASS = "class by class"
"""Kind of a step: the rows are proven to be in the order of their classes since then."""

COPIED = "copied"
"""Kind of a step: some rows are there more than once since then, or are made of others, as over-sampling does."""

THRESHOLDS = "thresholds"
"""Tag of thresholds, or one of them, that a curve over labels and scores was computed for."""

AGGREGATED = "aggregated"
"""Kind of a step: made of what all rows say about a column; ``by`` its name and the number of the rows' source."""

TEMPORAL = "temporal"
"""Kind of a step: values of neighbouring rows were put together; ``by`` how."""

SEVERAL_ONES = "several-ones"
"""The mark of one row of zeros in which more than one place was set to one."""
WHOLE = "whole-loss"
"""Tag of the value of a loss that was not divided or weighed since."""
EVALUATED = "evaluated"
"""Tag of what a model gives that was put into evaluation mode before."""

AUGMENTED = "augmented"
"""Kind of a step: the rows were changed at random, ``by`` what."""
FIRST_SCORE = "first score"
"""Tag and kind of a step: the loss that Keras' ``evaluate`` gives first, ``by`` what is known about it."""
RESHUFFLED = "reshuffled"
"""Tag of what comes in another order in each pass over it."""
PASS = "pass"
"""Origin in the key of a shuffle that holds for one pass over something."""

PERHAPS = "perhaps"
"""Kind of a step: the numbers were changed on one of the ways that lead here, and not on another."""

BALANCED = "balanced"
"""Kind of a step: rows of rare classes are drawn more often since then."""

CLASS_MODE = "class-mode"
"""Kind of a step: how a loader was told to write the labels down, such as ``by="class_mode=binary"``."""


@dataclass(frozen=True, slots=True)
class Step:
    """Something done to data.

    ``kind`` is ``"read"``, ``"scaled"``, ``"encoded"``, ``"one-hot"``, ``"split"``, ``"shuffled"``, ``"transformed"``,
    ``"divided"``, ``"shifted"``, ``"predicted"`` …; ``by`` the fitted object or the function's name.
    """

    kind: str
    site: Site | None = field(compare=False)
    by: Value | str | None = None


@dataclass(frozen=True, slots=True)
class Applied:
    """A layer that was applied, to which tensors, and the shape of what came out."""

    layer: Layer | None
    """None where the layer is one of several, each the last of one of the inputs."""
    site: Site | None
    """The call that applies it."""
    inputs: tuple[Data, ...]
    shape: tuple[int | None, ...] | None = None
    owner: Value = UNKNOWN
    """The model or container that applies it."""
    kind: Any = None
    """The class of the owner, or where it was made: equal for blocks of the same construction."""


@dataclass(frozen=True, slots=True)
class Padding:
    """Token ids that only fill a sequence up."""

    value: Value
    """The id that fills up: a constant, or the name of a tokenizer's padding token."""
    site: Site | None = field(compare=False, default=None)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Which token ids a sequence consists of."""

    origin: int
    """Equal numbers are the same ids."""
    start: int = 0
    """How many are left out at the front."""
    stop: int = 0
    """How many are left out at the end, as a negative number."""
    padding: Padding | None = None
    """What sequences that are too short are proven to be filled up with."""
    cut: int = 0
    """Which subscript cut them out at a place that is not known."""
    site: Site | None = field(compare=False, default=None)
    """Where they were made or cut last."""
    copied: Site | None = field(compare=False, default=None)
    """Where they were copied last: to make labels of them, as a rule."""

    def __repr__(self) -> str:
        return f"ids {self.origin}[{self.start or ''}:{self.stop or ''}]" + (" padded" if self.padding else "")


@dataclass(frozen=True, slots=True)
class Seen:
    """The token ids that an output was computed from, position by position."""

    tokens: Tokens
    causal: bool = False
    """Whether a position also saw those before it, and none behind it; False: only itself."""
    site: Site | None = field(compare=False, default=None)
    """What made it causal."""


@dataclass(frozen=True, slots=True)
class Move:
    """Rows put into another order, or some of them chosen.

    ``kind`` is ``"shuffled"`` or ``"picked"``; moves of equal keys do the same to the same number of rows. The key of a
    shuffle is ``(origin, seed or number, how many were drawn before)``, where the origin is ``"seed"``, ``"free"`` for a
    generator that nobody seeded, or ``"maybe"`` for one of which that is not known.
    """

    kind: str
    key: tuple[Any, ...]
    site: Site | None = field(compare=False, default=None)

    def apart(self, other: Move) -> bool:
        """Whether these are shuffles that are proven to give different orders."""
        if not self.kind == other.kind == "shuffled" or self.key == other.key:
            return False
        origins = {self.key[0], other.key[0]}
        return self.key[:2] == other.key[:2] or "free" in origins or origins == {"seed"}


@dataclass(frozen=True, slots=True)
class Rows:
    """Which rows: of which origin, of which part, and how they were moved and picked since."""

    source: tuple[int, ...] | None
    """Their origin, and where rows were put together or copied since."""
    part: str | None
    split: Value
    order: tuple[Move, ...] | None

    @property
    def mixed(self) -> bool:
        """Whether it is not known which parts of what was divided these rows come from."""
        return self.part is None and (isinstance(self.split, Obj) or not _picks(self.order or ()))

    def same(self, other: Rows) -> bool:
        """Whether both are proven to be the same rows, in any order."""
        if self.source is None or self.mixed:
            return False
        if (self.source, self.part, self.split) != (other.source, other.part, other.split):
            return False
        if self.order is None or other.order is None:
            return self.order is other.order and self.part in ("train", "val", "test")
        return _picks(self.order) == _picks(other.order)

    def within(self, other: Rows) -> bool:
        """Whether these are proven to be cut from the others, or to be the same."""
        if self.source is None or self.source != other.source or self.mixed or other.mixed:
            return False
        parts = {self.part, other.part}
        divided = isinstance(self.split, Obj) or self.order == other.order
        if len(parts) > 1 and self.split == other.split and divided and not parts & {None, "all"}:
            return False
        if self.order is None or other.order is None:
            return self.same(other)
        kept = _picks(other.order)
        return self.order[: len(kept)] == kept or self.same(other)


def _picks(order: tuple[Move, ...]) -> tuple[Move, ...]:
    """The moves up to the last one that leaves rows out: what comes after it only changes the order."""
    last = max((index for index, move in enumerate(order) if move.kind == "picked"), default=-1)
    return order[: last + 1]


@dataclass(frozen=True, slots=True)
class Measure:
    """What a number says: how good a model is on which rows."""

    rows: Rows
    by: str = field(compare=False, default="")
    """The metric, or the method that gave it."""
    site: Site | None = field(compare=False, default=None)
    """Where it was computed."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns of a table an array or frame consists of: by name, and by position where that is known too."""

    table: tuple[Any, ...]
    """The table whose columns these are."""
    names: tuple[str, ...] | None = None
    """Exactly these, in this order."""
    without: tuple[str, ...] | None = None
    """Otherwise all of the table's but these; None: not known by name."""
    added: tuple[str, ...] = ()
    """Columns that were assigned, not known to have been there before."""
    layout: tuple[Any, ...] | None = None
    """What positions count in: the table as it was at one time; None when positions are not known."""
    start: int = 0
    stop: int | None = None
    """The stretch of the layout, as in a slice."""
    numeric: bool = False
    """Only those of them that are numbers."""
    exact: bool = True
    """False after something that only tells values of the column apart from some others, such as a comparison."""
    site: Site | None = field(compare=False, default=None)
    """Where they were chosen; None for the table as it was read."""

    def column(self) -> bool:
        """Whether this is proven to be one column."""
        stretch = self.layout is not None and (self.stop == self.start + 1 if self.start != -1 else self.stop is None)
        return stretch or (self.names is not None and len(self.names) == 1)

    def holds(self, other: Columns) -> bool:
        """Whether all columns of the other are proven to be among these."""
        if self.table != other.table:
            return False
        if other.names is not None and (self.names is not None or self.without is not None):
            return all(map(self.has, other.names, (name in other.added for name in other.names)))
        if self.layout is None or self.layout != other.layout:
            return False
        return _reaches(self.start, other.start) and _ends(self, other)

    def has(self, name: str, added: bool) -> bool:
        if self.names is not None:
            return name in self.names
        return name not in (self.without or ()) and (not added or name in self.added)


def _reaches(start: int, other: int) -> bool:
    return start == 0 or (start <= other and (start < 0) == (other < 0)) or other == -1


def _ends(columns: Columns, other: Columns) -> bool:
    if columns.stop is None:
        return True
    last = other.stop
    if last is None:
        return False
    return last <= columns.stop and (last < 0) == (columns.stop < 0)


@dataclass(frozen=True, slots=True)
class Recorded:
    """The call that something comes from, of a model or a loss, and the tapes or records that were open around it."""

    site: Site | None = field(compare=False)
    under: tuple[Value, ...]
    loss: bool = field(compare=False, default=False)
    """Whether it is the call of a loss."""


@dataclass(frozen=True)
class Data:
    """An array, frame, series, tensor or batch with its lineage; also a model's symbolic output."""

    source: Fact[int] = NOTHING
    """The rows' origin (a file read, a dataset loaded): equal numbers are the same rows before any split."""
    part: Fact[str] = NOTHING
    """``"all"``, ``"train"``, ``"test"``, ``"val"``: which rows of the source; ``"all"`` before a split."""
    split: Value = UNKNOWN
    """What made ``part``: the Split's ``Obj``."""
    columns: Fact[str] = NOTHING
    """``"features"``, ``"target"`` or ``"both"``."""
    names: tuple[str, ...] | None = None
    """Names of the columns it is known to consist of: ``df["species"]`` is ``("species",)``."""
    dropped: tuple[str, ...] = ()
    """Column names proven to have been taken out."""
    made: tuple[tuple[str, Data], ...] = ()
    """For a frame: columns that were assigned, with what is known about each."""
    labels: Fact[Encoding] = NOTHING
    """The encoding, where these are class labels (or proven not to be: ``continuous``)."""
    space: Value | None = None
    """The encoder whose codes these labels are; None means the raw labels of ``source`` as far as known."""
    scale: Fact[str] = NOTHING
    """What made it: ``"linear"`` (raw scores), ``"softmax"``, ``"sigmoid"``, ``"log_softmax"``, ``"relu"`` …;
    ``"hard"`` for predicted classes."""
    units: Fact[int] = NOTHING
    """Size of the class axis, or of the last one."""
    shape: tuple[int | None, ...] | None = None
    """Axis sizes, None for one that is not known; None when even the rank is not."""
    dtype: str | None = None
    """``"float"``, ``"int"``, ``"bool"``, ``"str"`` or a precise name (``"int64"``)."""
    bounds: tuple[float, float] | None = None
    """Smallest and largest possible value, when proven."""
    steps: tuple[Step, ...] = ()
    """What was done to it, oldest first."""
    model: Value | None = None
    """The model whose output this is."""
    layer: Layer | None = None
    """The last layer that was applied, for symbolic outputs."""
    applied: Applied | None = field(compare=False, default=None)
    """The last layer with what it was applied to: the whole way from the input, layer by layer."""
    direct: bool = field(compare=False, default=True)
    """Whether these are the values that ``applied`` gave, at most in another shape."""
    grad: bool | None = None
    """Whether gradients flow through it; None when not known."""
    loss: Value | None = None
    """For the value of a loss: the ``Loss``."""
    recorded: Recorded | None = None
    """For what a model or a loss gives: under which tapes it was computed; None when that is not known."""
    tokens: Tokens | None = None
    """For token ids: which."""
    seen: Seen | None = None
    """For what a network makes of token ids: which ids each position saw."""
    order: tuple[Move, ...] | None = None
    """What was done to the order and choice of the rows since the source, oldest first; None when not known."""
    chosen: Columns | None = None
    """Which columns of which table these are; None when not known, or when they were changed beyond telling."""
    measure: Measure | None = None
    """For a number that says how good a model is: on which rows."""
    tags: frozenset[str] = frozenset()
    """Other marks: ``"input"``, ``"shuffled"``, ``"multi-axis"``, ``"axis=0"``, ``"prediction"`` …"""

    def with_(self, **changes: Any) -> Data:
        """A copy with fields replaced."""
        changed = object.__new__(Data)
        changed.__dict__.update(self.__dict__)
        changed.__dict__.update(changes)
        return changed

    def did(self, kind: str, site: Site | None, by: Value | str | None = None, **changes: Any) -> Data:
        """A copy after one more step."""
        return self.with_(steps=(*self.steps, Step(kind, site, by))[-24:], **changes)

    @property
    def rows(self) -> Rows:
        """Which rows these are."""
        source = self.source.value
        joined = (id(step.site) for step in self.steps if step.kind in ("concatenated", COPIED))
        return Rows(None if source is None else (source, *joined), self.part.value, self.split, self.order)

    def last(self, *kinds: str) -> Step | None:
        """The latest step of one of these kinds."""
        return next((step for step in reversed(self.steps) if step.kind in kinds), None)

    def __repr__(self) -> str:
        parts = [
            f"{name}={value!r}"
            for name, value in (
                ("part", self.part),
                ("columns", self.columns),
                ("labels", self.labels),
                ("scale", self.scale),
                ("units", self.units),
            )
            if value.known
        ]
        return f"Data({', '.join(parts)})"


Value: TypeAlias = (
    Unknown | Const | Name | Tuple | Slice | Obj | Choice | Callable_ | Bound | Layer | Loss | Metric | Data
)


def options(value: Value) -> tuple[Value, ...]:
    """The possibilities; ``(value,)`` for a single one."""
    return value.options if isinstance(value, Choice) else (value,)


def choice(values: Iterable[Value]) -> Value:
    """One of these values: unknown when one is unknown or there are too many."""
    kept: list[Value] = []
    others = 0
    for value in values:
        for option in options(value):
            if isinstance(option, Unknown):
                return UNKNOWN
            if option not in kept:
                kept.append(option)
                others += not isinstance(option, Data)
                if others > LIMIT:
                    return UNKNOWN
    if len(kept) == 1:
        return kept[0]
    datas = [v for v in kept if isinstance(v, Data)]
    # what a score was before there was one does not count
    if any(data.measure is not None and data.loss is None for data in datas):
        kept = [v for v in kept if not (isinstance(v, Const) and type(v.value) in (int, float))]
        if len(kept) == 1:
            return kept[0]
    if len(datas) > 1:
        rest = [v for v in kept if not isinstance(v, Data)]
        merged = datas[0]
        for other in datas[1:]:
            merged = join_data(merged, other)
        kept = [*rest, merged]
    if not kept or len(kept) > LIMIT:
        return UNKNOWN
    return kept[0] if len(kept) == 1 else Choice(tuple(kept))


def join(first: Value, second: Value) -> Value:
    """What holds when the value is either of two."""
    if first is second or first == second:
        return first
    return choice((first, second))


def join_data(a: Data, b: Data) -> Data:
    """Field by field: facts join, everything else stays only where both agree."""
    return Data(
        source=a.source.join(b.source),
        part=a.part.join(b.part),
        split=a.split if a.split == b.split else UNKNOWN,
        columns=a.columns.join(b.columns),
        names=a.names if a.names == b.names else None,
        dropped=a.dropped if a.dropped == b.dropped else (),
        made=a.made if a.made == b.made else (),
        labels=_labels(a, b),
        space=a.space if a.space == b.space else UNKNOWN,
        scale=_scale(a, b),
        units=a.units.join(b.units),
        shape=a.shape if a.shape == b.shape else None,
        dtype=a.dtype if a.dtype == b.dtype else None,
        bounds=(min(a.bounds[0], b.bounds[0]), max(a.bounds[1], b.bounds[1])) if a.bounds and b.bounds else None,
        steps=a.steps if a.steps == b.steps else _common(a.steps, b.steps),
        model=a.model if a.model == b.model else UNKNOWN,
        layer=a.layer if a.layer == b.layer else None,
        applied=a.applied if a.applied is b.applied else _either(a, b),
        direct=a.direct and b.direct and a.applied is not None and b.applied is not None,
        grad=a.grad if a.grad == b.grad else None,
        loss=a.loss if a.loss == b.loss else UNKNOWN,
        recorded=a.recorded if a.recorded == b.recorded else None,
        tokens=a.tokens if a.tokens == b.tokens else None,
        seen=a.seen if a.seen == b.seen else None,
        order=a.order if a.order == b.order else None,
        chosen=a.chosen if a.chosen == b.chosen else None,
        measure=a.measure if a.measure == b.measure else None,
        tags=_tags(a, b),
    )


def _either(a: Data, b: Data) -> Applied | None:
    """The layers of two tensors of which one goes on; a layer read again is itself."""
    if a.applied is None or b.applied is None:
        return a.applied or b.applied
    if a.applied.layer is not None and a.applied.layer.site is getattr(b.applied.layer, "site", None):
        return b.applied
    return Applied(None, None, (a, b), a.shape if a.shape == b.shape else None)


def _tags(a: Data, b: Data) -> frozenset[str]:
    """What marks both; zeros become a row with several ones."""
    for zeros, ones in ((a, b), (b, a)):
        if SEVERAL_ONES in ones.tags and zeros.bounds == (0.0, 0.0):
            return (a.tags & b.tags) | {SEVERAL_ONES}
    return a.tags & b.tags


def _scale(a: Data, b: Data) -> Fact[str]:
    """Zeros become predicted classes, part after part."""
    for zeros, filled in ((a, b), (b, a)):
        if zeros.bounds == (0.0, 0.0) and not zeros.scale.known and filled.scale.must_be("hard"):
            return filled.scale
    return a.scale.join(b.scale)


def _labels(a: Data, b: Data) -> Fact[Encoding]:
    """Rows of zeros become rows with several ones, one after the other."""
    for zeros, ones in ((a, b), (b, a)):
        blank = zeros.bounds == (0.0, 0.0) and zeros.shape is not None and len(zeros.shape) == 2
        if blank and not zeros.labels.known and ones.labels.must(lambda e: e.kind == "multi-hot"):
            return ones.labels
    return a.labels.join(b.labels)


_CHANGES = ("scaled", "divided", "fitted-transform", PERHAPS)


def _common(a: tuple[Step, ...], b: tuple[Step, ...]) -> tuple[Step, ...]:
    """What was done on both ways, and a mark where only one of them changes the numbers."""
    common = tuple(step for step in a if step in b)
    left = [step for step in (*a, *b) if step not in common and step.kind in _CHANGES]
    marked = any(step.kind == PERHAPS for step in common)
    return (*common, Step(PERHAPS, left[0].site)) if left and not marked else common


def constants(value: Value, *types: type) -> Fact[Any]:
    """The constant(s) a value is, of these types, as a fact; unknown otherwise."""
    found: Fact[Any] | None = None
    for option in options(value):
        if not isinstance(option, Const) or (types and not isinstance(option.value, types)):
            return nothing()
        fact = known(option.value)
        found = fact if found is None else found.join(fact)
    return nothing() if found is None else found


def constant(value: Value) -> Any:
    """The one constant a value is; None when it is not one (or is None itself)."""
    return value.value if isinstance(value, Const) else None
