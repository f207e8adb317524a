"""Features on scales that what learns from them cannot take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from mllint.checks.evidence import notes, same_rows
from mllint.facts import Site
from mllint.program import Fit, LossUse, Program
from mllint.rule import INFO, WARNING, Finding, hint, rule
from mllint.values import BY_CLASS, UNKNOWN, Applied, Const, Data, Value

_HARMLESS = ("reshaped", "read", "split", "shuffled", "cast", "dropped", "encoded", BY_CLASS, "in place")
"""Steps that leave features on their scale."""
_PIXELS = (0.0, 255.0)
_GRADIENT = (
    "MLPClassifier",
    "MLPRegressor",
    "SGDClassifier",
    "SGDRegressor",
    "Perceptron",
    "PassiveAggressiveClassifier",
)
"""They learn step by step and get stuck on large numbers of any kind."""
_DISTANCES = (
    "KNeighborsClassifier", "KNeighborsRegressor", "RadiusNeighborsClassifier", "RadiusNeighborsRegressor", "SVC", "SVR", "NuSVC", "NuSVR",
    "GaussianProcessClassifier", "GaussianProcessRegressor", "KMeans", "MiniBatchKMeans", "DBSCAN",
)  # fmt: skip
"""To them the column of the largest numbers is all there is."""
_REGULARISED = (
    "LinearSVC", "LinearSVR", "LogisticRegression", "LogisticRegressionCV", "Ridge", "RidgeClassifier", "Lasso", "ElasticNet",
)  # fmt: skip
"""Their penalty falls on coefficients whose size depends on the columns' units."""
_PLAIN = {
    "Dense", "Conv1D", "Conv2D", "Conv3D", "SeparableConv2D", "MaxPooling1D", "MaxPooling2D", "MaxPool2D", "AveragePooling2D", "Flatten",
    "Dropout", "Activation", "ReLU", "LeakyReLU", "Softmax", "InputLayer", "Reshape", "GlobalAveragePooling2D", "GlobalMaxPooling2D", "LSTM",
    "GRU", "SimpleRNN", "Linear", "LazyLinear", "Conv1d", "Conv2d", "MaxPool1d", "MaxPool2d", "AvgPool2d", "Sigmoid", "Tanh", "ELU", "GELU",
    "LogSoftmax", "Identity", "Dropout2d", "SpatialDropout2D", "relu", "Permute", "AdaptiveAvgPool2d",
}  # fmt: skip
"""Layers that do not put their input on another scale."""
_ADAPTIVE = ("adam", "adamw", "nadam", "rmsprop", "adagrad", "adadelta", "adamax", "lion")


@rule("ML508", WARNING)
def unscaled_features(program: Program) -> Iterator[Finding]:
    """Features of a known wide range reach a model to which their scale matters."""
    seen: set[Site] = set()
    for fit in program.fits:
        x = fit.x
        if x is None or fit.site in seen or not _raw(x) or _scaled_elsewhere(program, x):
            continue
        why = _harm_of_network(program, fit, x) if fit.framework == "keras" else _harm(fit, x)
        if why is not None:
            seen.add(fit.site)
            mild = fit.framework == "sklearn" and fit.name in _REGULARISED
            yield replace(_finding(fit.site, x, why), severity=INFO if mild else WARNING)
    for use in program.losses:
        x = _input_of(use) if use.framework == "torch" and use.training and use.site not in seen else None
        if x is not None and _raw(x) and not _scaled_elsewhere(program, x):
            seen.add(use.site)
            yield _finding(use.site, x, _stuck(program, use.model, "the network"))


def _finding(site: Site, x: Data, why: str) -> Finding:
    low, high = x.bounds or _PIXELS
    what = "pixels from 0 to 255" if x.bounds == _PIXELS else f"features from {low:g} to {high:g}"
    step = x.last("read")
    return Finding(
        site,
        f"{why}, and gets {what} that nothing has scaled",
        because=notes((None if step is None else step.site, site, "the features are loaded here")),
        fix=hint(
            "divide the pixels by 255"
            if x.bounds == _PIXELS
            else "put a `StandardScaler`, fitted on the training rows, before it"
        ),
    )


def _raw(x: Data) -> bool:
    """Whether features are proven to be as they were read, over a wide range."""
    if x.bounds is None or not all(step.kind in _HARMLESS for step in x.steps) or x.made:
        return False
    return x.bounds == _PIXELS or (x.bounds[1] - x.bounds[0] > 300 and len(x.shape or ()) == 2)


def _scaled_elsewhere(program: Program, x: Data) -> bool:
    """Whether the program scales these rows for something: it knows what it does."""
    return any(
        transform.data is not None and not transform.encodes_labels and same_rows(transform.data, x)
        for transform in program.transforms
    ) or any(fit.x is not None and same_rows(fit.x, x) and _changed(fit) for fit in program.fits)


def _changed(fit: Fit) -> bool:
    scaled = fit.x is not None and fit.x.last("scaled", "divided", "fitted-transform") is not None
    return scaled or any(part.endswith(("Scaler", "Normalizer", "Transformer")) for part in fit.estimators)


def _harm(fit: Fit, x: Data) -> str | None:
    """What the scale of the features does to an sklearn estimator that gets them as they are."""
    if fit.estimators != (fit.name,):
        return None
    if fit.name in _GRADIENT:
        return f"`{fit.name}` learns in small steps that large numbers upset"
    if x.bounds == _PIXELS:  # all columns alike
        gamma = dict(fit.settings).get("gamma")
        fixed = fit.name in ("SVC", "NuSVC", "SVR") and _is_number(gamma)
        if fixed:
            return f"the `gamma` of `{fit.name}` is a width in the units of the features"
        return (
            f"`{fit.name}` converges slowly on large numbers"
            if fit.name in ("LinearSVC", "LogisticRegression")
            else None
        )
    if fit.name in _DISTANCES:
        return f"`{fit.name}` measures distances, which the column of the largest numbers decides alone"
    if fit.name in _REGULARISED:
        return f"the penalty of `{fit.name}` depends on the units of the columns"
    return None


def _is_number(value: Value | None) -> bool:
    return isinstance(value, Const) and (value.value == "auto" or isinstance(value.value, (int, float)))


def _harm_of_network(program: Program, fit: Fit, x: Data) -> str | None:
    """What it does to a network of which all layers are known to leave the scale alone."""
    summary = next((model for model in reversed(program.models) if model.model == fit.estimator), None)
    if summary is None or summary.output is None:
        return None
    layers = {layer.type for layer in summary.layers} or _layers(summary.output)
    if not summary.layers and not _from_inputs(summary.output):
        return None
    if not layers or not layers <= _PLAIN:
        return None
    return _stuck(program, fit.estimator, "the network")


def _stuck(program: Program, model: Value, who: str) -> str:
    names = [each.name.lower() for each in program.optimizers if each.model == model and model is not UNKNOWN]
    if names and all(name in _ADAPTIVE for name in names):
        return f"{who} learns more slowly and less stably from large numbers, even with `{names[-1]}`"
    return f"{who} learns badly from large numbers: its first steps saturate or explode"


def _layers(output: Data) -> set[str] | None:
    """The types of all layers on the way from the input; None when one is not known."""
    found: set[str] = set()
    waiting: list[Applied | None] = [output.applied]
    while waiting:
        applied = waiting.pop()
        if applied is None:
            continue
        if applied.layer is None:
            return None
        found.add(applied.layer.type)
        waiting.extend(each.applied for each in applied.inputs)
    return found


def _from_inputs(output: Data) -> bool:
    """Whether the way is known back to the inputs."""
    waiting = [output]
    while waiting:
        data = waiting.pop()
        inputs = data.applied.inputs if data.applied is not None else ()
        if not inputs and (data.applied is not None or "input" not in data.tags):
            return False  # a layer that is applied to something unknown
        waiting.extend(inputs)
    return True


def _input_of(use: LossUse) -> Data | None:
    """What a network of plain layers got, where its prediction is traced back to one array."""
    output = use.prediction
    layers = None if output is None else _layers(output)
    if output is None or not layers or not layers <= _PLAIN:
        return None
    leaf, applied = output, output.applied
    while applied is not None:
        if len(applied.inputs) != 1:
            return None
        leaf = applied.inputs[0]
        applied = leaf.applied
    return leaf
