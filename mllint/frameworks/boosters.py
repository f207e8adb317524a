"""XGBoost, LightGBM and CatBoost: their scikit-learn classes, their training functions and the data sets these take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mllint.facts import Site, known, nothing
from mllint.frameworks import lineage, sklearn
from mllint.frameworks.table import Call, alias, attribute, bases, method, row
from mllint.frameworks.tensors import count_of
from mllint.frameworks.toml import load_toml
from mllint.program import Argument, Fit, Pair, Split
from mllint.values import (
    FALSE,
    NONE,
    TRUE,
    UNKNOWN,
    Choice,
    Const,
    Data,
    Encoding,
    Obj,
    Tuple,
    Value,
    constant,
    options,
)

_TABLE = load_toml("boosters.toml")
OBJECTIVES: Mapping[str, Mapping[str, Mapping[str, str]]] = _TABLE["objectives"]
PARAMETERS: Mapping[str, Mapping[str, list[str]]] = _TABLE["parameters"]
CLASSES: Mapping[str, str] = {
    f"{module}.{name}": role
    for role, modules in _TABLE["classes"].items()
    for module, names in modules.items()
    for name in names
}
MODELS = {"xgboost": "xgboost.XGBModel", "lightgbm": "lightgbm.LGBMModel", "catboost": "catboost.CatBoost"}
MATRIX, BOOSTER = "boosters.Matrix", "boosters.Booster"
"""The libraries' data sets, with features and labels in one; and what their training functions give."""


# -- scikit-learn's interface -----------------------------------------------------------------------------------------
for _path, _role in CLASSES.items():
    _library = _path.partition(".")[0]
    sklearn.ROLES[_path] = _role
    row(_path)(sklearn.estimator)
    bases(_path, sklearn.BASE if _path in MODELS.values() else MODELS[_library])
    alias(_path, *(f"{_library}.{module}.{_path.rpartition('.')[2]}" for module in ("sklearn", "dask", "core")))


@method(tuple(MODELS.values()), "fit")
def fit(call: Call, obj: Obj, X: Value, y: Value = NONE, **rest: Value) -> Value:
    """Learn from features and labels, or from a data set that holds both."""
    features, labels, site = parts(call, X)
    library = call.path.partition(".")[0] if call.path.partition(".")[0] in MODELS else obj.kind.partition(".")[0]
    configured = call.get(obj, "early_stopping_rounds") or call.get(obj, "early_stopping_round")
    stops = _stopping(call, library, rest, configured)
    watch = _watch(call, rest.get("eval_set", UNKNOWN), "eval_set", stops)
    if labels is None:
        sklearn.fit_predictor(call, obj, lineage.single(X), y, "fit", watch)
    else:
        call.bound["y"] = Argument(labels, site, True)
        sklearn.fit_predictor(call, obj, features, labels, "fit", watch)
    return obj


_STOPPERS = ("lightgbm.early_stopping", "lightgbm.callback.early_stopping", "xgboost.callback.EarlyStopping")


@row(*_STOPPERS)
def stopper(call: Call, *more: Value, **rest: Value) -> Value:
    return call.new("boosters.early_stopping")


def _stopping(call: Call, library: str, given: Mapping[str, Value], configured: Value | None) -> bool:
    """Whether the number of trees is proven to be chosen by the score on the watched rows."""
    if library == "catboost" and given.get("use_best_model", TRUE) == TRUE:
        return call.complete
    for name in ("early_stopping_rounds", "early_stopping_round"):
        configured = given.get(name, configured)
    rounds = constant(configured) if configured is not None else None
    if isinstance(rounds, int) and not isinstance(rounds, bool) and rounds > 0:
        return True
    callbacks = call.items(given.get("callbacks", UNKNOWN)) or ()
    return any(isinstance(each, Obj) and each.kind == "boosters.early_stopping" for each in callbacks)


def _watch(call: Call, sets: Value, argument: str, stops: bool) -> sklearn.Watch:
    """The features of the sets that are measured while trees are added."""
    items = call.items(sets) if not isinstance(sets, Data) and not _is_matrix(sets) else [sets]
    found = []
    pair = isinstance(sets, Tuple) and not any(isinstance(each, (Tuple, Obj)) for each in sets.items)
    for each in [sets] if pair else items or ():
        inner = each.items[0] if isinstance(each, Tuple) and each.items else each
        features, _, _ = parts(call, inner)
        data = lineage.as_data(call, lineage.single(features)) if isinstance(features, (Data, Choice)) else None
        if data is not None:
            found.append(data)
    chosen = stops and bool(found)
    return sklearn.Watch(tuple(found), (call.where(argument) or call.site) if chosen else None, "early stopping")


def _is_matrix(value: Value) -> bool:
    return isinstance(value, Obj) and value.kind == MATRIX


@method(tuple(MODELS.values()), "predict")
def predict(call: Call, obj: Obj, X: Value, *more: Value, **rest: Value) -> Value:
    """The predicted classes, unless raw scores or probabilities are asked for."""
    features, _, _ = parts(call, X)
    result = sklearn.predicted(call, obj, features)
    if sklearn.role_of(call, obj) != "classifiers":
        return result
    objective = call.get(obj, "objective")
    if objective is not None and not isinstance(objective, Const):
        return _unlabelled(result)  # a function of the user's: what is predicted is its business
    form = rest.get("prediction_type", more[0] if more and call.path.startswith("catboost") else Const("Class"))
    raw = rest.get("output_margin", rest.get("raw_score", FALSE))
    if raw == FALSE and form == Const("Class"):
        return result
    scale = {"Probability": "softmax", "RawFormulaVal": "linear"}.get(str(constant(form)))
    if raw == TRUE:
        scale = "linear"
    scores = _unlabelled(result)
    if scale is None:
        return scores
    return scores.with_(scale=known(scale, call.site), tags=scores.tags | {"probability"})


def _unlabelled(data: Data) -> Data:
    return data.with_(scale=nothing(), labels=nothing(), space=UNKNOWN)


@method(tuple(MODELS.values()), "get_booster")
def booster_of(call: Call, obj: Obj) -> Value:
    return call.new(BOOSTER, x=call.get(obj, "x") or UNKNOWN, y=call.get(obj, "y") or UNKNOWN)


@attribute(tuple(MODELS.values()), "booster_")
def booster_attribute(call: Call, obj: Obj) -> Value:
    return booster_of(call, obj) or UNKNOWN


# -- data sets --------------------------------------------------------------------------------------------------------
_MATRICES = (
    "xgboost.DMatrix",
    "xgboost.QuantileDMatrix",
    "xgboost.DeviceQuantileDMatrix",
    "lightgbm.Dataset",
    "catboost.Pool",
)
for _path in _MATRICES:
    alias(_path, f"{_path.partition('.')[0]}.core.{_path.rpartition('.')[2]}")
alias("lightgbm.Dataset", "lightgbm.basic.Dataset")


@row(*_MATRICES)
def matrix(call: Call, data: Value = UNKNOWN, label: Value = NONE, *more: Value, **rest: Value) -> Value:
    return _matrix(call, data, label)


def _matrix(call: Call, data: Value, label: Value) -> Value:
    made = call.new(MATRIX, x=lineage.single(data), by=Const(call.path))
    if label != NONE:
        _label(call, made, label, call.where("label"))
    return made


def _label(call: Call, obj: Value, label: Value, site: Site | None) -> None:
    call.set(obj, "y", lineage.single(label))
    call.set(obj, "y_site", Const(site))
    x = lineage.as_data(call, call.get(obj, "x") or UNKNOWN)
    y = lineage.as_data(call, lineage.single(label))
    if x is not None and y is not None:
        by = str(constant(call.get(obj, "by") or NONE)).rpartition(".")[2]
        call.program.pairs.append(Pair(call.site, by, x, y, site))


@method(MATRIX, "set_label", "set_info")
def set_label(call: Call, obj: Obj, label: Value = UNKNOWN, **rest: Value) -> Value:
    if label is not UNKNOWN:
        _label(call, obj, label, call.where("label"))
    return obj


@method(MATRIX, "get_label")
def get_label(call: Call, obj: Obj) -> Value:
    return call.get(obj, "y") or UNKNOWN


@method(MATRIX, "get_data")
def get_data(call: Call, obj: Obj) -> Value:
    return call.get(obj, "x") or UNKNOWN


@method(MATRIX, "create_valid")
def create_valid(call: Call, obj: Obj, data: Value = UNKNOWN, label: Value = NONE, **rest: Value) -> Value:
    return _matrix(call, data, label)


@method(MATRIX, "num_row", "num_col", "set_weight", "set_base_margin", "construct", "save_binary", "set_group")
def about_matrix(call: Call, obj: Obj, *more: Value, **rest: Value) -> Value:
    return obj if call.path.rpartition(".")[2] == "construct" else UNKNOWN


def parts(call: Call, value: Value) -> tuple[Value, Value | None, Site | None]:
    """Features, labels and where the labels are given, of a data set; of anything else it itself."""
    if not isinstance(value, Obj) or value.kind != MATRIX:
        return value, None, None
    site: Any = constant(call.get(value, "y_site") or NONE)
    return call.get(value, "x") or UNKNOWN, call.get(value, "y") or UNKNOWN, site


# -- training functions -----------------------------------------------------------------------------------------------
@row("xgboost.train", "xgboost.cv", "xgboost.training.train", "xgboost.training.cv")
def train_xgboost(call: Call, params: Value = UNKNOWN, dtrain: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    return _trained(call, "xgboost", params, dtrain, custom=not {"obj"}.isdisjoint(rest))


@row("lightgbm.train", "lightgbm.cv", "lightgbm.engine.train", "lightgbm.engine.cv")
def train_lightgbm(
    call: Call, params: Value = UNKNOWN, train_set: Value = UNKNOWN, *more: Value, **rest: Value
) -> Value:
    return _trained(call, "lightgbm", params, train_set, custom=not {"fobj"}.isdisjoint(rest))


@row("catboost.train", "catboost.cv", "catboost.core.train", "catboost.core.cv")
def train_catboost(
    call: Call, pool: Value = UNKNOWN, params: Value = UNKNOWN, dtrain: Value = UNKNOWN, *more: Value, **rest: Value
) -> Value:
    return _trained(call, "catboost", params, dtrain if pool is UNKNOWN else pool, custom=False)


def _trained(call: Call, library: str, params: Value, dataset: Value, *, custom: bool) -> Value:
    """Record that a booster is trained, and give it."""
    features, labels, site = parts(call, dataset)
    x = lineage.as_data(call, features)
    y = None if labels is None else lineage.as_data(call, labels)
    function = call.path.rpartition(".")[2]
    given = {} if custom else _settings(call, params)
    objective = _parameter(library, given, "objective")
    classes = _parameter(library, given, "classes")
    kind = "unknown"
    about: Mapping[str, str] = {}
    if isinstance(objective, Const) and isinstance(objective.value, str):
        about = OBJECTIVES[library].get(objective.value, {})
        kind = about.get("kind", "unknown")
    booster = call.new(
        BOOSTER,
        x=x or Data(space=UNKNOWN),
        y=y or Data(space=UNKNOWN),
        gives=Const(about.get("gives")),
        learns=Const(kind),
        classes=classes,
    )
    sets = next((n for n in ("evals", "valid_sets", "eval_set") if n in call.keywords), "")
    given_ = {name: value for name, (value, _) in call.keywords.items()}
    stops = _stopping(call, library, given_, None if custom else _parameter_named(given, "early_stopping"))
    watch = _watch(call, given_.get(sets, UNKNOWN), sets, stops)
    if function == "cv":
        used = tuple(data for data in (x, y) if data is not None)
        call.program.splits.append(Split(call.site, "cv", used, None, order=call.tick()))
    call.program.fits.append(
        Fit(
            call.site,
            library,
            booster,
            kind,
            f"{library}.{function}",
            x,
            y,
            site,
            method=function,
            objective=str(constant(objective) or ""),
            classes=Argument(classes, call.where("params"), classes is not UNKNOWN),
            order=call.tick(),
            loops=call.engine.loops,
            watched=watch.rows,
            selects=watch.selects,
            selector=watch.selector,
            whole=function != "cv",
        )
    )
    call.event("fit", booster, framework=library)
    call.tick()
    return UNKNOWN if function == "cv" else booster


def _settings(call: Call, params: Value) -> Mapping[str, Value]:
    """The parameters by name, from a dict or a list of pairs."""
    pairs = call.mapping(params)
    if pairs is None:
        listed = [call.items(item) for item in call.items(params) or ()]
        pairs = [(item[0], item[1]) for item in listed if item is not None and len(item) == 2]
    return {key.value: value for key, value in pairs if isinstance(key, Const) and isinstance(key.value, str)}


def _parameter_named(given: Mapping[str, Value], start: str) -> Value | None:
    return next((value for name, value in given.items() if name.startswith(start)), None)


def _parameter(library: str, given: Mapping[str, Value], wanted: str) -> Value:
    """A parameter under the first of its names that is given."""
    return next((given[name] for name in PARAMETERS[library][wanted] if name in given), UNKNOWN)


# -- boosters ---------------------------------------------------------------------------------------------------------
@row("xgboost.Booster", "lightgbm.Booster")
def loaded_booster(call: Call, *more: Value, **rest: Value) -> Value:
    return call.new(BOOSTER)


@method(BOOSTER, "predict", "inplace_predict")
def booster_predict(call: Call, obj: Obj, data: Value, *more: Value, **rest: Value) -> Value:
    """What a booster predicts: for most objectives scores or probabilities, no classes."""
    features, _, _ = parts(call, data)
    x = lineage.as_data(call, lineage.single(features)) or Data(space=UNKNOWN)
    tags = frozenset({"prediction"})
    lineage.predicts(call, "boosters", obj, x, call.where("data"))
    result = Data(source=x.source, part=x.part, split=x.split, model=obj, tags=tags, space=UNKNOWN, order=x.order)
    result = result.did("predicted", call.site, obj)
    y, gives, kind = call.get(obj, "y"), constant(call.get(obj, "gives") or NONE), call.get(obj, "learns")
    if kind == Const("regressor"):
        return result.with_(labels=known(Encoding("continuous"), call.site))
    if any(name in rest for name in ("pred_leaf", "pred_contribs", "pred_contrib", "pred_interactions")):
        return result
    raw = rest.get("output_margin", rest.get("raw_score", FALSE))
    if len(options(raw)) > 1 or raw not in (TRUE, FALSE) or not isinstance(gives, str):
        return result
    if gives == "hard" and raw == FALSE and isinstance(y, Data):
        return result.with_(scale=known("hard", call.site), labels=y.labels, space=y.space)
    if raw == TRUE or gives == "hard":
        gives = "linear"
    units = count_of(call.get(obj, "classes") or UNKNOWN) if gives == "softmax" else nothing()
    bounds = (0.0, 1.0) if gives in ("softmax", "sigmoid") else None
    return result.with_(scale=known(gives, call.site), units=units, bounds=bounds, tags=result.tags | {"probability"})


@attribute(BOOSTER, "best_iteration", "best_score", "best_ntree_limit", "feature_names", "attributes")
def about_booster(call: Call, obj: Obj) -> Value:
    return UNKNOWN


@method(
    BOOSTER, "load_model", "save_model", "get_score", "feature_importance", "dump_model", "set_param", "update", "eval"
)
def booster_method(call: Call, obj: Obj, *more: Value, **rest: Value) -> Value:
    return UNKNOWN
