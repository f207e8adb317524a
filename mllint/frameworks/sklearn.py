"""scikit-learn estimators, transformers and pipelines, and imblearn, which looks like it.

The classes' roles are in ``sklearn.toml``; splitting, metrics and data sets have modules of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

from mllint.facts import Fact, Site, known, nothing
from mllint.frameworks import data_methods, lineage, seeding, sklearn_parameters
from mllint.frameworks.table import Call, alias, attribute, bases, method, row
from mllint.frameworks.toml import load_toml
from mllint.program import Argument, Encode, Fit, MetricUse, ModelSummary, Split, Transform
from mllint.values import (
    COPIED,
    FALSE,
    NONE,
    TRUE,
    UNKNOWN,
    Const,
    Data,
    Encoding,
    Layer,
    Obj,
    Step,
    Tuple,
    Value,
    choice,
    constant,
    options,
)

BASE = "sklearn.base.BaseEstimator"
PIPELINE = "sklearn.pipeline.Pipeline"
COLUMNS = "sklearn.compose.ColumnTransformer"
UNION = "sklearn.pipeline.FeatureUnion"
SEARCHES = ("GridSearchCV", "RandomizedSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV")
SEARCH = "sklearn.model_selection.BaseSearchCV"

_LABELS = ("LabelEncoder", "LabelBinarizer", "MultiLabelBinarizer")
_KEEPING = ("SimpleImputer", "KNNImputer", "IterativeImputer", "Imputer")
"""Transformers that keep columns, order and labels."""
_PREDICTORS = {"classifiers": "classifier", "regressors": "regressor", "clusterers": "clusterer"}
_TABLE = load_toml("sklearn.toml")

ROLES: dict[str, str] = {
    f"{module}.{name}": role for role, modules in _TABLE.items() for module, names in modules.items() for name in names
}
"""What each class is, by its canonical path."""
ROLES.update({f"sklearn.preprocessing.{name}": "label" for name in _LABELS})
ROLES["sklearn.preprocessing.OneHotEncoder"] = "one-hot"
ROLES["sklearn.preprocessing.OrdinalEncoder"] = "ordinal"

TRANSFORMERS = ("scalers", "learners", "supervised", "stateless", "label", "one-hot", "ordinal", "composite")


# -- making them ------------------------------------------------------------------------------------------------------
def estimator(call: Call, *arguments: Value, **settings: Value) -> Value:
    """An unfitted estimator with the settings it was given by name."""
    if arguments:
        settings.setdefault("0", arguments[0])
    if call.path.rpartition(".")[2] in DRAWING and call.complete and settings.get("random_state", NONE) == NONE:
        settings["@free"] = TRUE
    return call.new(call.path, **settings)


DRAWING = frozenset(
    {
        *(f"{name}{role}" for name in ("RandomForest", "ExtraTrees", "MLP", "SGD", "Bagging") for role in ("Classifier", "Regressor")),
        "KMeans", "MiniBatchKMeans", "IsolationForest",
    }
)  # fmt: skip
"""Estimators that draw from numpy's global generator unless they are given a ``random_state``."""


row(*ROLES)(estimator)
for _path in ROLES:
    bases(_path, BASE)
bases(PIPELINE, BASE)
bases(COLUMNS, BASE)
bases(UNION, BASE)
bases(SEARCH, BASE)
for _name in SEARCHES:
    bases(f"sklearn.model_selection.{_name}", SEARCH)
    alias(f"sklearn.model_selection.{_name}", f"sklearn.grid_search.{_name}")
bases("sklearn.base.TransformerMixin", BASE)
bases("sklearn.base.ClassifierMixin", BASE)
bases("sklearn.base.RegressorMixin", BASE)
alias(PIPELINE, "imblearn.pipeline.Pipeline")
alias("sklearn.pipeline.make_pipeline", "imblearn.pipeline.make_pipeline")


@row(PIPELINE)
def pipeline(call: Call, steps: Value, **rest: Value) -> Value:
    return call.new(PIPELINE, steps=_parts(call, steps, 1), names=_parts(call, steps, 0))


@row("sklearn.pipeline.make_pipeline")
def make_pipeline(call: Call, *steps: Value, **rest: Value) -> Value:
    if not call.complete:
        return call.new(PIPELINE, steps=UNKNOWN, names=UNKNOWN)
    return call.new(PIPELINE, steps=Tuple(steps), names=sklearn_parameters.made_names(call, steps))


@row(COLUMNS)
def column_transformer(call: Call, transformers: Value, remainder: Value = NONE, **rest: Value) -> Value:
    names = _parts(call, transformers, 0)
    return call.new(COLUMNS, steps=_parts(call, transformers, 1), columns=_parts(call, transformers, 2), names=names)


@row("sklearn.compose.make_column_transformer")
def make_column_transformer(call: Call, *transformers: Value, remainder: Value = NONE, **rest: Value) -> Value:
    given = Tuple(transformers) if call.complete else UNKNOWN
    steps = _parts(call, given, 0)
    names = sklearn_parameters.made_names(call, steps.items) if isinstance(steps, Tuple) else UNKNOWN
    return call.new(COLUMNS, steps=steps, columns=_parts(call, given, 1), names=names)


@row(UNION)
def feature_union(call: Call, transformer_list: Value, **rest: Value) -> Value:
    return call.new(UNION, steps=_parts(call, transformer_list, 1), names=_parts(call, transformer_list, 0))


@row("sklearn.pipeline.make_union")
def make_union(call: Call, *transformers: Value, **rest: Value) -> Value:
    names = sklearn_parameters.made_names(call, transformers) if call.complete else UNKNOWN
    return call.new(UNION, steps=Tuple(transformers), names=names)


@row(*(f"sklearn.model_selection.{name}" for name in SEARCHES))
def search(call: Call, estimator: Value, *more: Value, cv: Value = NONE, **rest: Value) -> Value:
    for name in ("param_grid", "param_distributions"):
        if name in rest:
            sklearn_parameters.searched(call, estimator, rest[name], call.where(name))
    if more:
        sklearn_parameters.searched(call, estimator, more[0], call.positional[1][1])
    return call.new(call.path, estimator=estimator, cv=cv)


@row("sklearn.base.clone")
def clone(call: Call, estimator: Value, safe: Value = NONE) -> Value:
    results: list[Value] = []
    for index, option in enumerate(options(estimator)):
        if not isinstance(option, Obj) or option.kind == "instance":
            return UNKNOWN
        copy = call.engine.new(option.kind, call.site if index == 0 else option.site, {})
        for name in ("steps", "names", "columns", "estimator", "cv"):
            value = call.get(option, name)
            if value is not None:
                call.set(copy, name, value)
        results.append(copy)
    return choice(results)


def _parts(call: Call, steps: Value, index: int) -> Value:
    """The n-th element of every step's tuple."""
    items = call.items(steps)
    if items is None:
        return UNKNOWN
    found: list[Value] = []
    for item in items:
        parts = call.items(item)
        found.append(parts[index] if parts is not None and len(parts) > index else UNKNOWN)
    return Tuple(tuple(found))


# -- what they are ----------------------------------------------------------------------------------------------------
def steps_of(call: Call, obj: Value) -> list[Value] | None:
    """What a pipeline, column transformer or union is made of."""
    steps = call.get(obj, "steps")
    return list(steps.items) if isinstance(steps, Tuple) else None


def role_of(call: Call, value: Value) -> str:
    """What an estimator is: ``classifiers``, ``scalers`` …, or ``unknown``; a pipeline is what its last step is."""
    if not isinstance(value, Obj):
        return "unknown"
    found = ROLES.get(value.kind)
    if found is not None:
        return found
    if value.kind in (COLUMNS, UNION):
        return "composite"
    if value.kind == PIPELINE:
        steps = steps_of(call, value)
        if not steps:
            return "unknown"
        last = role_of(call, steps[-1])
        return "composite" if last in TRANSFORMERS else last
    if value.kind.rpartition(".")[2] in SEARCHES:
        return role_of(call, call.get(value, "estimator") or UNKNOWN)
    return "unknown"


def name_of(call: Call, value: Value) -> str:
    """The plain name of the class that learns: for pipelines and searches the last estimator's."""
    if not isinstance(value, Obj):
        return "estimator"
    if value.kind == PIPELINE:
        steps = steps_of(call, value)
        if steps and role_of(call, steps[-1]) not in TRANSFORMERS:
            return name_of(call, steps[-1])
    if value.kind.rpartition(".")[2] in SEARCHES:
        return name_of(call, call.get(value, "estimator") or UNKNOWN)
    return value.kind.rpartition(".")[2]


_ABOUT = ("class_weight", "scale_pos_weight", "is_unbalance", "auto_class_weights", "gamma", "kernel", "solver")
"""Settings that rules ask for."""


def last_of(call: Call, value: Value) -> Value:
    """What learns in the end: inside of a search, at the end of a pipeline."""
    if isinstance(value, Obj) and value.kind.rpartition(".")[2] in SEARCHES:
        return last_of(call, call.get(value, "estimator") or UNKNOWN)
    steps = steps_of(call, value) if isinstance(value, Obj) and value.kind == PIPELINE else None
    return last_of(call, steps[-1]) if steps else value


def settings_of(call: Call, value: Value) -> tuple[tuple[str, Value], ...]:
    """What the estimator that learns in the end was told about classes and distances."""
    last = last_of(call, value)
    found = ((name, call.get(last, name)) for name in _ABOUT)
    return tuple((name, setting) for name, setting in found if setting is not None)


def estimators_of(call: Call, value: Value) -> tuple[str, ...]:
    """The classes of all that is inside of an estimator; empty when that is not all known."""
    if isinstance(value, Obj) and value.kind.rpartition(".")[2] in SEARCHES:
        return estimators_of(call, call.get(value, "estimator") or UNKNOWN)
    found: list[str] = []
    for part in flattened(call, value):
        if isinstance(part, Const):  # "passthrough", "drop"
            continue
        if not isinstance(part, Obj) or part.kind not in ROLES:
            return ()
        found.append(part.kind.rpartition(".")[2])
    return tuple(found)


def flattened(call: Call, value: Value) -> list[Value]:
    """All transformers inside a composite one."""
    steps = steps_of(call, value)
    if steps is None:
        return [value]
    return [inner for step in steps for inner in flattened(call, step)]


def learns(call: Call, value: Value) -> bool:
    """Whether a transformer learns from the values of the rows it is fitted on."""
    if isinstance(value, Const):  # "passthrough", "drop"
        return False
    if steps_of(call, value) is not None:
        return any(learns(call, step) for step in flattened(call, value) if step is not value)
    return role_of(call, value) != "stateless"


def supervised(call: Call, value: Value) -> bool:
    """Whether a transformer uses the target."""
    return any(role_of(call, step) == "supervised" for step in flattened(call, value))


# -- transformers -----------------------------------------------------------------------------------------------------
def encodes_labels(call: Call, obj: Obj, data: Data | None) -> bool:
    """Whether this is the encoding of a target."""
    role = role_of(call, obj)
    if role == "label":
        return True
    target = data is not None and (data.columns.must_be("target") or data.labels.known or isinstance(data.space, Obj))
    return role in ("one-hot", "ordinal") and target


def learn(call: Call, obj: Obj, data: Data | None, action: str) -> None:
    """Record that a transformer was fitted."""
    earlier = call.get(obj, "fitted")
    before = earlier if isinstance(earlier, Data) else None
    step = before.last("fit") if before is not None else None
    refit = before is not None and step is not None and (step.site is not call.site or _rows(before) != _rows(data))
    call.program.transforms.append(
        Transform(
            call.site,
            "sklearn",
            name_of(call, obj),
            action,
            obj,
            data,
            learns=learns(call, obj),
            supervised=supervised(call, obj),
            encodes_labels=encodes_labels(call, obj, data),
            refit=refit,
            earlier_fit=step.site if refit and step is not None else None,
            earlier_data=before if refit else None,
            order=call.tick(),
            name_site=call.name_site,
        )
    )
    call.event("transform_fit", obj, framework="sklearn")
    call.set(obj, "fitted", (data or Data(space=UNKNOWN)).did("fit", call.site))


def _rows(data: Data | None) -> tuple[object, ...]:
    return () if data is None else (data.source, data.part, data.names)


def applied(call: Call, obj: Obj, data: Data, site_of_data: Argument) -> Data:
    """What a transformer makes of data."""
    role = role_of(call, obj)
    name = obj.kind.rpartition(".")[2]
    if role == "scalers":
        return lineage.scaled(data, call.site, obj, onto_unit=name == "MinMaxScaler")
    if role == "label":
        return encoded(call, obj, data, name)
    if role == "one-hot":
        return one_hot_encoded(call, obj, data, site_of_data)
    if role == "ordinal":
        if lineage.is_column(data):
            return coded(call, obj, data)
        return data.did("encoded", call.site, obj, made=(), bounds=None)
    if name in _KEEPING:
        return data.did("fitted-transform", call.site, obj)
    if role == "composite":
        inner = flattened(call, obj)
        if obj.kind == PIPELINE and inner and all(_keeps(call, step) for step in inner):
            if any(role_of(call, step) == "scalers" for step in inner):
                return lineage.scaled(data, call.site, obj, onto_unit=False)
            return data.did("fitted-transform", call.site, obj)
    changed = data_methods.transformed(data).did("fitted-transform", call.site, obj)
    return changed.with_(names=None, shape=(None, None), tags=changed.tags - {"column"})


def _keeps(call: Call, step: Value) -> bool:
    return role_of(call, step) == "scalers" or (isinstance(step, Obj) and step.kind.rpartition(".")[2] in _KEEPING)


def encoded(call: Call, obj: Obj, data: Data, name: str) -> Data:
    """Labels through one of the label encoders."""
    if name == "MultiLabelBinarizer":
        return lineage.one_hot(call, data, kind="multi-hot", name=name, dtype="int64").with_(space=obj)
    if name == "LabelEncoder":
        return coded(call, obj, data).with_(shape=(None,))
    binarized = lineage.one_hot(call, data, name=name, dtype="int64").with_(space=obj)
    if data.labels.must(lambda e: e.kind in ("one-hot", "multi-hot")):
        return data
    return binarized.with_(
        labels=_binarized(call, data), units=nothing() if data.labels.value is None else binarized.units
    )


def _binarized(call: Call, data: Data) -> Fact[Encoding]:
    """Two classes become one column, more become one each."""
    count = data.labels.value.count if data.labels.value is not None else None
    one_hot = (Encoding("one-hot", count=count), call.site)
    binary = (Encoding("integer", 0, 1, 2), call.site)
    if count is None:
        return Fact((one_hot, binary))
    return Fact((binary,)) if count == 2 else Fact((one_hot,))


def coded(call: Call, obj: Obj, data: Data) -> Data:
    """Labels as codes; the codes of labels that are codes already are themselves."""
    if data.labels.must(lambda e: e.kind == "integer" and e.low == 0 and e.high is not None and e.count == e.high + 1):
        return data.did("encoded", call.site, obj, bounds=None)
    source = data
    raw = call.get(obj, "fitted")
    if not data.labels.known and isinstance(raw, Data) and raw.labels.known:
        source = data.with_(labels=raw.labels)
    return data_methods.coded(call, source, obj)


def one_hot_encoded(call: Call, obj: Obj, data: Data, given: Argument) -> Data:
    """Labels or features as one column a value."""
    column = lineage.is_column(data) or data.labels.known
    call.program.encodes.append(Encode(call.site, "OneHotEncoder", data, given.site, Argument()))
    if not column:
        changed = data_methods.transformed(data).did("fitted-transform", call.site, obj)
        return changed.with_(names=None, shape=(None, None))
    dropped = call.get(obj, "drop")
    if dropped is not None and dropped != NONE:
        return data_methods.transformed(data)
    if data.labels.must(lambda e: e.kind in ("one-hot", "multi-hot")):
        return data_methods.transformed(data)
    return lineage.one_hot(call, data, name="OneHotEncoder", dtype="float64")


def _given(call: Call) -> tuple[Value, Argument]:
    """The data argument under any of the names the classes use for it."""
    for name in ("X", "y", "raw_documents", "x"):
        argument = call.argument(name)
        if argument.given:
            return lineage.single(argument.value), argument
    return UNKNOWN, Argument()


@method(BASE, "fit")
def fit(call: Call, obj: Obj, X: Value, y: Value = NONE, **rest: Value) -> Value:
    value, _ = _given(call)
    role = role_of(call, obj)
    if role in TRANSFORMERS:
        learn(call, obj, lineage.as_data(call, value), "fit")
    elif role not in ("resamplers",):
        fit_predictor(call, obj, value, y, "fit")
    return obj


@method(BASE, "partial_fit")
def partial_fit(call: Call, obj: Obj, X: Value, y: Value = NONE, **rest: Value) -> Value:
    if role_of(call, obj) not in TRANSFORMERS:
        fit_predictor(call, obj, lineage.single(X), y, "partial_fit")
    return obj


@method(BASE, "fit_transform")
def fit_transform(call: Call, obj: Obj, X: Value, y: Value = NONE, **rest: Value) -> Value:
    value, argument = _given(call)
    data = lineage.as_data(call, value)
    if data is None:
        data = lineage.fresh(call, space=UNKNOWN)
    learn(call, obj, data, "fit_transform")
    return applied(call, obj, data, argument)


@method(BASE, "transform")
def transform(call: Call, obj: Obj, X: Value, **rest: Value) -> Value:
    value, argument = _given(call)
    data = lineage.as_data(call, value)
    call.program.transforms.append(
        Transform(
            call.site,
            "sklearn",
            name_of(call, obj),
            "transform",
            obj,
            data,
            learns=learns(call, obj),
            supervised=supervised(call, obj),
            encodes_labels=encodes_labels(call, obj, data),
            order=call.tick(),
            name_site=call.name_site,
        )
    )
    if data is None:
        data = Data(space=UNKNOWN)
    return applied(call, obj, data, argument)


@method(BASE, "inverse_transform")
def inverse_transform(call: Call, obj: Obj, X: Value, **rest: Value) -> Value:
    value, _ = _given(call)
    data = lineage.as_data(call, value)
    if data is None:
        return Data(space=UNKNOWN)
    role = role_of(call, obj)
    raw = call.get(obj, "fitted")
    labels = raw.labels if isinstance(raw, Data) else nothing()
    steps = tuple(step for step in data.steps if not (step.kind == "scaled" and step.by == obj))
    undone = data.with_(steps=steps)
    if role in ("label", "one-hot", "ordinal"):
        scale = known("hard", call.site) if data.scale.known else nothing()
        space = raw.space if isinstance(raw, Data) else UNKNOWN
        return undone.did(
            "decoded", call.site, obj, labels=labels, space=space, scale=scale, units=nothing(), shape=None
        )
    return undone.did("decoded", call.site, obj, labels=nothing(), bounds=None)


@method("unknown", "fit_transform")
def unknown_fit_transform(call: Call, receiver: Value, X: Value = UNKNOWN, y: Value = NONE, **rest: Value) -> Value:
    if not isinstance(X, Data):
        return UNKNOWN
    changed = data_methods.transformed(X).did("fitted-transform", call.site, "fit_transform")
    return changed.with_(names=None, shape=None, tags=changed.tags - {"column"})


@method("unknown", "transform")
def unknown_transform(call: Call, receiver: Value, X: Value = UNKNOWN, **rest: Value) -> Value:
    return unknown_fit_transform(call, receiver, X) or UNKNOWN


# -- predictors -------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Watch:
    """What is measured while something is trained, and what decides something by it."""

    rows: tuple[Data, ...] = ()
    selects: Site | None = None
    selector: str = ""


def fit_predictor(call: Call, obj: Obj, X: Value, y: Value, method_name: str, watch: Watch | None = None) -> None:
    """Record that a classifier, regressor or clusterer was trained."""
    watch = watch or Watch()
    role = role_of(call, obj)
    x, target = lineage.as_data(call, X), lineage.as_data(call, lineage.single(y))
    if x is not None and not sees_every_column(call, obj):
        x = x.with_(chosen=None)
    if isinstance(obj, Obj) and obj.kind.rpartition(".")[2] in SEARCHES:
        used = tuple(data for data in (x, target) if data is not None)
        cv = call.get(obj, "cv") or UNKNOWN
        setting = call.get(cv, "shuffle")
        shuffles = True if setting == TRUE else False if setting == FALSE else None
        call.program.splits.append(Split(call.site, "cv", used, shuffles, order=call.tick(), by=cv))
    call.program.fits.append(
        Fit(
            call.site,
            "sklearn",
            obj,
            _PREDICTORS.get(role, "unknown"),
            name_of(call, obj),
            x,
            target,
            call.where("y"),
            method=method_name,
            order=call.tick(),
            loops=call.engine.loops,
            watched=watch.rows,
            selects=watch.selects,
            selector=watch.selector,
            estimators=estimators_of(call, obj),
            settings=settings_of(call, obj),
        )
    )
    parts = tuple(
        Layer("sklearn", part.kind.rpartition(".")[2], part.site)
        for part in flattened(call, obj)
        if isinstance(part, Obj)
    )
    for part in flattened(call, obj):
        if isinstance(part, Obj) and call.get(part, "@free") == TRUE and call.get(part, "random_state") in (None, NONE):
            seeding.decided(call, "numpy", "estimator", part.kind.rpartition(".")[2], part.site)
    if isinstance(obj, Obj):
        call.program.models.append(ModelSummary(obj.site, "sklearn", obj.kind.rpartition(".")[2], parts, None, obj))
    call.event("fit", obj, X, y, framework="sklearn")
    call.tick()
    remember(call, obj, x, target)


def sees_every_column(call: Call, estimator: Value) -> bool:
    """Whether what learns at the end of a pipeline is proven to get all columns the pipeline is given."""
    if isinstance(estimator, Obj) and estimator.kind.rpartition(".")[2] in SEARCHES:
        return sees_every_column(call, call.get(estimator, "estimator") or UNKNOWN)
    if not isinstance(estimator, Obj) or estimator.kind != PIPELINE:
        return role_of(call, estimator) in _PREDICTORS
    steps = steps_of(call, estimator)
    return bool(steps) and all(_keeps(call, step) for step in (steps or ())[:-1])


def remember(call: Call, obj: Value, x: Data | None, y: Data | None) -> None:
    """Keep what an estimator was trained on, also with the estimator inside a search or at a pipeline's end."""
    unknown = Data(space=UNKNOWN)
    call.set(obj, "x", x or unknown)
    call.set(obj, "y", y or unknown)
    inner = call.get(obj, "estimator")
    if isinstance(inner, Obj):
        remember(call, inner, x, y)


def predicted(call: Call, obj: Obj, X: Value) -> Data:
    """What ``predict`` gives: in the space of the labels it was trained on."""
    data = lineage.as_data(call, lineage.single(X)) or Data(space=UNKNOWN)
    role = role_of(call, obj)
    y = call.get(obj, "y")
    trained = y if isinstance(y, Data) else None
    lineage.predicts(call, "sklearn", obj, data, call.where("X"))
    result = Data(source=data.source, part=data.part, split=data.split, model=obj, tags=frozenset({"prediction"}))
    result = result.did("predicted", call.site, obj).with_(order=data.order)
    if role == "classifiers":
        labels = trained.labels if trained is not None else nothing()
        space = trained.space if trained is not None else UNKNOWN
        return result.with_(scale=known("hard", call.site), labels=labels, space=space)
    if role == "regressors":
        return result.with_(labels=known(Encoding("continuous"), call.site), space=UNKNOWN)
    return result.with_(space=UNKNOWN)


@method(BASE, "predict")
def predict(call: Call, obj: Obj, X: Value, **rest: Value) -> Value:
    found = predicted(call, obj, X)
    asked = rest.get("prediction_type", _CLASS)
    if asked != _CLASS or any(rest[name] != FALSE for name in _RAW if name in rest):
        return found.with_(scale=nothing(), labels=nothing(), space=UNKNOWN)
    return found


_CLASS = Const("Class")
_RAW = ("output_margin", "raw_score", "pred_leaf", "pred_contrib", "return_std")
"""Arguments with which the booster libraries give something else than classes."""


@method(BASE, "fit_predict")
def fit_predict(call: Call, obj: Obj, X: Value, y: Value = NONE, **rest: Value) -> Value:
    fit_predictor(call, obj, lineage.single(X), y, "fit_predict")
    return predicted(call, obj, X)


@method(BASE, "predict_proba", "decision_function", "predict_log_proba")
def predict_scores(call: Call, obj: Obj, X: Value, **rest: Value) -> Value:
    name = call.path.rpartition(".")[2]
    scale = {"predict_proba": "softmax", "decision_function": "linear", "predict_log_proba": "log_softmax"}[name]
    result = predicted(call, obj, X)
    return result.with_(
        scale=known(scale, call.site),
        labels=nothing(),
        space=UNKNOWN,
        tags=result.tags | {"probability"},
        bounds=(0.0, 1.0) if scale == "softmax" else None,
    )


@method(BASE, "score")
def score(call: Call, obj: Obj, X: Value, y: Value = NONE, **rest: Value) -> Value:
    if y != NONE and role_of(call, obj) in ("classifiers", "regressors", "unknown"):
        second = Argument(predicted(call, obj, X), call.where("X"), True)
        target = lineage.as_data(call, lineage.single(y))
        first = Argument(target or UNKNOWN, call.where("y"), True)
        call.program.metrics.append(
            MetricUse(call.site, "sklearn", "score", first, second, symmetric=True, order=call.tick())
        )
        return lineage.scored(call, "score", obj, second.value if isinstance(second.value, Data) else None)
    return UNKNOWN


@method(BASE, "set_params")
def set_params(call: Call, obj: Obj, **params: Value) -> Value:
    replaced = frozenset(params)
    for key in params:
        sklearn_parameters.asked(call, obj, key, call.where(key), replaced)
    steps, names = call.get(obj, "steps"), call.get(obj, "names")
    if isinstance(steps, Tuple) and isinstance(names, Tuple) and len(steps.items) == len(names.items):
        pairs = zip(names.items, steps.items, strict=True)
        call.set(obj, "steps", Tuple(tuple(params.get(str(constant(name)), step) for name, step in pairs)))
    return obj


@method(BASE, "set_output", "eval", "set_fit_request")
def configured(call: Call, obj: Obj, **rest: Value) -> Value:
    return obj


@method(BASE, "fit_resample", "fit_sample")
def resample(call: Call, obj: Obj, X: Value, y: Value = NONE, **rest: Value) -> Value:
    found: list[Value] = []
    kind = "resampled" if ".under_sampling." in obj.kind else COPIED
    for value in (X, y):
        data = lineage.as_data(call, lineage.single(value))
        if data is None:
            data = Data(space=UNKNOWN)
        found.append(lineage.every_column(data, lambda d: d.did(kind, call.site, obj, order=None)))
    call.event("resample", obj, X, y, framework="sklearn")
    return Tuple(tuple(found))


# -- attributes -------------------------------------------------------------------------------------------------------
@attribute(BASE, "classes_", "categories_")
def classes(call: Call, obj: Obj) -> Value:
    fitted = call.get(obj, "fitted") or call.get(obj, "y")
    if not isinstance(fitted, Data):
        return Data(space=UNKNOWN)
    return data_methods.distinct(Data(labels=fitted.labels, space=fitted.space))


@attribute(PIPELINE, "steps")
def step_list(call: Call, obj: Obj) -> Value:
    call.set(obj, "names", UNKNOWN)  # the list may be changed
    return UNKNOWN


@attribute(SEARCH, "best_estimator_")
def best_estimator(call: Call, obj: Obj) -> Value:
    return call.get(obj, "estimator") or UNKNOWN


@attribute(SEARCH, "best_score_")
def best_score(call: Call, obj: Obj) -> Value:
    x = call.get(obj, "x")
    return lineage.scored(call, "best_score_", obj, x if isinstance(x, Data) else None, "search")


@attribute(BASE, "oob_score_")
def out_of_bag_score(call: Call, obj: Obj) -> Value:
    x = call.get(obj, "x")
    return lineage.scored(call, "oob_score_", obj, x if isinstance(x, Data) else None, "oob")


@attribute(
    BASE,
    "named_steps",
    "named_transformers_",
    "best_params_",
    "coef_",
    "feature_importances_",
    "n_features_in_",
    "labels_",
)
def fitted_attribute(call: Call, obj: Obj) -> Value:
    return UNKNOWN


def _selection(call: Call, obj: Value) -> Data:
    """Which columns a selection keeps: learnt from the rows it was fitted on."""
    fitted = call.get(obj, "fitted")
    step = fitted.last("fit") if isinstance(fitted, Data) else None
    steps = () if step is None else (Step("fitted-transform", step.site, obj),)
    return Data(space=UNKNOWN, steps=steps, tags=frozenset({"column-mask"}))


@attribute(BASE, "support_", "ranking_")
def chosen_columns(call: Call, obj: Value) -> Value:
    return _selection(call, obj)


@method(BASE, "get_support", "get_feature_names_out")
def chosen_by(call: Call, obj: Obj, *more: Value, **rest: Value) -> Value:
    return _selection(call, obj)


@attribute(BASE, "mean_", "scale_", "var_", "data_min_", "data_max_", "min_", "data_range_", "center_", "statistics_")
def learnt_attribute(call: Call, obj: Obj) -> Value:
    return UNKNOWN


# -- functions --------------------------------------------------------------------------------------------------------
@row(
    *(
        f"sklearn.preprocessing.{n}"
        for n in ("scale", "minmax_scale", "maxabs_scale", "robust_scale", "quantile_transform", "power_transform")
    )
)
def scale(call: Call, X: Value, **rest: Value) -> Value:
    name = call.path.rpartition(".")[2]
    data = lineage.as_data(call, X)
    call.program.transforms.append(
        Transform(call.site, "sklearn", name, "fit_transform", UNKNOWN, data, order=call.tick())
    )
    return UNKNOWN if data is None else lineage.scaled(data, call.site, name, onto_unit=name == "minmax_scale")


@row("sklearn.preprocessing.normalize", "sklearn.preprocessing.binarize", "sklearn.preprocessing.add_dummy_feature")
def stateless_function(call: Call, X: Value, *more: Value, **rest: Value) -> Value:
    data = lineage.as_data(call, X)
    return UNKNOWN if data is None else data_methods.transformed(data)


@row("sklearn.preprocessing.label_binarize")
def label_binarize(call: Call, y: Value, classes: Value = UNKNOWN, **rest: Value) -> Value:
    data = lineage.as_data(call, y)
    if data is None:
        return UNKNOWN
    call.program.encodes.append(Encode(call.site, "label_binarize", data, call.where("y"), call.argument("classes")))
    names = call.items(classes) if not isinstance(classes, Data) else None
    count = len(names) if names is not None else None
    if isinstance(classes, Data) and classes.shape:
        count = classes.shape[0]
    if count == 2:
        return data.did("one-hot", call.site, "label_binarize", labels=known(Encoding("integer", 0, 1, 2), call.site))
    if count is None and data.labels.value is None:
        return lineage.one_hot(call, data, name="label_binarize", dtype="int64").with_(
            labels=_binarized(call, data), units=nothing()
        )
    return lineage.one_hot(call, data, count=count, name="label_binarize", dtype="int64")


@row("sklearn.utils.shuffle")
def shuffle(call: Call, *arrays: Value, random_state: Value = NONE, n_samples: Value = NONE) -> Value:
    found: list[Value] = []
    key = lineage.key_of(call, random_state if call.complete else UNKNOWN)
    for value in arrays:
        data = lineage.as_data(call, lineage.single(value)) or lineage.fresh(call, space=UNKNOWN)
        found.append(lineage.shuffled(data, call.site, key))
    return found[0] if len(found) == 1 else Tuple(tuple(found))


@row("sklearn.utils.resample")
def resample_rows(call: Call, *arrays: Value, replace: Value = TRUE, **rest: Value) -> Value:
    found: list[Value] = []
    kind = COPIED if replace == TRUE else "resampled"
    for value in arrays:
        data = lineage.as_data(call, lineage.single(value)) or lineage.fresh(call, space=UNKNOWN)
        found.append(lineage.shuffled(data, call.site, ("maybe", id(call.site), 0)).did(kind, call.site, "resample"))
    return found[0] if len(found) == 1 else Tuple(tuple(found))
