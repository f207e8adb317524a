"""What a program trains, as understood by the reader and read by the rules. Frozen once the reader is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from mllint.facts import Site
from mllint.values import UNKNOWN, Applied, Data, Layer, Loss, Measure, Metric, Value


@dataclass(frozen=True, slots=True)
class Argument:
    """A call argument as written: its value, its site, and whether it was given at all (else it is the default)."""

    value: Value = UNKNOWN
    site: Site | None = None
    given: bool = False


@dataclass(frozen=True, slots=True)
class LossUse:
    """A loss meeting a prediction and, where it is seen, a target.

    Keras: one for every ``fit`` of a compiled model (or for ``compile`` when no fit is seen, then ``target`` is None).
    torch and gluon: one for every call of a loss.
    """

    site: Site
    """The loss argument of ``compile``, or the loss call."""
    framework: str
    loss: Loss
    prediction: Data | None
    target: Data | None = None
    metrics: tuple[Metric, ...] = ()
    metrics_known: bool = False
    """Whether ``metrics`` is all there is."""
    model: Value = UNKNOWN
    target_site: Site | None = None
    fit_site: Site | None = None
    training: bool = True
    """False under no_grad or in evaluation code."""
    prediction_site: Site | None = None
    """The prediction as it is given to a loss that is called."""
    order: int = 0
    """Place in the program's order of events."""
    loops: tuple[Site, ...] = ()
    """The loops it is in, outermost first, those of calling functions included."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A training call: Keras ``fit`` or an sklearn estimator's."""

    site: Site
    framework: str
    estimator: Value
    kind: str
    """``"classifier"``, ``"regressor"``, ``"network"``, ``"transformer"``, ``"clusterer"`` or ``"unknown"``."""
    name: str
    """The class's plain name."""
    x: Data | None
    y: Data | None
    y_site: Site | None = None
    validation_split: Argument = Argument()
    validation_data: Argument = Argument()
    method: str = "fit"
    validation_y: Data | None = None
    """The targets in ``validation_data``."""
    weighted: bool = False
    """Whether its rows, or their positions, may count differently: ``sample_weight``, ``class_weight``."""
    objective: str = ""
    """What a booster's training function was told to learn: ``"multi:softprob"``."""
    classes: Argument = Argument()
    """The number of classes it was told."""
    order: int = 0
    """Place in the program's order of events."""
    loops: tuple[Site, ...] = ()
    """The loops it is in, outermost first, those of calling functions included."""
    watched: tuple[Data, ...] = ()
    """The features that it is measured on while it is trained: ``validation_data``, ``eval_set``."""
    selects: Site | None = None
    """What makes the score on the watched rows decide something: early stopping, a checkpoint of the best epoch."""
    selector: str = ""
    """Its name."""
    whole: bool = True
    """False where it is known to learn from folds of its rows only: cross-validation."""


@dataclass(frozen=True, slots=True)
class Score:
    """A number that says how good a model is: ``model.score(x, y)``, ``evaluate``, a metric of predictions."""

    site: Site
    by: str
    """The metric, or the method that gives it."""
    model: Value
    rows: Data | None
    """What the model is measured on: the features, or what it predicted for them."""
    kind: str = "rows"
    """``"cv"`` for cross-validation, ``"search"`` for the best score of a search, ``"oob"`` for out-of-bag."""
    order: int = 0
    loops: tuple[Site, ...] = ()
    """The loops it is in, outermost first, those of calling functions included."""
    training: bool = False
    """Whether it is computed while the model is trained."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """A model that is given features: for ``predict``, ``evaluate``, ``score`` or by being called."""

    site: Site
    model: Value
    x: Data
    framework: str
    order: int = 0
    x_site: Site | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """Something decided by a score: the best epoch kept, the best of several models taken, a rate lowered."""

    site: Site
    measure: Measure
    how: str
    order: int = 0
    loops: tuple[Site, ...] = ()


@dataclass(frozen=True, slots=True)
class Transform:
    """A transformer learning from rows or being applied: ``scaler.fit_transform(x)``, ``normalizer.adapt(x)``."""

    site: Site
    framework: str
    name: str
    """The class's plain name (``"StandardScaler"``) or the function's (``"fillna(median)"``)."""
    action: str
    """``"fit"``, ``"fit_transform"`` or ``"transform"``."""
    transformer: Value
    data: Data | None
    learns: bool = True
    """Whether what it learns depends on the rows' values (stateless transformers do not)."""
    supervised: bool = False
    """Whether it uses the target (SelectKBest, TargetEncoder …)."""
    encodes_labels: bool = False
    """LabelEncoder, LabelBinarizer, MultiLabelBinarizer: meant for targets."""
    refit: bool = False
    """Whether the same object was fitted before."""
    earlier_fit: Site | None = None
    earlier_data: Data | None = None
    order: int = 0
    """Place in the program's order of events."""
    name_site: Site | None = None
    """The method's name, for edits."""


@dataclass(frozen=True, slots=True)
class Split:
    """Rows divided into parts: ``train_test_split``, ``validation_split``, cross-validation, slicing."""

    site: Site
    kind: str
    data: tuple[Data, ...]
    shuffles: bool | None
    order: int = 0


@dataclass(frozen=True, slots=True)
class MetricUse:
    """A metric computed on arrays: ``accuracy_score(y_true, y_pred)``, or ``(pred == y).mean()``."""

    site: Site
    framework: str
    name: str
    first: Argument
    """What stands where ``y_true`` belongs."""
    second: Argument
    """What stands where ``y_pred``/``y_score`` belongs."""
    symmetric: bool = False
    metric_site: Site | None = None
    """Where the metric is made, if not here."""
    order: int = 0
    """Place in the program's order of events."""


@dataclass(frozen=True, slots=True)
class Broadcast:
    """Arithmetic or a comparison of two arrays of which one has rows of one value and the other plain values."""

    site: Site
    operator: str
    left: Argument
    right: Argument


@dataclass(frozen=True, slots=True)
class Activation:
    """An activation being applied to a tensor."""

    site: Site
    layer: Layer
    data: Data


@dataclass(frozen=True, slots=True)
class Decision:
    """Scores being turned into classes: ``argmax``, rounding, a threshold."""

    site: Site
    kind: str
    """``"argmax"``, ``"round"`` or ``"threshold"``."""
    data: Data
    """The scores."""
    axis: Value = UNKNOWN
    """The axis of an ``argmax``, ``None`` for all of them."""
    threshold: Value = UNKNOWN


@dataclass(frozen=True, slots=True)
class Encode:
    """A one-hot encoding of something: ``to_categorical(y)``, ``F.one_hot(y)``, ``OneHotEncoder().fit_transform(y)``."""

    site: Site
    name: str
    data: Data | None
    data_site: Site | None = None
    classes: Argument = Argument()
    framework: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Features and labels put together row by row: ``TensorDataset(x, y)``, ``DMatrix(x, label=y)``, a training call."""

    site: Site
    by: str
    x: Data
    y: Data
    y_site: Site | None = None


@dataclass(frozen=True, slots=True)
class HistoryRead:
    """A key read from a Keras history: ``history.history['acc']``."""

    site: Site
    """The key."""
    key: str
    metrics: tuple[Metric, ...]
    metrics_known: bool
    has_validation: bool | None
    compile_site: Site | None
    fit_site: Site | None
    extra: frozenset[str] = frozenset()
    """Keys that callbacks add."""
    order: int = 0
    """When it is read; keys that one reading may mean have the same."""


@dataclass(frozen=True, slots=True)
class ApiChange:
    """One change of a framework's API: a row of ``frameworks/api_changes.toml`` for one argument or one name."""

    code: str
    package: str
    effects: tuple[tuple[tuple[int, ...], tuple[int, ...], str], ...]
    """First version, last version (empty: still so) and what happens in these versions."""
    argument: str | None = None
    """The argument concerned; None when the name itself is."""
    values: tuple[tuple[str, str], ...] = ()
    """Only these values of the argument, with their successors; empty: any value."""
    kind: str = ""
    """``"str"``: only strings; ``"missing"``: the argument is left out; ``"suffix"``: strings without this ending."""
    suffix: str = ""
    only_if: str = ""
    """Only where this other argument is true."""
    positional: int | None = None
    """Arguments from this place on are given without their names."""
    replacement: str = ""
    rename: bool = False
    """Whether putting the replacement in the old name's place is all there is to do."""
    drop: bool = False
    """Whether leaving the argument out is all there is to do."""
    message: str = ""
    """What to say where the usual words do not fit."""
    advice: str = ""
    namespace: str = ""
    """Only for names imported from this root."""
    module: str = ""
    """The module that is gone with everything in it."""
    standalone: bool = False
    """Only for the package itself, not for the one inside TensorFlow."""
    severity: str = ""


@dataclass(frozen=True, slots=True)
class ApiUse:
    """A framework name used or called that the table of API changes watches."""

    site: Site
    path: str
    """Canonical path: ``keras.optimizers.Adam``, ``keras.Model.predict_classes``."""
    arguments: Mapping[str, Argument] | None = None
    """Arguments by name (positional ones under the row's names or ``"0"``, ``"1"`` …); None: not a call."""
    complete: bool = True
    """False when ``*`` or ``**`` hides some."""
    namespace: str = ""
    """The import root as written: ``tensorflow``, ``keras``, ``tf_keras``, ``torch`` …"""
    name_site: Site | None = None
    """The last name in the expression: what a renaming replaces."""
    form: str = "dotted"
    """``"import"`` in an import statement, ``"name"`` for a bare imported name, ``"dotted"`` behind a dot."""
    positional: int = 0
    """How many of the arguments are given without their names; they come first."""
    spread: bool = False
    """Whether some arguments come out of a ``**`` dict."""
    changes: tuple[ApiChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens in a function or loop.

    ``kind``: ``"forward"``, ``"loss"``, ``"backward"``, ``"step"``, ``"zero_grad"``, ``"eval_mode"``, ``"train_mode"``,
    ``"fit"``, ``"unknown_call"`` …
    """

    kind: str
    site: Site
    target: Value = UNKNOWN
    """The optimizer, model or loss concerned."""
    arguments: tuple[Value, ...] = ()
    certain: bool = True
    """False inside a branch or after a possible early exit."""
    framework: str = ""
    receiver_text: str = ""
    """For a step: the optimizer as it is written there: ``self.optimizer``; empty where it is not a dotted name."""
    body: Site | None = None
    """The function or class body it is written in; None for the module."""


@dataclass(frozen=True, slots=True)
class Loop:
    """A ``for`` or ``while`` loop (or a function or module body: ``kind``) and what happens in it, in order."""

    site: Site
    kind: str
    """``"for"``, ``"while"``, ``"function"``, ``"module"``."""
    events: tuple[Event | Loop, ...] = ()
    certain: bool = True
    born: int = 0
    """Objects with a higher number were made inside it."""
    repeats: bool = True
    """False when every round leaves it."""

    def walk(self) -> Iterator[Event]:
        """All events, also of the loops inside."""
        for event in self.events:
            if isinstance(event, Loop):
                yield from event.walk()
            else:
                yield event

    def loops(self) -> Iterator[Loop]:
        """This loop and all loops inside it."""
        yield self
        for event in self.events:
            if isinstance(event, Loop):
                yield from event.loops()


@dataclass(frozen=True, slots=True)
class ModelSummary:
    """A model for people: ``mllint program``."""

    site: Site | None
    framework: str
    name: str
    layers: tuple[Layer, ...]
    output: Data | None
    model: Value = UNKNOWN


@dataclass(frozen=True, slots=True)
class Optimizer:
    """An optimizer that is made, or named for a model that is compiled."""

    site: Site
    framework: str
    name: str
    rate: Argument
    """The learning rate; not given where the default is taken."""
    model: Value = UNKNOWN


@dataclass(frozen=True, slots=True)
class Versions:
    """The framework versions a project uses; a missing one is the newest."""

    given: Mapping[str, str] = field(default_factory=dict)

    def of(self, package: str) -> tuple[int, ...]:
        """The version as numbers: ``(2, 15)``; ``(9999,)`` when not given (the newest)."""
        text = self.given.get(package)
        return NEWEST if text is None else _numbers(text)

    @property
    def keras(self) -> tuple[int, ...]:
        """Keras' own version, else what ships with ``tensorflow``: Keras 3 since 2.16, before that its own number.

        TensorFlow 2.2 and 2.3 count as Keras 2.4, which reads ``"accuracy"`` as they do; older ones as Keras 2.2.
        """
        if "keras" in self.given:
            return self.of("keras")
        tensorflow = self.of("tensorflow")
        if tensorflow >= (2, 16):
            return NEWEST if tensorflow == NEWEST else (3,)
        if tensorflow < (2, 2):
            return (2, 2, 4)
        return max(tensorflow, (2, 4))


NEWEST = (9999,)


def _numbers(text: str) -> tuple[int, ...]:
    numbers = []
    for part in text.strip().lstrip("=~^<>! ").split("."):
        digits = "".join(c for c in part if c.isdigit())
        if not digits:
            break
        numbers.append(int(digits))
    return tuple(numbers) or NEWEST


@dataclass(slots=True)
class Program:
    """Everything the rules may ask. Lists are in the order of reading."""

    versions: Versions = field(default_factory=Versions)
    losses: list[LossUse] = field(default_factory=list)
    fits: list[Fit] = field(default_factory=list)
    transforms: list[Transform] = field(default_factory=list)
    splits: list[Split] = field(default_factory=list)
    metrics: list[MetricUse] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    predictions: list[Prediction] = field(default_factory=list)
    selections: list[Selection] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    broadcasts: list[Broadcast] = field(default_factory=list)
    activations: list[Activation] = field(default_factory=list)
    encodes: list[Encode] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    shrunk: list[tuple[Any, ...]] = field(default_factory=list)
    """Layouts of tables from which columns were taken out in place: under other names they are gone too."""
    applied: list[Applied] = field(default_factory=list)
    """Every layer that was applied to something."""
    histories: list[HistoryRead] = field(default_factory=list)
    api: list[ApiUse] = field(default_factory=list)
    bodies: list[Loop] = field(default_factory=list)
    """The module and every function read on its own."""
    models: list[ModelSummary] = field(default_factory=list)
    optimizers: list[Optimizer] = field(default_factory=list)
    reveals: list[tuple[Site, str]] = field(default_factory=list)
    roots: set[str] = field(default_factory=set)
    """Roots of the modules that import statements name; what is missing is at best assumed."""
    assumed: dict[Site, Site] = field(default_factory=dict)
    """Arguments that are an option's default and blocks that it leads to, and where the option is declared."""
    limits: list[str] = field(default_factory=list)
    """Budgets that ran out, for people."""
    _trained: tuple[set[Value] | None] | None = None
    """Worked out once, when the program is complete."""

    def trained(self) -> set[Value] | None:
        """The losses that gradients are computed from; None when that is not known of all."""
        if self._trained is None:
            targets = {event.target for body in self.bodies for event in body.walk() if event.kind == "backward"}
            self._trained = (targets if targets and all(isinstance(t, Loss) for t in targets) else None,)
        return self._trained[0]

    def loops(self) -> Iterator[Loop]:
        """Every body and every loop in it, innermost ones too."""
        for body in self.bodies:
            yield from body.loops()
