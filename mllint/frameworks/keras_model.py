"""Keras models: building, compiling, fitting, predicting, and the history of a fit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from mllint.facts import NOTHING, Site, known
from mllint.frameworks import lineage, recording, seeding
from mllint.frameworks.configured import OWNER, stack
from mllint.frameworks.keras_layers import input_of, sizes_of, symbolic
from mllint.frameworks.keras_losses import loss_of, metrics_of
from mllint.frameworks.keras_outputs import belonging, heads
from mllint.frameworks.settings import amount, scheduled
from mllint.frameworks.table import Call, alias, attribute, bases, method, row
from mllint.frameworks.tensors import TARGET, only_data, use_loss
from mllint.program import (
    Argument,
    Callback,
    Compile,
    Fit,
    HistoryRead,
    LossUse,
    MetricUse,
    ModelSummary,
    Optimizer,
    Pass,
    Split,
    Told,
)
from mllint.values import (
    FALSE,
    FIRST_SCORE,
    NONE,
    TRUE,
    UNKNOWN,
    Applied,
    Bound,
    Callable_,
    Const,
    Data,
    Layer,
    Loss,
    Metric,
    Obj,
    Slice,
    Step,
    Tuple,
    Value,
    choice,
    constant,
    constants,
    options,
)  # fmt: skip

MODEL = "keras.Model"
LAYERS, OUTPUTS = "__layers__", "__outputs__"
"""Fields of a model: the stack of a ``Sequential``, the tensors a functional model gives."""
bases("keras.Functional", MODEL)
alias("keras.Sequential", "keras.models.Sequential", "keras.engine.sequential.Sequential")
alias("keras.layers.Layer", "keras.Layer", "keras.engine.base_layer.Layer", "keras.engine.topology.Layer")
alias(MODEL, "keras.models.Model", "keras.engine.training.Model", "keras.layers.Model")


# -- building ---------------------------------------------------------------------------------------------------------
@row("keras.Sequential")
def sequential(call: Call, layers: Value = NONE, name: Value = NONE, **rest: Value) -> Value:
    items = [] if layers == NONE and call.complete else call.items(layers)
    _contains(call, items or ())
    return stack(call, "keras.Sequential", **{LAYERS: UNKNOWN if items is None else Tuple(tuple(items))})


def _contains(call: Call, layers: Iterable[Value]) -> None:
    """Models inside a model are called by it."""
    for layer in layers:
        call.program.stacked.append(layer)
        if call.is_instance_of(layer, MODEL):
            call.event("forward", layer, framework="keras")


@method("keras.Sequential", "__init__")
def initialise_sequential(call: Call, receiver: Value, layers: Value = NONE, **rest: Value) -> Value:
    items = [] if layers == NONE and call.complete else call.items(layers)
    call.set(receiver, LAYERS, UNKNOWN if items is None else Tuple(tuple(items)))
    return NONE


@row("keras.models.clone_model")
def clone_model(call: Call, model: Value = UNKNOWN, **rest: Value) -> Value:
    if not isinstance(model, Obj) or model.kind == "instance" or "clone_function" in rest:
        return UNKNOWN
    fields = {name: value for name in (LAYERS, OUTPUTS) if (value := call.get(model, name)) is not None}
    return call.new(model.kind, **fields)


@row("keras.models.load_model", "keras.saving.load_model")
def load_model(call: Call, **rest: Value) -> Value:
    """Any model, which may be compiled."""
    return call.new(MODEL, **{OUTPUTS: UNKNOWN, "compiled": UNKNOWN})


@method("keras.Sequential", "add")
def add(call: Call, receiver: Value, layer: Value = UNKNOWN, **rest: Value) -> Value:
    call.set(receiver, LAYERS, choice(Tuple((*stack.items, layer)) for stack in _stacks(call.get(receiver, LAYERS))))
    _contains(call, (layer,))
    return NONE


def _stacks(present: Value | None) -> list[Tuple]:
    """The layers a model may consist of: one stack for every way that led here."""
    found = [option for option in options(present or UNKNOWN) if isinstance(option, Tuple)]
    return found if found and len(found) == len(options(present or UNKNOWN)) else [Tuple((UNKNOWN,))]


@method("keras.Sequential", "pop")
def pop(call: Call, receiver: Value, **rest: Value) -> Value:
    stacks = _stacks(call.get(receiver, LAYERS))
    certain = all(stack.items and stack.items[-1] is not UNKNOWN for stack in stacks)
    call.set(receiver, LAYERS, choice(Tuple(stack.items[:-1]) for stack in stacks) if certain else UNKNOWN)
    return UNKNOWN


@attribute("keras.Sequential", "layers")
def layers(call: Call, receiver: Value) -> Value:
    present = call.get(receiver, LAYERS)
    return present if isinstance(present, Tuple) and UNKNOWN not in present.items else UNKNOWN


LAYERS_OF, PART = "keras.layers_of", "keras.part"
"""The layers of a model that are not known one by one, and one of them."""


@attribute(MODEL, "layers")
def some_layers(call: Call, receiver: Value) -> Value:
    return call.new(LAYERS_OF, model=receiver)


@method(LAYERS_OF, "__iter__", "__getitem__")
def some_layer(call: Call, receiver: Value, index: Value = UNKNOWN) -> Value:
    if isinstance(index, Slice):
        return call.new(LAYERS_OF, model=call.get(receiver, "model") or UNKNOWN)
    return part_of(call, call.get(receiver, "model") or UNKNOWN)


def part_of(call: Call, model: Value) -> Value:
    """Some layer of a model."""
    made = call.new(PART)
    call.program.parts[made] = model
    return made


@method(PART, "*")
def ask_part(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return UNKNOWN


@attribute(PART, "*")
def about_part(call: Call, receiver: Value) -> Value:
    return UNKNOWN


def parts(call: Call, model: Value) -> tuple[Value, ...]:
    """A model, and the models and layers that it consists of, as far as they are known."""
    found: dict[Value, None] = {}
    waiting: list[Value] = [model]
    tensors: dict[int, Data] = {}
    while waiting and len(found) < 300:
        each = waiting.pop()
        if isinstance(each, Data):
            if id(each) in tensors:
                continue
            tensors[id(each)] = each  # kept, so that no other gets its number
            waiting += [value for value in (each.model, each.layer) if value is not None]
            waiting += each.applied.inputs if each.applied is not None else ()
            continue
        if each in found:
            continue
        if isinstance(each, (Layer, Obj)):
            found[each] = None
        if isinstance(each, Layer):
            waiting += each.layers
        elif isinstance(each, Obj) and call.is_instance_of(each, MODEL):
            waiting += [item for stack in options(call.get(each, LAYERS) or NONE) for item in call.items(stack) or ()]
            outputs = call.get(each, OUTPUTS) or UNKNOWN
            waiting += [outputs] if isinstance(outputs, Data) else call.items(outputs) or ()
            if each.kind == "instance":
                waiting += [value for value in call.fields(each).values() if isinstance(value, (Layer, Obj))]
    return tuple(found)


@method("keras.Sequential", "__setitem__")
def changed(call: Call, receiver: Value, index: Value, value: Value) -> Value:
    call.set(receiver, LAYERS, UNKNOWN)
    return UNKNOWN


@row(MODEL, "keras.Functional")
def functional(call: Call, inputs: Value = NONE, outputs: Value = NONE, name: Value = NONE, **rest: Value) -> Value:
    return call.new(MODEL, **{OUTPUTS: rest.get("output", outputs), "inputs": rest.get("input", inputs)})


@method(MODEL, "__init__")
def initialise(call: Call, receiver: Value, inputs: Value = NONE, outputs: Value = NONE, **rest: Value) -> Value:
    if call.given("outputs"):
        call.set(receiver, OUTPUTS, outputs)
    return NONE


def output_of(call: Call, model: Value, inputs: Value = UNKNOWN) -> Data | None:
    """What a model gives for its input; None when that is several tensors or unknown."""
    if not isinstance(model, Obj):
        return None
    outputs = call.get(model, OUTPUTS)
    if outputs is not None:
        items = call.items(outputs) if not isinstance(outputs, Data) else None
        pairs = call.mapping(outputs)
        if pairs is not None:
            items = [value for _, value in pairs]
        if items is not None:
            outputs = items[0] if len(items) == 1 else UNKNOWN
        return outputs.with_(model=model) if isinstance(outputs, Data) else None
    present = call.get(model, LAYERS)
    if present is not None and call.is_instance_of(model, "keras.Sequential"):
        with call.engine.within(OWNER, model):
            found = [_through(call, stack, inputs) for stack in _stacks(present)]
        joined = choice(UNKNOWN if each is None else each for each in found)
        return joined.with_(model=model) if isinstance(joined, Data) else None
    if model.kind == "instance":
        result = call.call(model, inputs if isinstance(inputs, Data) else Data(space=UNKNOWN, grad=True))
        return result.with_(model=model) if isinstance(result, Data) else None
    return None


def _through(call: Call, stack: Tuple, inputs: Value) -> Data | None:
    """What a stack of layers makes of its input."""
    if not stack.items:
        return None
    value: Value = inputs if isinstance(inputs, Data) else Data(space=UNKNOWN, grad=True)
    if isinstance(value, Data) and value.shape is None:
        value = value.with_(shape=_input_shape(call, stack.items[0]))
    for layer in stack.items:
        if isinstance(layer, Data) and "input" in layer.tags:
            if isinstance(value, Data) and value.shape is None:
                value = value.with_(shape=layer.shape, units=layer.units)
        else:
            value = Data(space=UNKNOWN, applied=_gap(value)) if layer is UNKNOWN else call.call(layer, value)
    return value if isinstance(value, Data) and stack.items[-1] is not UNKNOWN else None


def _gap(value: Value) -> Applied:
    """A layer that is not known."""
    return Applied(None, None, (value,) if isinstance(value, Data) else ())


def _input_shape(call: Call, first: Value) -> tuple[int | None, ...] | None:
    """The shape of a model's input as its first layer says it: ``input_shape=(8,)``, ``input_dim=8``."""
    if not isinstance(first, Layer):
        return None
    given = dict(first.args)
    for name in ("batch_input_shape", "input_shape"):
        if name in given:
            return sizes_of(call, given[name], batch=name == "input_shape")
    recurrent = first.type in ("LSTM", "GRU", "SimpleRNN", "Bidirectional", "TimeDistributed", "Conv1D")
    steps = constant(given.get("input_length", NONE))
    if first.type == "Embedding":
        return (None, steps) if isinstance(steps, int) else None
    size = constant(given.get("input_dim", NONE))
    if not isinstance(size, int):
        return None
    return (None, steps if isinstance(steps, int) else None, size) if recurrent else (None, size)


@method(MODEL, "__call__", "call")
def call_model(call: Call, receiver: Value, inputs: Value = UNKNOWN, training: Value = NONE, **rest: Value) -> Value:
    if not isinstance(receiver, Obj):
        return UNKNOWN
    outputs = call.get(receiver, OUTPUTS)
    if receiver.kind == "instance":
        if outputs is None and call.get(receiver, LAYERS) is None:
            return UNKNOWN  # its own ``call`` was not found
    else:
        call.event("forward", receiver, framework="keras")
    with recording.called(call, receiver, training):
        found = output_of(call, receiver, inputs if outputs is not None else symbolic(inputs))
        if isinstance(outputs, Data):
            recording.note_layers(call, outputs)
    if found is None and outputs is UNKNOWN and isinstance(inputs, Data) and "input" in inputs.tags:
        return Data(space=UNKNOWN, model=receiver, applied=_gap(inputs))
    if found is not None or outputs is None:
        return UNKNOWN if found is None else found.with_(recorded=recording.here(call, "keras"))
    return outputs if _several(call, outputs) else UNKNOWN


@attribute(MODEL, "trainable_variables", "trainable_weights", "variables", "weights")
def variables(call: Call, receiver: Value) -> Value:
    return call.new(recording.VARIABLES, model=receiver)


def _several(call: Call, outputs: Value) -> bool:
    """Whether a model has several outputs, or one in a list or dict."""
    return call.items(outputs) is not None or call.mapping(outputs) is not None


_STRUCTURE = ("output", "outputs", "_outputs", "layers", "_layers")


@method(MODEL, "__setattr__")
def set_attribute(call: Call, receiver: Value, name: Value, value: Value) -> Value:
    text = constant(name)
    call.set(receiver, text, value)
    if text in _STRUCTURE:  # cut or extended by hand
        call.set(receiver, OUTPUTS, UNKNOWN)
        call.set(receiver, LAYERS, UNKNOWN)
    return NONE


@attribute(MODEL, "output", "outputs")
def output(call: Call, receiver: Value) -> Value:
    found = output_of(call, receiver)
    return UNKNOWN if found is None else found


_OWN_TRAINING = ("train_step", "test_step", "compute_loss", "compute_metrics", "metrics")


def trains_itself(call: Call, model: Value) -> bool:
    """Whether a local class changes how a model is trained or measured: what was compiled decides nothing then."""
    return (
        isinstance(model, Obj)
        and model.kind == "instance"
        and any(not isinstance(call.attribute(model, name), Bound) for name in _OWN_TRAINING)
    )


# -- training ---------------------------------------------------------------------------------------------------------
@method(MODEL, "compile")
def compile_(
    call: Call,
    receiver: Value,
    optimizer: Value = Const("rmsprop"),
    loss: Value = NONE,
    metrics: Value = NONE,
    **rest: Value,
) -> Value:
    where = call.where("loss")
    meant = loss_of(call, loss, where or call.site)
    found, complete = metrics_of(call, metrics, call.where("metrics"))
    weighted, weighted_complete = metrics_of(call, rest.get("weighted_metrics", NONE), None)
    own = trains_itself(call, receiver)
    compiled = call.new(
        "keras.compiled",
        loss=UNKNOWN if meant is None else meant,
        metrics=Tuple((*found, *weighted)),
        complete=Const(complete and weighted_complete and call.complete and not own),
    )
    if meant is None and isinstance(loss, Callable_):
        call.set(compiled, "function", loss)
    call.set(receiver, "compiled", compiled)
    output_now = output_of(call, receiver)
    if output_now is not None:
        call.set(compiled, "output", output_now)
    if meant is not None and not own:
        _use(call, receiver, compiled, output_now, None, None, None)
    if output_now is None and not own:
        _compile_heads(call, receiver, compiled, loss, metrics)
    present = call.get(receiver, LAYERS)
    shown = tuple(item for item in present.items if isinstance(item, Layer)) if isinstance(present, Tuple) else ()
    site = receiver.site if isinstance(receiver, Obj) else None
    name = receiver.kind.rpartition(".")[2] if isinstance(receiver, Obj) and receiver.kind != "instance" else ""
    owner = call.get(receiver, "class") if not name else None
    name = name or ("model" if owner is None else repr(owner).removeprefix("class "))
    call.program.models.append(ModelSummary(site, "keras", name, shown, output_now, receiver))
    _optimizer(call, receiver, optimizer)
    engine = call.engine
    call.program.compiles.append(Compile(call.site, receiver, engine.loops, call.tick(), not engine.doubt, engine.path))
    return NONE


def _optimizer(call: Call, model: Value, chosen: Value) -> None:
    """Record what a model is trained with."""
    if isinstance(chosen, Obj) and call.is_instance_of(chosen, "keras.optimizers.Optimizer"):
        name, site = chosen.kind.rpartition(".")[2], chosen.site
    else:
        name, site = constant(chosen), call.where("optimizer")
    if not isinstance(name, str):
        return
    present = call.program.optimizers
    known_as = next((each for each in present if each.made == chosen and isinstance(chosen, Obj)), None)
    if known_as is None:
        rate = call.get(chosen, "rate")
        given = Argument() if rate is None else Argument(rate, site, True)
        present.append(Optimizer(site or call.site, "keras", name, given, model, chosen))
    else:
        present.append(replace(known_as, model=model, models=(model,)))


def _compile_heads(call: Call, model: Value, compiled: Obj, loss: Value, metrics: Value) -> None:
    """Losses and metrics of a model with several outputs."""
    present = heads(call, call.get(model, OUTPUTS))
    for head in present:
        chosen = belonging(call, loss, head, shared=True)
        meant = None if chosen is None else loss_of(call, chosen, None)
        named = call.mapping(metrics) is not None
        each_has_some = named or len(call.items(metrics) or present) == len(present)  # else for any of the outputs
        measured = belonging(call, metrics, head) if each_has_some else None
        found, _ = metrics_of(call, NONE if measured is None else measured, None)
        part = call.engine.new(
            f"keras.compiled.{head.index}",
            compiled.site,
            {"loss": UNKNOWN if meant is None else meant, "metrics": Tuple(tuple(found)), "complete": FALSE},
        )
        _use(call, model, part, head.output.with_(model=model), None, None, None)
        call.set(compiled, f"head:{head.index}", part)


def _fit_heads(call: Call, model: Value, compiled: Obj, x: Value, y: Value) -> None:
    """The targets of a model with several outputs."""
    if y == NONE and isinstance(x, Obj) and x.kind not in ("dict", "list"):
        batch = call.items(call.element(x))
        y = batch[1] if batch is not None and len(batch) >= 2 else UNKNOWN
    for head in heads(call, call.get(model, OUTPUTS)):
        part = call.get(compiled, f"head:{head.index}")
        target = belonging(call, y, head)
        if isinstance(part, Obj) and target is not None:
            rows = lineage.as_data(call, target)
            _use(call, model, part, head.output.with_(model=model), rows, call.site, call.where("y"))


def _current_output(call: Call, model: Value, compiled: Value | None) -> Data | None:
    """The output of a compiled model; that of a local class is not worked out anew."""
    kept = call.get(compiled, "output") if compiled is not None else None
    if isinstance(model, Obj) and model.kind == "instance" and isinstance(kept, Data):
        return kept
    return output_of(call, model)


def _use(
    call: Call,
    model: Value,
    compiled: Obj,
    output: Data | None,
    target: Data | None,
    fit: Site | None,
    target_site: Site | None,
) -> None:
    loss = call.get(compiled, "loss")
    metrics = call.get(compiled, "metrics")
    function = call.get(compiled, "function")
    if function is not None and fit is not None and output is not None:
        call.call(function, Data(space=UNKNOWN, columns=known("target")) if target is None else target, output)
    if not isinstance(loss, Loss) or compiled.site is None:
        return
    call.program.losses.append(
        LossUse(
            site=loss.site or compiled.site,
            framework="keras",
            loss=loss,
            prediction=output,
            target=target,
            metrics=tuple(m for m in metrics.items if isinstance(m, Metric)) if isinstance(metrics, Tuple) else (),
            metrics_known=call.get(compiled, "complete") == TRUE,
            model=model,
            target_site=target_site,
            fit_site=fit,
        )
    )


def _rows(call: Call, x: Value, y: Value) -> tuple[Data | None, Data | None]:
    """Features and targets of a ``fit``: its two arrays, or the parts of a data set's batches."""
    if only_data(y) is not None or only_data(x) is not None:
        return only_data(x), only_data(y)
    if isinstance(x, Obj) and y == NONE and x.kind not in ("dict", "list"):
        batch = call.items(call.element(x))
        if batch is not None and len(batch) >= 2:
            return only_data(batch[0]), only_data(batch[1])
    found = lineage.as_data(call, y)
    return None, found


def _validation_target(call: Call, validation: Value) -> Data | None:
    """The targets in ``validation_data``: a tuple of arrays, or batches."""
    if isinstance(validation, Tuple):
        return only_data(validation.items[1]) if len(validation.items) > 1 else None
    if not isinstance(validation, Obj):
        return None
    items = call.items(validation) if validation.kind == "list" else call.items(call.element(validation))
    return only_data(items[1]) if items is not None and len(items) > 1 else None


def _watched(call: Call, validation: Value) -> tuple[Data, ...]:
    """The features in ``validation_data``."""
    items = call.items(validation) if not isinstance(validation, Data) else None
    listed = items is not None and not (isinstance(validation, Obj) and validation.kind != "list")
    x, y = (items[0], items[1]) if listed and items is not None and len(items) > 1 else (validation, NONE)
    features, _ = _rows(call, x, y)
    return () if features is None else (features,)


def _selector(call: Call, callbacks: Value) -> Obj | None:
    """The callback that lets the score on the validation rows decide when to stop or what to keep."""
    for each in _listed(call, callbacks) or ():
        if isinstance(each, Obj) and call.get(each, "selects") == TRUE:
            return each
    return None


def _given_batches(call: Call, kind: str, batches: Value) -> Data | None:
    """Record that a model is given what yields batches; the features in them."""
    if not isinstance(batches, Obj) or batches.kind in ("dict", "list"):
        return None
    batch = call.element(batches)
    call.program.passes.append(Pass(call.site, batches, kind, None, call.engine.loops, batch, call.tick()))
    first = call.items(batch) if isinstance(batch, Tuple) else [batch]
    return only_data(first[0]) if first else None


@method(MODEL, "fit_generator")
def fit_generator(call: Call, receiver: Value, generator: Value = UNKNOWN, steps_per_epoch: Value = NONE, epochs: Value = Const(1),
                  verbose: Value = TRUE, callbacks: Value = NONE, validation_data: Value = NONE, **rest: Value) -> Value | None:  # fmt: skip
    return fit(call, receiver, generator, callbacks=callbacks, validation_data=validation_data)


@method(MODEL, "fit")
def fit(
    call: Call,
    receiver: Value,
    x: Value = NONE,
    y: Value = NONE,
    batch_size: Value = NONE,
    epochs: Value = Const(1),
    verbose: Value = Const("auto"),
    callbacks: Value = NONE,
    validation_split: Value = Const(0.0),
    validation_data: Value = NONE,
    shuffle: Value = TRUE,
    **rest: Value,
) -> Value:
    _given_batches(call, "fit", x)
    _given_batches(call, "validate", validation_data)
    features, target = _rows(call, x, y)
    share = constants(validation_split, int, float)
    splits = share.must(lambda s: 0 < s < 1)
    if splits:
        call.program.splits.append(
            Split(
                call.site, "validation_split", tuple(d for d in (features, target) if d is not None), False, call.tick()
            )
        )
    selector = _selector(call, callbacks)
    amount(call, "epochs", "fit", tuple(_listed(call, callbacks) or ()))
    amount(call, "batch_size", "fit")
    seeding.decided(call, "keras", "training")
    call.program.fits.append(
        Fit(
            call.site,
            "keras",
            receiver,
            "network",
            "model",
            features,
            target,
            call.where("y"),
            call.argument("validation_split"),
            call.argument("validation_data"),
            validation_y=_validation_target(call, validation_data),
            order=call.tick(),
            loops=call.engine.loops,
            parts=parts(call, receiver),
            watched=_watched(call, validation_data),
            selects=selector.site if selector is not None else None,
            selector="" if selector is None else selector.kind.rpartition(".")[2],
            weighted=not call.complete or bool({"sample_weight", "class_weight"} & rest.keys()),
            class_weight=call.argument("class_weight"),
        )
    )
    call.event("fit", receiver, framework="keras")
    compiled = call.get(receiver, "compiled")
    history = call.new("keras.History", extra=_extra(call, callbacks))
    has_validation: bool | None = None
    if call.complete:
        given = not any(option in (NONE, UNKNOWN) for option in options(validation_data))
        has_validation = (
            True if splits or given else False if share.must_be(0.0, 0, None) and validation_data == NONE else None
        )
    call.set(history, "validation", Const(has_validation))
    own_step = (
        call.attribute(receiver, "train_step") if isinstance(receiver, Obj) and receiver.kind == "instance" else None
    )
    if isinstance(own_step, Callable_):
        call.call(own_step, Tuple((features or Data(space=UNKNOWN), target or Data(space=UNKNOWN))))
    if trains_itself(call, receiver):
        compiled = None  # what its history holds and how the loss is used is up to its own step
    if isinstance(compiled, Obj):
        _use(call, receiver, compiled, _current_output(call, receiver, compiled), target, call.site, call.where("y"))
        _fit_heads(call, receiver, compiled, x, y)
        call.set(history, "compiled", compiled)
        _callbacks(call, callbacks, history, compiled)
    if target is not None:
        call.set(receiver, TARGET, target)
    call.set(receiver, "history", history)
    return history


@method(MODEL, "compiled_loss", "compute_loss")
def compiled_loss(call: Call, receiver: Value, y: Value = UNKNOWN, y_pred: Value = UNKNOWN, **rest: Value) -> Value:
    compiled = call.get(receiver, "compiled")
    loss = call.get(compiled, "loss") if compiled is not None else None
    if call.path.endswith("compute_loss") and len(call.positional) > 1:  # (x, y, y_pred, …)
        y, y_pred = y_pred, call.positional[2][0] if len(call.positional) > 2 else rest.get("y_pred", UNKNOWN)
    if not isinstance(loss, Loss):
        return UNKNOWN
    return use_loss(call, loss, y_pred, rest.get("y_true", y), (call.where("y_pred"), call.where("y")))


_ADDS_RATE = ("keras.callbacks.ReduceLROnPlateau", "keras.callbacks.LearningRateScheduler")


@row(*_ADDS_RATE, "keras.callbacks.EarlyStopping", "keras.callbacks.ModelCheckpoint", "keras.callbacks.TensorBoard",
     "keras.callbacks.CSVLogger", "keras.callbacks.TerminateOnNaN", "keras.callbacks.BackupAndRestore")  # fmt: skip
def callback(call: Call, **rest: Value) -> Value:
    made = call.new(call.path)
    if call.path == "keras.callbacks.ReduceLROnPlateau":
        scheduled(call, "keras", made)
    if _chooses(call, rest):
        call.set(made, "selects", TRUE)
    if call.path.rpartition(".")[2] in _WATCHING and call.complete:
        call.set(made, "watching", Const(tuple(_watching(call).items())))
    return made


_WATCHING = {
    "EarlyStopping": ("monitor", "min_delta", "patience", "verbose", "mode", "baseline", "restore_best_weights"),
    "ReduceLROnPlateau": ("monitor", "factor", "patience", "verbose", "mode"),
    "ModelCheckpoint": ("filepath", "monitor", "verbose", "save_best_only", "save_weights_only", "mode"),
}
"""The callbacks that wait for a number, and their arguments in order."""


def _watching(call: Call) -> dict[str, Argument]:
    """What such a callback was told."""
    names = _WATCHING[call.path.rpartition(".")[2]]
    placed = {name: Argument(*given, True) for name, given in zip(names, call.positional, strict=False)}
    defaults = {
        "monitor": Const("val_loss"),
        "mode": Const("auto"),
        "save_best_only": FALSE,
        "restore_best_weights": FALSE,
    }
    told = {name: Argument(value) for name, value in defaults.items()} | placed
    return told | {name: call.argument(name) for name in names if call.given(name)}


def _callbacks(call: Call, callbacks: Value, history: Value, compiled: Obj) -> None:
    """Record the callbacks that wait for a number that this training logs."""
    metrics, extra = call.get(compiled, "metrics"), call.get(history, "extra")
    validation = constant(call.get(history, "validation") or UNKNOWN)
    for item in _listed(call, callbacks) or ():
        told = dict(constant(call.get(item, "watching") or UNKNOWN) or ())
        if not told or not isinstance(item, Obj) or item.site is None:
            continue
        read = HistoryRead(
            told["monitor"].site or item.site,
            str(constant(told["monitor"].value)),
            tuple(m for m in metrics.items if isinstance(m, Metric)) if isinstance(metrics, Tuple) else (),
            call.get(compiled, "complete") == TRUE and isinstance(extra, Tuple),
            validation,
            compiled.site,
            call.site,
            frozenset(str(constant(key)) for key in extra.items) if isinstance(extra, Tuple) else frozenset(),
        )
        name = item.kind.rpartition(".")[2]
        acts = name != "ModelCheckpoint" or told["save_best_only"].value == TRUE
        call.program.callbacks.append(
            Callback(
                item.site,
                "keras",
                name,
                told["monitor"],
                told["mode"],
                call.site,
                validation if isinstance(extra, Tuple) else None,
                read,
                acts=acts,
                restores=told["restore_best_weights"],
            )
        )


def _listed(call: Call, callbacks: Value) -> list[Value] | None:
    """The callbacks that are given to ``fit``; None where these are not all known."""
    if isinstance(callbacks, Obj) and callbacks.kind.startswith("keras."):
        return [callbacks]
    return [] if callbacks == NONE else call.items(callbacks)


def _chooses(call: Call, given: Mapping[str, Value]) -> bool:
    """Whether a callback is proven to decide something by a score on the validation rows."""
    name = call.path.rpartition(".")[2]
    if name not in ("EarlyStopping", "ReduceLROnPlateau", "ModelCheckpoint"):
        return False
    if name == "ModelCheckpoint" and given.get("save_best_only") != TRUE:
        return False
    first = call.positional[0][0] if call.positional and name != "ModelCheckpoint" else Const("val_loss")
    monitor = constant(given.get("monitor", first))
    return isinstance(monitor, str) and monitor.startswith("val_") and call.complete


def _extra(call: Call, callbacks: Value) -> Value:
    """The keys that callbacks add to the history; unknown when some callback is."""
    if callbacks == NONE:
        return Tuple(())
    items = (
        call.items(callbacks)
        if not (isinstance(callbacks, Obj) and callbacks.kind.startswith("keras."))
        else [callbacks]
    )
    if items is None or not all(isinstance(item, Obj) and item.kind.startswith("keras.callbacks.") for item in items):
        return UNKNOWN
    adds = any(isinstance(item, Obj) and item.kind in _ADDS_RATE for item in items)
    return Tuple((Const("lr"), Const("learning_rate"))) if adds else Tuple(())


@attribute("keras.History", "history")
def history_dict(call: Call, receiver: Value) -> Value:
    made = call.new("keras.HistoryDict")
    call.set(made, "of", receiver)
    return made


@method("keras.HistoryDict", "__getitem__")
def read_key(call: Call, receiver: Value, key: Value) -> Value:
    history = call.get(receiver, "of")
    compiled = call.get(history, "compiled") if history is not None else None
    extra = call.get(history, "extra") if history is not None else None
    metrics = call.get(compiled, "metrics") if compiled is not None else None
    if history is not None and call.get(history, "asked") is not None:
        return UNKNOWN
    texts = constants(key, str).values
    site = call.where("key")
    if texts and site is not None and isinstance(compiled, Obj) and isinstance(metrics, Tuple) and history is not None:
        known_all = call.get(compiled, "complete") == TRUE and isinstance(extra, Tuple)
        validation = call.get(history, "validation")
        order = call.tick()
        call.program.histories.extend(
            HistoryRead(
                site,
                text,
                tuple(m for m in metrics.items if isinstance(m, Metric)),
                known_all,
                constant(validation) if validation is not None else None,
                compiled.site,
                history.site if isinstance(history, Obj) else None,
                frozenset(str(constant(k)) for k in extra.items) if isinstance(extra, Tuple) else frozenset(),
                order,
            )
            for text in texts
        )
    return UNKNOWN


@method("keras.HistoryDict", "keys")
def history_keys(call: Call, receiver: Value) -> Value:
    return call.new("keras.HistoryKeys", of=call.get(receiver, "of") or UNKNOWN)


@method(("keras.HistoryDict", "keras.HistoryKeys"), "__contains__")
def asked_for_key(call: Call, receiver: Value, key: Value) -> Value:
    """Who asks whether a key is there knows that it may not be."""
    call.set(call.get(receiver, "of") or UNKNOWN, "asked", TRUE)
    return UNKNOWN


# -- using ------------------------------------------------------------------------------------------------------------
@method(MODEL, "predict", "predict_on_batch", "predict_generator", "predict_proba")
def predict(call: Call, receiver: Value, x: Value = UNKNOWN, **rest: Value) -> Value:
    found = _current_output(call, receiver, call.get(receiver, "compiled"))
    outputs = call.get(receiver, OUTPUTS)
    if found is None and outputs is not None and _several(call, outputs):
        return UNKNOWN
    rows = only_data(x) or _given_batches(call, "predict", x)
    target = call.get(receiver, TARGET) or _target_inside(call, receiver)
    base = found if found is not None else Data()
    known_target = target if isinstance(target, Data) else None
    lineage.predicts(call, "keras", receiver, rows, call.where("x"))
    return Data(
        source=rows.source if rows is not None else NOTHING,
        part=rows.part if rows is not None else NOTHING,
        split=rows.split if rows is not None else UNKNOWN,
        order=rows.order if rows is not None else None,
        scale=base.scale,
        units=base.units,
        shape=base.shape or _rows_of_units(call, receiver, base, rows),
        layer=base.layer,
        model=receiver,
        labels=known_target.labels if known_target is not None else NOTHING,
        space=known_target.space if known_target is not None else UNKNOWN,
        steps=(Step("predicted", call.site),),
        tags=frozenset({"prediction"}),
    )


_ROW_BY_ROW = (
    "Dense",
    "Dropout",
    "BatchNormalization",
    "Activation",
    "ReLU",
    "LeakyReLU",
    "Softmax",
    "LayerNormalization",
)


def _rows_of_units(call: Call, model: Value, output: Data, rows: Data | None) -> tuple[int | None, ...] | None:
    """The output's shape where no input shape was given: dense layers make a row of units of each row of a table."""
    table = rows is not None and rows.shape is not None and len(rows.shape) == 2
    layers = call.get(model, LAYERS)
    if not table or not isinstance(layers, Tuple) or not layers.items:
        return None
    plain = all(isinstance(layer, Layer) and layer.type in _ROW_BY_ROW for layer in layers.items)
    return (None, output.units.value) if plain else None


def _target_inside(call: Call, model: Value) -> Value | None:
    """What the trained model was trained on that this one wraps: ``Sequential([model, Softmax()])``."""
    layers = call.get(model, LAYERS)
    inner = layers.items if isinstance(layers, Tuple) else ()
    return next((target for layer in inner if (target := call.get(layer, TARGET)) is not None), None)


@method(MODEL, "predict_classes")
def predict_classes(call: Call, receiver: Value, x: Value = UNKNOWN, **rest: Value) -> Value:
    found = predict(call, receiver, x)
    return lineage.decoded(found, call.site) if isinstance(found, Data) else UNKNOWN


@method(MODEL, "evaluate")
def evaluate(call: Call, receiver: Value, x: Value = NONE, y: Value = NONE, **rest: Value) -> Value:
    """Compares what the model predicts with labels, as a metric does."""
    _given_batches(call, "evaluate", x)
    features, truth = _rows(call, x, y)
    predicted_ = predict(call, receiver, UNKNOWN if features is None else features)
    if only_data(y) is not None:
        first = Argument(truth or UNKNOWN, call.where("y"), True)
        second = Argument(predicted_ or UNKNOWN, call.where("x"), True)
        call.program.metrics.append(MetricUse(call.site, "keras", "evaluate", first, second, True, order=call.tick()))
    number = lineage.scored(call, "evaluate", receiver, features)
    return _scores(call, receiver, number) if call.complete and rest.get("return_dict", FALSE) == FALSE else UNKNOWN


def _scores(call: Call, model: Value, number: Data) -> Value:
    """What ``evaluate`` gives: the loss, or a list of it and the metrics."""
    compiled = call.get(model, "compiled")
    metrics = call.get(compiled, "metrics") if compiled is not None else None
    found = tuple(m for m in metrics.items if isinstance(m, Metric)) if isinstance(metrics, Tuple) else ()
    complete = call.get(compiled, "complete") == TRUE if compiled is not None else False
    if trains_itself(call, model):
        return UNKNOWN
    loss = _first_score(call, number, Told(call.site, "", call.site, None, found, complete, complete and not found))
    if complete and not found:
        return loss
    made = call.new(SCORES, loss=loss, number=number)
    if complete and output_of(call, model) is not None:
        call.set(made, "items", Tuple((loss, *(number for _ in found))))
    return made


SCORES = "keras.scores"


def _first_score(call: Call, number: Data, about: Told) -> Data:
    return number.did(FIRST_SCORE, call.site, Const(about)).with_(tags=number.tags | {FIRST_SCORE})


@method(SCORES, "__getitem__")
def score_item(call: Call, receiver: Value, index: Value) -> Value:
    loss, number = call.get(receiver, "loss"), call.get(receiver, "number")
    place = constant(index)
    if not isinstance(loss, Data) or not isinstance(place, int):
        return UNKNOWN
    step = loss.last(FIRST_SCORE)
    about = step.by.value if step is not None and isinstance(step.by, Const) else None
    if place != 0 or not isinstance(about, Told):
        return number if number is not None else UNKNOWN
    return _first_score(call, loss, replace(about, index=call.where("index")))


@method(MODEL, "train_on_batch")
def train_on_batch(call: Call, receiver: Value, x: Value = UNKNOWN, y: Value = NONE, **rest: Value) -> Value:
    compiled = call.get(receiver, "compiled")
    call.event("fit", receiver, framework="keras")
    if isinstance(compiled, Obj) and not trains_itself(call, receiver):
        output = _current_output(call, receiver, compiled)
        _use(call, receiver, compiled, output, only_data(y), call.site, call.where("y"))
    return UNKNOWN


@method(MODEL, "build")
def build(call: Call, receiver: Value, input_shape: Value = NONE, **rest: Value) -> Value:
    """Says the shape of the input, batch axis included."""
    present, shape = call.get(receiver, LAYERS), sizes_of(call, input_shape, batch=False)
    if shape is not None and isinstance(present, Tuple):
        call.set(receiver, LAYERS, Tuple((input_of(shape), *present.items)))
    return NONE


@method(MODEL, "summary", "save", "save_weights", "load_weights", "get_layer", "get_config", "evaluate_generator",
        "test_on_batch", "reset_states", "get_weights", "set_weights")  # fmt: skip
def other(call: Call, receiver: Value, **rest: Value) -> Value:
    if call.path.endswith(("load_weights", "set_weights")):
        call.event("weights", receiver, framework="keras")
    if call.path.endswith("get_layer"):
        return part_of(call, receiver)
    return UNKNOWN


@method(MODEL, "zero_grad")
def zero_grad(call: Call, receiver: Value, **rest: Value) -> Value:
    """Keras models on the torch backend are torch modules."""
    call.event("zero_grad", receiver, framework="torch")
    return NONE
