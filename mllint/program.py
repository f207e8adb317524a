"""What a program trains, as understood by the reader and read by the rules. Frozen once the reader is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from mllint.facts import Site
from mllint.values import UNKNOWN, Applied, Data, Layer, Loss, Measure, Metric, Obj, Recorded, Step, Tokens, Value


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
    parts: tuple[Value, ...] = ()
    """Keras: the model, and the models and layers that it consists of, as far as they are known."""
    whole: bool = True
    """False where it is known to learn from folds of its rows only: cross-validation."""
    class_weight: Argument = Argument()
    """Weights that are given to the classes where it is trained."""
    estimators: tuple[str, ...] = ()
    """For an sklearn estimator: the classes of all that is inside of it, itself included; empty: not all known."""
    settings: tuple[tuple[str, Value], ...] = ()
    """What the estimator that learns in the end was told about classes and distances, and where it was made."""


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
    loops: tuple[Site, ...] = ()
    """The loops it is in, outermost first, those of calling functions included."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Something decided by a score: the best epoch kept, the best of several models taken, a rate lowered."""

    site: Site
    measure: Measure
    how: str
    order: int = 0
    loops: tuple[Site, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """A score that is shown: printed, or put into a text."""

    site: Site
    measure: Measure
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
    by: Value = UNKNOWN
    """The splitter that says which folds: ``KFold(5)``."""
    results: tuple[Data, ...] = ()
    """What it gives, in order, where that is one array a part."""
    share: Argument = Argument()
    """``test_size``; not given where the default is taken, or ``train_size`` is given."""
    stratify: Argument = Argument()
    names: tuple[str, ...] = ()
    """What the arrays are called where they are given; empty where one is no plain name."""


@dataclass(frozen=True, slots=True)
class Unpacking:
    """Parts of rows that were split, given their names: ``x_train, x_test = train_test_split(x)``."""

    site: Site
    names: tuple[str, ...]
    """As they are written: ``self.x_train``."""
    sites: tuple[Site, ...]
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Splitter:
    """Something that makes folds being made: ``KFold(5, random_state=0)``."""

    site: Site
    name: str
    shuffle: Argument
    random_state: Argument


@dataclass(frozen=True, slots=True)
class ParameterUse:
    """A parameter that is set or searched by its name: ``set_params(svc__C=1)``, ``GridSearchCV(pipe, {"svc__C": …})``."""

    site: Site
    key: str
    owner: str
    """The class that is asked for ``name``."""
    name: str
    """The piece of the key concerned: a parameter or a step."""
    prefix: str
    """What stands before it in the key: ``"svc__"``."""
    names: tuple[str, ...]
    """All names that the owner has."""
    steps: tuple[str, ...] = ()
    """Those of them that are steps of a pipeline."""
    places: tuple[str, ...] = ()
    """Full keys under which one of the steps has the parameter that the key ends in."""
    retext: bool = False
    """Whether the site is the key as a string."""


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
class Branch:
    """One of several ways that the program may go: an arm of an ``if``, an exception handler, one of several callees."""

    number: int
    """Equal numbers are the same decision, taken at the same time."""
    arm: int
    site: Site = field(compare=False)
    """What decides: the test of an ``if``."""
    every: Value | None = field(compare=False, default=None)
    """For ``if i % n == 0`` and the like, where the arm is taken every n-th time: n."""
    once: bool = field(compare=False, default=False)
    """For ``if epoch == last``: whether the arm is taken in one round only."""


Path: TypeAlias = tuple[Branch, ...]
"""The decisions that lead to a place, outermost first."""


def exclusive(first: Path, second: Path) -> bool:
    """Whether no run goes both ways."""
    arms = {branch.number: branch.arm for branch in first}
    return any(arms.get(branch.number, branch.arm) != branch.arm for branch in second)


def implies(first: Path, second: Path) -> bool:
    """Whether every run that gets to the first place goes the second way as well."""
    return set(second) <= set(first)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happens in a function or loop.

    ``kind``: ``"forward"``, ``"loss"``, ``"backward"``, ``"gradient"`` (gradients that are given back), ``"set_grad"``
    (gradients put in place by hand), ``"grad_read"``, ``"input_grad"`` (a tensor is told to get gradients),
    ``"frozen"`` (something unknown is told not to), ``"step"``, ``"zero_grad"``, ``"clip"``, ``"scale"``, ``"unscale"``,
    ``"scaler_update"``, ``"scheduler_step"``, ``"eval_mode"``, ``"train_mode"``, ``"no_grad_enter"``,
    ``"no_grad_leave"``, ``"grad_off"``, ``"grad_on"``, ``"fit"``, ``"unknown_call"`` …
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
    """What it happens to as it is written there: for a step the optimizer, ``self.optimizer``; for a call of a model
    or of something unknown what is called; empty where it is not a dotted name."""
    scaler_text: str = ""
    """For a step of a gradient scaler: the scaler as it is written there."""
    body: Site | None = None
    """The function or class body it is written in; None for the module."""
    path: Path = ()
    """The decisions that lead to it."""
    grad: bool | None = True
    """Whether a graph is built for gradients here; None when not known."""
    nested: bool = False
    """Whether it happens inside the forward pass of a model."""
    names: tuple[str, ...] = ()
    """For a call of something unknown: the dotted names among its arguments, as they are written."""


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
    path: Path = ()
    """The decisions that lead to it."""
    counts: bool = False
    """Whether it counts rounds without looking at the count: ``for _ in range(n)``."""
    made: frozenset[int] = frozenset()
    """The numbers of the objects that are made in it."""
    length: int | None = None
    """How many rounds it has, where that is known."""
    variable: str = ""
    """The variable that it counts or goes through things with, where that is one name."""
    over: str = ""
    """What it goes over or counts to, as it is written."""
    body: Site | None = None
    """The function it is written in; None for the module."""
    counted: bool = False
    """Whether it goes over a ``range``."""
    rounds: int | None = None
    """For a loop whose rounds were read one by one, and are listed one behind the other: how many."""

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
class Network:
    """What a torch module is made of, as far as that is known."""

    model: Value
    parts: tuple[Value, ...] = ()
    """Modules inside of it, at any depth."""
    layers: tuple[Layer, ...] = ()
    """The layers it is proven to hold."""
    complete: bool = False
    """Whether that is all."""
    pretrained: bool = False
    """Whether it comes in evaluation mode."""

    def holds(self, other: Value) -> bool:
        """Whether the other is this module or one inside of it."""
        return other == self.model or other in self.parts


@dataclass(frozen=True, slots=True)
class Told:
    """The loss that a Keras ``evaluate`` gives first, being called something: by a name, or by the text in front of it."""

    site: Site
    text: str
    evaluation: Site
    """The call that gives it."""
    index: Site | None = None
    """The ``0`` that picks it."""
    metrics: tuple[Metric, ...] = ()
    metrics_known: bool = False
    alone: bool = False
    """Whether it is all that ``evaluate`` gives."""


@dataclass(frozen=True, slots=True)
class Callback:
    """A callback or scheduler that waits for a number that training logs, as it is used by one training call."""

    site: Site
    framework: str
    name: str
    """The class's plain name."""
    monitor: Argument
    mode: Argument
    fit_site: Site
    has_validation: bool | None
    """Whether anything is measured on validation data; None: not known."""
    read: HistoryRead | None = None
    """Keras: what is logged, as if the number were read from the history."""
    module: Value = UNKNOWN
    """Lightning: the class of the module that logs."""
    acts: bool = True
    """Whether it does something with the number: a checkpoint of the best epoch does, one of every epoch does not."""
    restores: Argument = Argument()
    """Early stopping: ``restore_best_weights``."""


@dataclass(frozen=True, slots=True)
class Logged:
    """A number that a Lightning module logs."""

    site: Site
    module: Value
    """Its class."""
    name: str | None
    """None: not known."""
    stage: str | None = None
    """The step that logs it, where a trainer runs it."""


@dataclass(frozen=True, slots=True)
class Loader:
    """What gives batches of rows: a torch ``DataLoader``, a Keras flow from a directory."""

    site: Site
    framework: str
    name: str
    """The class or method that made it."""
    value: Value
    rows: tuple[Data, ...] = ()
    """The arrays that its data set holds, as far as they are known."""
    map_style: bool | None = None
    """Whether its data set is asked for rows by their number, so that they can be shuffled; None: not known."""
    shuffle: Argument = Argument()
    sampled: bool | None = False
    """Whether a sampler decides the order; None: not known."""
    batch_size: Argument = Argument()
    augmented: Step | None = None
    """The random change that its rows go through."""
    datasets: tuple[Value, ...] = ()
    """Its data set and those inside of it."""
    workers: Argument = Argument()
    """How many processes fetch rows."""
    worker_init: Argument = Argument()
    """What each of them does first."""
    drop_last: Argument = Argument()
    balanced: Site | None = None
    """The sampler that draws rare rows more often."""


@dataclass(frozen=True, slots=True)
class Pass:
    """One way through what gives batches, or through the folds of a splitter: a loop or a call."""

    site: Site
    over: Value
    """The loader or the splitter."""
    kind: str = "loop"
    """``"loop"``, or what is called: ``"fit"``, ``"validate"``, ``"evaluate"``, ``"predict"``."""
    loop: Loop | None = None
    loops: tuple[Site, ...] = ()
    """The loops it is in, outermost first."""
    batch: Value = UNKNOWN
    """What each round gets."""
    order: int = 0

    @property
    def trains(self) -> bool:
        """Whether a model learns from each batch."""
        if self.loop is None:
            return self.kind == "fit"
        kinds = {event.kind for event in self.loop.walk()}
        return kinds >= {"backward", "step"} or "fit" in kinds

    @property
    def uses_model(self) -> bool:
        """Whether a model is given each batch."""
        return self.loop is None or any(event.kind in ("forward", "predict") for event in self.loop.walk())


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
    made: Value = UNKNOWN
    """The object that is made."""
    models: tuple[Value, ...] | None = None
    """The modules whose parameters it is given; None when that is not known."""
    settings: tuple[tuple[str, Argument], ...] = ()
    """Other arguments that were given, by the framework's names: ``momentum``, ``betas``, ``weight_decay``."""
    trains: Value = UNKNOWN
    """What it is told to train: ``model.parameters()``."""
    trains_site: Site | None = None
    used_up: Site | None = None
    """Where the generator it is told to train has been gone through before."""
    order: int = 0
    alone: Site | None = None
    """The function that is read without a call of it."""

    def setting(self, name: str) -> Argument:
        """An argument by its name; not given where it was left out."""
        return next((argument for key, argument in self.settings if key == name), Argument())


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule of learning rates being made: ``StepLR(optimizer, 30)``, ``ReduceLROnPlateau(patience=5)``."""

    site: Site
    framework: str
    name: str
    settings: tuple[tuple[str, Argument], ...] = ()
    """The arguments that were given, by the framework's names."""
    optimizer: Value = UNKNOWN
    made: Value = UNKNOWN
    by_batches: Site | None = None
    """The argument that counts batches: it is computed from the length of something."""
    written: tuple[tuple[str, str], ...] = ()
    """Its arguments as they are written, where they are names or numbers."""
    dropped: bool = False
    """Whether the program is proven not to speak of it again, but for reading its rate."""

    def setting(self, name: str) -> Argument:
        """An argument by its name; not given where it was left out."""
        return next((argument for key, argument in self.settings if key == name), Argument())


@dataclass(frozen=True, slots=True)
class Amount:
    """How often or by how much something is done at a time: ``epochs``, ``batch_size``."""

    site: Site
    name: str
    by: str
    """What is told: ``fit``, ``DataLoader``."""
    argument: Argument
    callbacks: tuple[Value, ...] = ()
    """What works along with a ``fit``."""


@dataclass(frozen=True, slots=True)
class Gradient:
    """Gradients computed by a tape: ``tape.gradient(loss, model.trainable_variables)``."""

    site: Site
    framework: str
    tape: Value
    target: Argument
    sources: Argument = Argument()
    outside: Recorded | None = None
    """The call that the target comes from, if that was proven to be outside of the tape."""
    unwatched: bool = False
    """Whether the sources are proven to be plain values that the tape was not told to watch."""
    earlier: Site | None = None
    """Where the tape was proven to have been used up before."""
    model: Value = UNKNOWN
    """The model whose variables the sources are."""


@dataclass(frozen=True, slots=True)
class AppliedGradients:
    """Gradients being applied in pairs with variables: ``optimizer.apply_gradients(zip(gradients, variables))``."""

    site: Site
    optimizer: Value
    trains_model: bool = False
    """Whether the variables are those of a model."""
    swapped: bool = False
    """Whether each gradient is proven to stand where its variable belongs."""
    zipped: tuple[Site, Site] | None = None
    """The two arguments of the ``zip``, where they can be exchanged."""
    zip_site: Site | None = None


@dataclass(frozen=True, slots=True)
class ModelCall:
    """A model being called inside of something that records what is done for gradients."""

    site: Site
    framework: str
    model: Value
    training: Argument
    """The ``training`` argument."""
    recorders: tuple[Value, ...]
    """The tapes or records around it, outermost first."""
    inactive: tuple[Layer, ...] = ()
    """Layers that work differently in training and are proven to work as in prediction."""
    accepts: bool = True
    """Whether the model is known to take a ``training`` argument."""
    order: int = 0


@dataclass(frozen=True, slots=True)
class KeyUse:
    """A key of random numbers being used up."""

    site: Site
    key: Value
    how: str
    """``"sample"`` or ``"split"``."""
    by: str
    """The function, or ``"dropout"`` for a module that is given keys."""
    order: int
    loops: tuple[Site, ...]
    path: Path
    certain: bool
    body: Site | None
    """The function that it is written in."""
    trains: bool
    """Whether gradients are computed of what is done with it."""
    calls: tuple[Site, ...] = ()
    """The calls that led to it, innermost first."""
    earlier: Site | None = None
    """Where the key was surely used up in the same way before."""
    again: bool = False
    """Whether that was in the same run of the function: in an earlier round."""


@dataclass(frozen=True, slots=True)
class Compile:
    """A model being compiled."""

    site: Site
    model: Value
    loops: tuple[Site, ...] = ()
    order: int = 0
    certain: bool = True
    path: Path = ()


@dataclass(frozen=True, slots=True)
class SideEffect:
    """Something that a traced function does besides computing: done once for a trace, not at each call."""

    site: Site
    kind: str
    """``"print"``, ``"append"``, ``"global"``, ``"attribute"`` or ``"variable"``."""
    what: str
    """What is changed, as it is written."""
    by: str
    """What traces: ``tf.function``, ``jax.jit``."""
    function: str
    """The traced function's name."""
    traced: Site | None = None


@dataclass(frozen=True, slots=True)
class AttributeSet:
    """An attribute of a model, layer, parameter, tensor or optimizer being assigned: ``self.fc = nn.Linear(4, 3)``."""

    site: Site
    """What is assigned to: ``self.fc``."""
    target: Value
    name: str
    value: Value
    kinds: tuple[str, ...]
    """What the target is: the framework's class and those it derives from; empty where it is not known."""
    owner: Site | None = None
    """The local class of the target."""
    function: Site | None = None
    """The function it is written in."""
    initialised: bool | None = None
    """For a module or parameter kept by a local class of modules: whether its base's ``__init__`` has run by then."""
    certain: bool = True
    order: int = 0
    before: Value = UNKNOWN
    """What the attribute was."""
    adds: bool = False
    """Whether what is assigned is a module that is proven to have parameters."""
    alone: Site | None = None
    """The function that is read without a call of it."""


@dataclass(frozen=True, slots=True)
class Part:
    """A module that a module's constructor keeps in an attribute."""

    name: str
    """The attribute's name."""
    site: Site
    """Where the attribute was assigned."""
    title: str
    """The part's class."""
    made: Site | None
    """Where the part was made."""
    trains: bool
    """Proven: it has parameters."""
    holder: str = ""
    """``"list"``, ``"tuple"`` or ``"dict"`` where it is kept in one, which the framework does not look into."""
    registered: bool = True
    """False where the module is proven not to know of it."""


@dataclass(frozen=True, slots=True)
class ModuleClass:
    """A local class of modules, layers or models, with what its constructor leaves in one of its instances."""

    site: Site
    name: str
    framework: str
    """``"torch"``, ``"keras"`` or ``"gluon"``."""
    module: Value
    """The instance."""
    parts: tuple[Part, ...]
    methods: frozenset[str]
    """Names of its methods, those of local bases included."""
    words: frozenset[str]
    """The words that the class itself and its local bases say."""
    known: bool
    """Whether it and all its bases can be seen."""
    init: Site | None = None
    """The ``__init__`` that is run."""
    initialised: bool = True
    """False where that is proven not to call the framework's ``__init__``."""
    super_call: str = ""
    """How the framework's ``__init__`` is called from there."""
    shared: bool = False
    """Whether its parts may be there for the sake of weights that are loaded, or for others to use."""


@dataclass(frozen=True, slots=True)
class MadeInForward:
    """A layer that is made while a module is run."""

    site: Site
    layer: Value
    name: str
    """Its class."""
    framework: str
    owner: Site
    """The module's class."""
    function: Site
    """The method that runs the module."""
    guarded: bool
    """Whether it is made under a condition, kept for later, or given its weights."""
    used: bool = False
    """Whether it is called at once, or kept in a variable."""


@dataclass(frozen=True, slots=True)
class FunctionalDropout:
    """``F.dropout(x, …)`` while a module is run."""

    site: Site
    name: str
    training: Argument
    complete: bool
    owner: Site
    guarded: bool
    """Whether it is done under a condition on ``training``."""
    on_purpose: bool
    """Whether the program says that dropout is to stay on: Monte Carlo dropout."""
    receiver: str = ""
    """What the module is called where this is written; empty where it has no name."""


@dataclass(frozen=True, slots=True)
class ForwardCall:
    """``model.forward(x)``."""

    site: Site
    """``model.forward``."""
    model: Value
    model_site: Site
    inside: bool = False
    """Whether it is written in a module's own ``forward``."""


@dataclass(frozen=True, slots=True)
class Seeding:
    """A random generator being seeded."""

    site: Site
    generators: tuple[str, ...]
    """``"torch"``, ``"numpy"``, ``"random"``, ``"tensorflow"``, ``"keras"``; ``"any"`` where code cannot be seen."""
    seed: Value = UNKNOWN
    text: str = ""
    """The seed as it is written, where it is a name or a number."""
    modules: tuple[tuple[str, str], ...] = ()
    """What frameworks' modules are called there: ``("torch", "torch")``."""
    order: int = 0
    reached: bool = True
    """Whether the program is seen to get there; False in functions that nobody calls."""


@dataclass(frozen=True, slots=True)
class Randomness:
    """Something that a global random generator decides."""

    site: Site
    generator: str
    what: str
    """``"weights"``, ``"order"`` (of the rows), ``"augmentation"``, ``"estimator"``; ``"restored"``: weights that are
    read from a file take the place of random ones."""
    name: str = ""
    order: int = 0
    reached: bool = True


@dataclass(frozen=True, slots=True)
class Draw:
    """Numbers drawn from a generator object, or from a global generator, inside of methods of the program."""

    site: Site
    generator: Value
    readers: tuple[tuple[str, Value], ...]
    """The methods being run, outermost first, each with the object it belongs to."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A switch of a framework being set, with how the switches that belong together are then."""

    site: Site
    name: str
    value: Value
    others: tuple[tuple[str, Value, Site | None], ...] = ()
    order: int = 0


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of a pipeline of rows: ``shuffle(1000)``."""

    kind: str
    site: Site
    name_site: Site | None = None
    arguments: tuple[Argument, ...] = ()
    """Those given without their names come first."""
    named: tuple[str, ...] = ()
    """Names of the arguments that are given by name."""
    complete: bool = True
    random: Site | None = None
    """For a ``map``: where its function draws random numbers."""


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A data set of tensorflow's, as the operations that made it of its source, in order."""

    site: Site
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class ImageStep:
    """One transform in a list of them."""

    name: str
    """The class's plain name; empty where it is not known."""
    site: Site
    family: str = ""
    """``"v1"`` or ``"v2"`` of torchvision's transforms."""
    movable: bool = False
    """Whether it stands in a list at this site."""
    inner: tuple[str, ...] = ()
    """Transforms that it chooses among, by name."""


@dataclass(frozen=True, slots=True)
class Reshape:
    """A batch of rows of known size getting another shape: ``x.view(-1, 400)``, ``x.view(x.size(0), 400)``."""

    site: Site
    before: tuple[int | None, ...]
    after: tuple[int | None, ...]
    keeps_batch: bool
    """Whether the first axis is given as the batch's."""


@dataclass(frozen=True, slots=True)
class Composition:
    """Image transforms that are applied one after the other."""

    site: Site
    steps: tuple[ImageStep, ...]
    image: bool = False
    """Whether pictures as PIL reads them are proven to go in."""


@dataclass(frozen=True, slots=True)
class Backward:
    """Gradients being computed from a tensor: ``loss.backward()``."""

    site: Site
    data: Data
    loops: tuple[Site, ...] = ()
    order: int = 0


@dataclass(frozen=True, slots=True)
class Accumulation:
    """``total += loss`` in a loop."""

    site: Site
    target: str
    """What is added to, as it is written."""
    added: Data
    added_site: Site
    loops: tuple[Site, ...]
    kept: bool
    """Whether what comes of it leaves what can be seen."""
    order: int = 0


@dataclass(slots=True)
class Reads:
    """Where names that stand for a layer's output are read."""

    applied: Applied
    of: dict[tuple[int, int], tuple[Data, set[Site]]] = field(default_factory=dict)
    """By tensor and function call: one that is passed on has one place."""


@dataclass(frozen=True, slots=True)
class Unmasked:
    """Attention over sequences that are proven to be filled up, without a mask."""

    site: Site
    tokens: Tokens
    name: str
    """The layer or model."""
    mask: str
    """The argument that would take the mask."""


@dataclass(frozen=True, slots=True)
class Repeated:
    """One module or layer put several times into a stack of layers."""

    site: Site
    """Where it is put there."""
    module: Value
    made: Site | None
    name: str
    """What it is called there, or its class."""


@dataclass(frozen=True, slots=True)
class LastBatch:
    """The loss of one batch, told behind the loop over the batches."""

    site: Site
    name: str
    assigned: Site
    loop: Site
    by: str


@dataclass(frozen=True, slots=True)
class DistributedLoader:
    """A loader whose sampler gives every process its share of the rows."""

    site: Site
    loader: Value
    sampler: Value
    sampler_site: Site | None
    shuffles: bool | None


@dataclass(frozen=True, slots=True)
class Backbone:
    """A network of Keras' that may be made with weights from elsewhere."""

    site: Site
    name: str
    family: str
    """Its module: ``"vgg16"``."""
    wants: str
    """What its weights were trained on: ``"caffe"``, ``"tf"``, ``"torch"``, or ``"raw"`` pixels; empty: not known."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """What a program makes of the pixels of its pictures."""

    site: Site
    name: str
    how: str
    """As for a ``Backbone``; ``"divided"`` by 255; empty: something else."""


@dataclass(frozen=True, slots=True)
class Sync:
    """A tensor's value being asked for: the program waits for the device."""

    site: Site
    name: str
    """The method: ``"item"``."""
    data: Data
    loops: tuple[Site, ...] = ()
    """The loops it is in, outermost first, those of calling functions included."""
    path: Path = ()
    """The decisions that lead to it."""


@dataclass(frozen=True, slots=True)
class Unpickling:
    """A file being read in a way that may run code that is in it."""

    site: Site
    by: str
    file: Value
    argument: str
    """The argument that allows it; ``"file"`` for a file out of the network; empty: none forbids it."""
    argument_site: Site | None


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
    unpackings: list[Unpacking] = field(default_factory=list)
    splitters: list[Splitter] = field(default_factory=list)
    parameters: list[ParameterUse] = field(default_factory=list)
    metrics: list[MetricUse] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    predictions: list[Prediction] = field(default_factory=list)
    selections: list[Selection] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    broadcasts: list[Broadcast] = field(default_factory=list)
    activations: list[Activation] = field(default_factory=list)
    encodes: list[Encode] = field(default_factory=list)
    pairs: list[Pair] = field(default_factory=list)
    shrunk: list[tuple[Any, ...]] = field(default_factory=list)
    """Layouts of tables from which columns were taken out in place: under other names they are gone too."""
    reshapes: list[Reshape] = field(default_factory=list)
    applied: list[Applied] = field(default_factory=list)
    """Every layer that was applied to something."""
    reads: dict[int, Reads] = field(default_factory=dict)
    """By the ``id`` of what was applied: where names that stand for its output are read."""
    layers: list[Layer] = field(default_factory=list)
    """Every layer that was made."""
    repeated: list[Repeated] = field(default_factory=list)
    unmasked: list[Unmasked] = field(default_factory=list)
    stacks: list[Obj] = field(default_factory=list)
    """Stacks of layers that were made."""
    stacked: list[Value] = field(default_factory=list)
    """Layers and modules that are put into a stack of layers."""
    histories: list[HistoryRead] = field(default_factory=list)
    api: list[ApiUse] = field(default_factory=list)
    bodies: list[Loop] = field(default_factory=list)
    """The module and every function read on its own."""
    models: list[ModelSummary] = field(default_factory=list)
    optimizers: list[Optimizer] = field(default_factory=list)
    schedules: list[Schedule] = field(default_factory=list)
    pretrained: dict[Value, tuple[Site, str]] = field(default_factory=dict)
    """Transformers that were loaded with their weights: where, and their class."""
    frozen: list[Value] = field(default_factory=list)
    """Modules whose parameters are told to get no gradients at some time."""
    amounts: list[Amount] = field(default_factory=list)
    gradients: list[Gradient] = field(default_factory=list)
    gradients_applied: list[AppliedGradients] = field(default_factory=list)
    model_calls: list[ModelCall] = field(default_factory=list)
    key_uses: list[KeyUse] = field(default_factory=list)
    compiles: list[Compile] = field(default_factory=list)
    side_effects: list[SideEffect] = field(default_factory=list)
    zips: dict[Site, tuple[Site, Site]] = field(default_factory=dict)
    """The arguments of a ``zip`` of two, by its call."""
    networks: dict[Value, Network] = field(default_factory=dict)
    """Torch modules that are called, optimised or put into a mode."""
    attributes: list[AttributeSet] = field(default_factory=list)
    modules: list[ModuleClass] = field(default_factory=list)
    made_in_forward: list[MadeInForward] = field(default_factory=list)
    dropouts: list[FunctionalDropout] = field(default_factory=list)
    forwards: list[ForwardCall] = field(default_factory=list)
    backwards: list[Backward] = field(default_factory=list)
    accumulations: list[Accumulation] = field(default_factory=list)
    distributed: list[DistributedLoader] = field(default_factory=list)
    last_batches: list[LastBatch] = field(default_factory=list)
    loaders: list[Loader] = field(default_factory=list)
    passes: list[Pass] = field(default_factory=list)
    seedings: list[Seeding] = field(default_factory=list)
    randomness: list[Randomness] = field(default_factory=list)
    draws: list[Draw] = field(default_factory=list)
    settings: list[Setting] = field(default_factory=list)
    pipelines: list[Pipeline] = field(default_factory=list)
    compositions: list[Composition] = field(default_factory=list)
    backbones: list[Backbone] = field(default_factory=list)
    unpicklings: list[Unpickling] = field(default_factory=list)
    syncs: list[Sync] = field(default_factory=list)
    saved: list[Value] = field(default_factory=list)
    """Files that the program itself writes."""
    preparations: list[Preparation] = field(default_factory=list)
    callbacks: list[Callback] = field(default_factory=list)
    logged: list[Logged] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    parts: dict[Value, Value] = field(default_factory=dict)
    """Layers that are only known to be some layer of a Keras model: which model's."""
    reveals: list[tuple[Site, str]] = field(default_factory=list)
    roots: set[str] = field(default_factory=set)
    """Roots of the modules that import statements name; what is missing is at best assumed."""
    said: Mapping[str, int] = field(default_factory=dict)
    """How often the program says a name behind a dot or in quotes, assignments aside."""
    assumed: dict[Site, Site] = field(default_factory=dict)
    """Arguments that are an option's default and blocks that it leads to, and where the option is declared."""
    limits: list[str] = field(default_factory=list)
    """Budgets that ran out, for people."""
    _frozen: tuple[tuple[Loop, ...], tuple[Event, ...]] | None = None
    _trained: tuple[set[Value] | None] | None = None
    """Worked out once, when the program is complete."""
    stories: list[Any] = field(default_factory=list)
    """What the rules on training loops have worked out about the order of events."""

    def trained(self) -> set[Value] | None:
        """The losses that gradients are computed from; None when that is not known of all."""
        if self._trained is None:
            targets = {event.target for body in self.bodies for event in body.walk() if event.kind == "backward"}
            self._trained = (targets if targets and all(isinstance(t, Loss) for t in targets) else None,)
        return self._trained[0]

    def loops(self) -> Iterable[Loop]:
        """Every body and every loop in it, innermost ones too."""
        return self._frozen[0] if self._frozen else (loop for body in self.bodies for loop in body.loops())

    def events(self) -> Iterable[Event]:
        """Everything that happens, in the order of reading."""
        return self._frozen[1] if self._frozen else (event for body in self.bodies for event in body.walk())

    def freeze(self) -> None:
        """Nothing is added any more: what rules ask for again and again is listed once."""
        self._frozen = (tuple(self.loops()), tuple(self.events()))
