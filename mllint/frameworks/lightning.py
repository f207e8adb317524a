"""Lightning: a module's steps get the batches that the loaders given to the trainer, or a data module's, yield."""

from __future__ import annotations

from mllint.frameworks.table import Call, attribute, bases, method, row
from mllint.frameworks.tensors import collated, sample, tensor
from mllint.frameworks.torch_optim import OPTIMIZER
from mllint.frameworks.torch_tensors import backward
from mllint.values import NONE, TRUE, UNKNOWN, Callable_, Const, Obj, Tuple, Value, constant

MODULE = "lightning.LightningModule"
DATA = "lightning.LightningDataModule"
TRAINER = "lightning.Trainer"
HPARAMS = "lightning.hparams"
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


@method(
    (MODULE, DATA), "log", "log_dict", "print", "lr_schedulers", "toggle_optimizer", "untoggle_optimizer", "freeze",
    "unfreeze", "prepare_data", "setup", "teardown",
)  # fmt: skip
def quiet(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return UNKNOWN


# -- the trainer ------------------------------------------------------------------------------------------------------
@row(TRAINER, "lightning.trainer.Trainer", "lightning.trainer.trainer.Trainer")
def trainer(call: Call, *args: Value, **rest: Value) -> Value:
    return call.new(TRAINER)


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
    _run_step(call, model, "training_step", _batch(call, loader, owner, "train_dataloader"))
    _run_step(call, model, "validation_step", _batch(call, val_dataloaders, owner, "val_dataloader"))
    return NONE


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
    _run_step(call, model, step, _batch(call, loader, owner, f"{short}_dataloader"))
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


def _batch(call: Call, loader: Value, owner: Value, name: str) -> Value:
    """What a step gets: a batch of the loader, or one of each where they are listed in a dict."""
    if loader == NONE and _is_data_module(owner):
        own = call.attribute(owner, name)
        loader = call.call(own) if isinstance(own, Callable_) else UNKNOWN
    pairs = call.mapping(loader)
    if pairs is not None:
        items = tuple(Tuple((key, _batch(call, each, NONE, name))) for key, each in pairs)
        return call.engine.new("dict", call.site, {"items": Tuple(items)})
    if isinstance(loader, (Tuple, Obj)) and (isinstance(loader, Tuple) or loader.kind == "list"):
        each = call.items(loader) or []
        return _batch(call, each[0], NONE, name) if name != "train_dataloader" and len(each) == 1 else UNKNOWN
    return collated("torch", sample(call, loader), call) if isinstance(loader, Obj) else UNKNOWN


def _run_step(call: Call, model: Value, name: str, batch: Value) -> None:
    if batch is UNKNOWN or not isinstance(model, Obj) or not call.is_instance_of(model, MODULE):
        return
    step = call.attribute(model, name)
    if isinstance(step, Callable_):
        call.call(step, batch, UNKNOWN)
