"""Lightning: a module's steps get the batches that the loaders given to the trainer, or a data module's, yield."""

from __future__ import annotations

from mllint.frameworks import switches
from mllint.frameworks.table import Call, attribute, bases, method, row
from mllint.frameworks.tensors import collated, sample, tensor
from mllint.frameworks.torch_optim import OPTIMIZER
from mllint.frameworks.torch_tensors import backward
from mllint.program import Argument, Callback, Logged, Pass
from mllint.values import FALSE, NONE, TRUE, UNKNOWN, Callable_, Const, Obj, Tuple, Value, constant, options

MODULE = "lightning.LightningModule"
DATA = "lightning.LightningDataModule"
TRAINER = "lightning.Trainer"
HPARAMS = "lightning.hparams"
STAGE = "@stage"
"""Field of a module: the step that a trainer runs now."""
bases(MODULE, "torch.nn.Module")


# -- modules ----------------------------------------------------------------------------------------------------------
@method(MODULE, "optimizers")
def optimizers(call: Call, receiver: Value, use_pl_optimizer: Value = TRUE) -> Value:
    return call.new(OPTIMIZER, model=receiver, lightning=TRUE)


@method(MODULE, "manual_backward")
def manual_backward(call: Call, receiver: Value, loss: Value, *args: Value, **rest: Value) -> Value:
    backward(call, tensor("torch", loss))
    return NONE


@method((MODULE, DATA), "save_hyperparameters")
def save_hyperparameters(
    call: Call, receiver: Value, *args: Value, ignore: Value = NONE, frame: Value = NONE, logger: Value = TRUE
) -> Value:
    """``self.hparams`` holds the arguments of ``__init__``, or those that are named or given."""
    given = {name: value for name, value in call.engine.parameters() if value != receiver}
    names = [constant(arg) for arg in args]
    fields: dict[str, Value] = {}
    if all(isinstance(name, str) for name in names) and call.complete:
        left_out = [constant(item) for item in call.items(ignore) or [ignore]]
        fields = {k: v for k, v in given.items() if (not names or k in names) and k not in left_out}
    elif len(args) == 1 and (pairs := call.mapping(args[0])) is not None:
        fields = {str(constant(key)): value for key, value in pairs}
    elif len(args) == 1 and isinstance(args[0], Obj):
        call.set(receiver, "hparams", args[0])
        return NONE
    old = call.get(receiver, "hparams")
    if isinstance(old, Obj) and old.kind == HPARAMS:  # the base class's or the subclass's own
        for name, value in fields.items():
            if call.get(old, name) is None:
                call.set(old, name, value)
        return NONE
    call.set(receiver, "hparams", call.new(HPARAMS, **fields))
    return NONE


_CHANGED = "__changed__"
"""The field of hyper-parameters that were changed in a way that is not known."""


def _hyperparameter(call: Call, hparams: Value, name: str) -> Value:
    found = call.get(hparams, name) if call.get(hparams, _CHANGED) is None else None
    return UNKNOWN if found is None else found


@attribute(HPARAMS, "*")
def hyperparameter(call: Call, receiver: Value) -> Value:
    return _hyperparameter(call, receiver, call.path.rpartition(".")[2])


@method(HPARAMS, "__getitem__", "get")
def hyperparameter_item(call: Call, receiver: Value, key: Value, default: Value = NONE) -> Value:
    name = constant(key)
    return _hyperparameter(call, receiver, name) if isinstance(name, str) else UNKNOWN


@method(HPARAMS, "__setitem__")
def set_hyperparameter(call: Call, receiver: Value, key: Value, value: Value) -> Value:
    name = constant(key)
    call.set(receiver, name if isinstance(name, str) else _CHANGED, value)
    return NONE


@method(HPARAMS, "update")
def update_hyperparameters(call: Call, receiver: Value, values: Value = NONE, **rest: Value) -> Value:
    pairs = call.mapping(values) if values != NONE else []
    if pairs is None or not call.complete:
        call.set(receiver, _CHANGED, TRUE)
    for key, value in [*(pairs or ()), *((Const(name), value) for name, value in rest.items())]:
        call.set(receiver, str(constant(key)), value)
    return NONE


@method(MODULE, "log", "log_dict")
def log(call: Call, receiver: Value, name: Value = UNKNOWN, *args: Value, **rest: Value) -> Value:
    names = [name]
    if call.path.endswith("log_dict"):
        pairs = call.mapping(rest.get("dictionary", name))
        names = [UNKNOWN] if pairs is None else [key for key, _ in pairs]
    owner, stage = call.get(receiver, "class"), constant(call.get(receiver, STAGE) or UNKNOWN)
    for each in names if owner is not None else ():
        text = constant(each)
        call.program.logged.append(Logged(call.site, owner or UNKNOWN, text if isinstance(text, str) else None, stage))
    return NONE


@method(
    (MODULE, DATA), "print", "lr_schedulers", "toggle_optimizer", "untoggle_optimizer",
    "prepare_data", "setup", "teardown",
)  # fmt: skip
def quiet(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return UNKNOWN


@method(MODULE, "freeze")
def freeze(call: Call, receiver: Value) -> Value:
    call.engine.freeze(receiver, FALSE)
    call.event("eval_mode", receiver, framework="torch")
    return NONE


@method(MODULE, "unfreeze")
def unfreeze(call: Call, receiver: Value) -> Value:
    call.engine.freeze(receiver, TRUE)
    call.event("train_mode", receiver, framework="torch")
    return NONE


# -- the trainer ------------------------------------------------------------------------------------------------------
@row(TRAINER, "lightning.trainer.Trainer", "lightning.trainer.trainer.Trainer")
def trainer(call: Call, *args: Value, **rest: Value) -> Value:
    if "benchmark" in rest and "deterministic" in rest:
        given = [(name, rest[name], call.where(name)) for name in ("benchmark", "deterministic")]
        switches.together(call, *given, ("algorithms", NONE, None))
    made = call.new(TRAINER)
    call.set(made, "callbacks", UNKNOWN if not call.complete else rest.get("callbacks", NONE))
    return made


_CALLBACKS = {
    "EarlyStopping": ("monitor", "min_delta", "patience", "verbose", "mode"),
    "ModelCheckpoint": (
        "dirpath",
        "filename",
        "monitor",
        "verbose",
        "save_last",
        "save_top_k",
        "save_weights_only",
        "mode",
    ),
}
"""The callbacks that wait for a number, and their arguments in order."""


@row(
    *(
        f"lightning.callbacks.{module}{name}"
        for module in ("", "early_stopping.", "model_checkpoint.")
        for name in _CALLBACKS
    )
)
def callback(call: Call, *args: Value, **rest: Value) -> Value:
    name = call.path.rpartition(".")[2]
    made = call.new(f"lightning.callbacks.{name}")
    if call.complete:
        names = _CALLBACKS[name]
        told = {"monitor": Argument(NONE), "mode": Argument(Const("min"))}
        told |= {each: Argument(*given, True) for each, given in zip(names, call.positional, strict=False)}
        call.set(
            made,
            "watching",
            Const(tuple((told | {each: call.argument(each) for each in names if call.given(each)}).items())),
        )
    return made


def _callbacks(call: Call, trainer: Value, model: Value, validation: bool | None) -> None:
    """Record what waits for a number that the module logs."""
    owner = call.get(model, "class")
    listed = call.get(trainer, "callbacks") or NONE
    items = [listed] if isinstance(listed, Obj) and listed.kind != "list" else call.items(listed) or []
    for item in (*items, *_plateaus(call, model)):
        told = constant(call.get(item, "watching") or UNKNOWN)
        if told is not None and isinstance(item, Obj) and item.site is not None and owner is not None:
            name, monitor, mode = item.kind.rpartition(".")[2], dict(told)["monitor"], dict(told)["mode"]
            acts = monitor.value != NONE
            call.program.callbacks.append(
                Callback(item.site, "lightning", name, monitor, mode, call.site, validation, None, owner, acts)
            )


def _plateaus(call: Call, model: Value) -> list[Value]:
    """The schedulers of a module that wait for a number, with its name."""
    own = call.attribute(model, "configure_optimizers") if _is_data_module(model) else UNKNOWN
    settings = call.mapping(call.call(own)) if isinstance(own, Callable_) else None
    found = dict(_named(settings))
    inner = dict(_named(call.mapping(found.get("lr_scheduler", NONE))))
    scheduler, monitor = inner.get("scheduler", found.get("lr_scheduler")), inner.get("monitor", found.get("monitor"))
    if not isinstance(scheduler, Obj) or not scheduler.kind.endswith(".ReduceLROnPlateau") or monitor is None:
        return []
    mode = call.get(scheduler, "mode") or UNKNOWN
    call.set(scheduler, "watching", Const((("monitor", Argument(monitor)), ("mode", Argument(mode)))))
    return [scheduler]


def _named(pairs: list[tuple[Value, Value]] | None) -> list[tuple[str, Value]]:
    return [(str(constant(key)), value) for key, value in pairs or ()]


@method(TRAINER, "fit")
def fit(
    call: Call,
    receiver: Value,
    model: Value,
    train_dataloaders: Value = NONE,
    val_dataloaders: Value = NONE,
    datamodule: Value = NONE,
    ckpt_path: Value = NONE,
    **rest: Value,
) -> Value:
    loader = rest.get("train_dataloader", train_dataloaders)
    if _is_data_module(loader):
        datamodule, loader = loader, NONE
    call.set(receiver, "model", model)
    call.set(receiver, "datamodule", datamodule)
    owner = _prepared(call, model, datamodule, "fit")
    _run_step(call, model, "training_step", _batch(call, loader, owner, "train_dataloader", "fit"))
    _run_step(call, model, "validation_step", _batch(call, val_dataloaders, owner, "val_dataloader", "validate"))
    _callbacks(call, receiver, model, _has_validation(call, val_dataloaders, owner, datamodule))
    return NONE


def _has_validation(call: Call, loaders: Value, owner: Value, datamodule: Value) -> bool | None:
    """Whether training is interrupted for validation; None: not known."""
    if loaders != NONE:
        return None if UNKNOWN in options(loaders) or NONE in options(loaders) else True
    if not call.complete or not _is_data_module(owner) or (datamodule != NONE and not _is_data_module(datamodule)):
        return None
    owners = [owner] if datamodule == NONE else [owner, datamodule]
    if not all(call.is_instance_of(each, MODULE) or call.is_instance_of(each, DATA) for each in owners):
        return None
    return any(isinstance(call.attribute(each, "val_dataloader"), Callable_) for each in owners)


@method(TRAINER, "test", "validate", "predict")
def evaluate(
    call: Call,
    receiver: Value,
    model: Value = NONE,
    dataloaders: Value = NONE,
    ckpt_path: Value = NONE,
    verbose: Value = TRUE,
    datamodule: Value = NONE,
    **rest: Value,
) -> Value:
    if _is_data_module(dataloaders):
        datamodule, dataloaders = dataloaders, NONE
    model = (call.get(receiver, "model") or UNKNOWN) if model == NONE else model
    datamodule = (call.get(receiver, "datamodule") or NONE) if datamodule == NONE else datamodule
    stage = call.path.rpartition(".")[2]
    short = {"validate": "val"}.get(stage, stage)
    step = {"validate": "validation_step"}.get(stage, f"{stage}_step")
    owner = _prepared(call, model, datamodule, stage)
    loader = rest.get("test_dataloaders", dataloaders)
    _run_step(call, model, step, _batch(call, loader, owner, f"{short}_dataloader", "evaluate"))
    return UNKNOWN


@method(TRAINER, "save_checkpoint")
def save_checkpoint(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return UNKNOWN


def _is_data_module(value: Value) -> bool:
    return isinstance(value, Obj) and value.kind == "instance"


def _prepared(call: Call, model: Value, datamodule: Value, stage: str) -> Value:
    """What has the loaders of its own, set up for a stage: the data module, or the model itself."""
    owner = datamodule if _is_data_module(datamodule) else model
    for name, arguments in (("prepare_data", ()), ("setup", (Const(stage),))):
        own = call.attribute(owner, name) if _is_data_module(owner) else UNKNOWN
        if isinstance(own, Callable_):
            call.call(own, *arguments)
    return owner


def _batch(call: Call, loader: Value, owner: Value, name: str, kind: str) -> Value:
    """What a step gets: a batch of the loader, or one of each where they are listed in a dict."""
    if loader == NONE and _is_data_module(owner):
        own = call.attribute(owner, name)
        loader = call.call(own) if isinstance(own, Callable_) else UNKNOWN
    pairs = call.mapping(loader)
    if pairs is not None:
        items = tuple(Tuple((key, _batch(call, each, NONE, name, kind))) for key, each in pairs)
        return call.engine.new("dict", call.site, {"items": Tuple(items)})
    if isinstance(loader, (Tuple, Obj)) and (isinstance(loader, Tuple) or loader.kind == "list"):
        each = call.items(loader) or []
        alone = name != "train_dataloader" and len(each) == 1
        return _batch(call, each[0], NONE, name, kind) if alone else UNKNOWN
    if not isinstance(loader, Obj):
        return UNKNOWN
    batch = collated("torch", sample(call, loader), call)
    call.program.passes.append(Pass(call.site, loader, kind, None, call.engine.loops, batch, call.tick()))
    return batch


def _run_step(call: Call, model: Value, name: str, batch: Value) -> None:
    if batch is UNKNOWN or not isinstance(model, Obj) or not call.is_instance_of(model, MODULE):
        return
    step = call.attribute(model, name)
    if isinstance(step, Callable_):
        call.set(model, STAGE, Const(name))
        call.call(step, batch, UNKNOWN)
        call.set(model, STAGE, NONE)
