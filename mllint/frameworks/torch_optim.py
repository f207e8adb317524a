"""torch.optim, schedulers, gradient scaling, Accelerate and Fabric: what happens in a training step."""

from __future__ import annotations

from mllint.facts import Site
from mllint.frameworks import switches
from mllint.frameworks.graph import FOLLOWED
from mllint.frameworks.settings import own_rates, scheduled, settings
from mllint.frameworks.table import Call, attribute, bases, method, row
from mllint.frameworks.tensors import blank, tensor
from mllint.frameworks.torch_tensors import backward
from mllint.program import Argument, Backward, Optimizer
from mllint.values import FALSE, NONE, TRUE, UNKNOWN, Choice, Const, Data, Obj, Tuple, Value

OPTIMIZER = "torch.optim.Optimizer"
SCHEDULER = "torch.optim.lr_scheduler.LRScheduler"
OPTIMIZERS = (
    "SGD", "Adam", "AdamW", "Adamax", "NAdam", "RAdam", "RMSprop", "Rprop", "Adagrad", "Adadelta", "Adafactor", "ASGD", "LBFGS", "Muon",
    "SparseAdam",
)  # fmt: skip
_SCHEDULERS = (
    "StepLR", "MultiStepLR", "ExponentialLR", "CosineAnnealingLR", "CosineAnnealingWarmRestarts", "CyclicLR", "OneCycleLR", "LambdaLR",
    "MultiplicativeLR", "LinearLR", "ConstantLR", "PolynomialLR", "ReduceLROnPlateau", "SequentialLR", "ChainedScheduler",
)  # fmt: skip
_OTHERS = (
    "transformers.AdamW",
    "torch.optim.adamw.AdamW",
    "timm.optim.create_optimizer",
    "bitsandbytes.optim.AdamW8bit",
)


# -- optimizers -------------------------------------------------------------------------------------------------------
def _optimizer(call: Call, params: Value, lr: Value = UNKNOWN, *more: Value, **rest: Value) -> Value:
    models = holders(call, params)
    model = models[0] if models is not None and len(models) == 1 else UNKNOWN
    rate = call.argument("lr") if call.given("lr") else Argument()
    made = call.new(call.path, params=params, lr=lr, model=model)
    call.program.optimizers.append(
        Optimizer(
            call.site,
            "torch",
            call.path.rpartition(".")[2],
            rate,
            model,
            made,
            models,
            (*settings(call, "torch"), *own_rates(call, params)),
            params,
            call.where("params"),
            _used_up(call, params),
            call.tick(),
            call.engine.body_alone(),
        )
    )
    call.event("optimizer", made, *(models or ()), framework="torch")
    return made


def _used_up(call: Call, params: Value) -> Site | None:
    """Where these parameters, which can be gone through once, have been gone through; that is done here too."""
    if not isinstance(params, Obj) or params.kind not in _PARAMETERS[:2]:
        return None
    before = call.get(params, "used")
    call.set(params, "used", Const(call.site))
    return before.value if isinstance(before, Const) else None


_PARAMETERS = ("torch.parameters", "torch.named_parameters", "torch.nn.Parameter")


def holders(call: Call, params: Value, depth: int = 0) -> tuple[Value, ...] | None:
    """The modules whose parameters these are; None when that is not known of all."""
    if isinstance(params, Obj) and params.kind in _PARAMETERS:
        model = call.get(params, "model")
        return None if model is None or model is UNKNOWN else (model,)
    if depth > 3:
        return None
    inner: list[Value]
    if isinstance(params, Obj) and params.kind == "dict":
        inner = [value for key, value in call.mapping(params) or () if key == Const("params")]
    elif isinstance(params, (Tuple, Choice)):
        inner = list(params.items if isinstance(params, Tuple) else params.options)
        if len(inner) == 2 and isinstance(params, Tuple) and isinstance(inner[1], Obj):  # a name with a parameter
            inner = inner[1:] if inner[1].kind == "torch.nn.Parameter" else inner
    elif isinstance(params, Obj) and params.kind in ("list", "set", "generator"):
        items = call.items(params)
        inner = [call.element(params)] if items is None else [item for item in items if item is not UNKNOWN]
    else:
        return None
    found = [holders(call, each, depth + 1) for each in inner]
    models = [model for each in found if each is not None for model in each]
    return tuple(dict.fromkeys(models)) if found and None not in found else None


for _name in OPTIMIZERS:
    row(f"torch.optim.{_name}")(_optimizer)
    bases(f"torch.optim.{_name}", OPTIMIZER)
row("torch.optim.*")(_optimizer)
bases("torch.optim.*", OPTIMIZER)
for _name in _OTHERS:
    row(_name)(_optimizer)
    bases(_name, OPTIMIZER)


@method(OPTIMIZER, "zero_grad")
def optimizer_zero_grad(call: Call, receiver: Value, set_to_none: Value = TRUE) -> Value:
    call.event("zero_grad", receiver, framework="torch")
    return NONE


@method(OPTIMIZER, "step")
def optimizer_step(call: Call, receiver: Value, closure: Value = NONE) -> Value:
    loss = call.call(closure) if closure not in (NONE, UNKNOWN) else UNKNOWN
    call.event("step", receiver, framework="torch")
    return loss


@method(
    OPTIMIZER,
    "state_dict",
    "load_state_dict",
    "add_param_group",
    "register_step_post_hook",
    "register_step_pre_hook",
    "train",
    "eval",
)
def optimizer_state(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return UNKNOWN


@attribute(OPTIMIZER, "param_groups", "state", "defaults")
def optimizer_groups(call: Call, receiver: Value) -> Value:
    if call.path.endswith("param_groups"):
        call.event("rate", receiver, framework="torch")
    return UNKNOWN


# -- schedulers -------------------------------------------------------------------------------------------------------
def _scheduler(call: Call, optimizer: Value, *more: Value, **rest: Value) -> Value:
    made = call.new(call.path, optimizer=optimizer)
    if call.path.endswith("ReduceLROnPlateau") and call.complete:
        call.set(made, "mode", rest.get("mode", more[0] if more else Const("min")))
    scheduled(call, "torch", made, optimizer)
    return made


for _name in _SCHEDULERS:
    row(f"torch.optim.lr_scheduler.{_name}", f"torch.optim.{_name}")(_scheduler)
    bases(f"torch.optim.lr_scheduler.{_name}", SCHEDULER)
for _name in (
    "constant_schedule",
    "constant_schedule_with_warmup",
    "linear_schedule_with_warmup",
    "cosine_schedule_with_warmup",
):
    row(f"transformers.get_{_name}", f"transformers.optimization.get_{_name}")(_scheduler)
    bases(f"transformers.get_{_name}", SCHEDULER)


@method(SCHEDULER, "step")
def scheduler_step(call: Call, receiver: Value, metrics: Value = NONE, epoch: Value = NONE) -> Value:
    given = bool(call.positional or call.keywords) or not call.complete
    call.event("scheduler_step", receiver, *((metrics,) if given else ()), framework="torch")
    return NONE


@method(SCHEDULER, "state_dict", "load_state_dict", "get_last_lr", "get_lr")
def scheduler_state(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return UNKNOWN


# -- scaled gradients -------------------------------------------------------------------------------------------------
SCALER = "torch.amp.GradScaler"


@row(SCALER, "torch.cuda.amp.GradScaler", "torch.amp.grad_scaler.GradScaler", "torch.cuda.amp.grad_scaler.GradScaler")
def grad_scaler(call: Call, *args: Value, **rest: Value) -> Value:
    made = call.new(SCALER)
    call.event("scaler", made, rest.get("enabled", TRUE), framework="torch")
    return made


@method(SCALER, "scale")
def scale(call: Call, receiver: Value, outputs: Value) -> Value:
    call.event("scale", receiver, framework="torch")
    return outputs


@method(SCALER, "step")
def scaler_step(call: Call, receiver: Value, optimizer: Value, *args: Value, **rest: Value) -> Value:
    if call.is_instance_of(optimizer, OPTIMIZER):
        call.event("step", optimizer, receiver, framework="torch")
    else:
        call.event("step", UNKNOWN)
    return NONE


@method(SCALER, "unscale_")
def unscale(call: Call, receiver: Value, optimizer: Value) -> Value:
    call.event("unscale", optimizer, framework="torch")
    return NONE


@method(SCALER, "update")
def scaler_update(call: Call, receiver: Value, new_scale: Value = NONE) -> Value:
    call.event("scaler_update", receiver, framework="torch")
    return NONE


@method(SCALER, "state_dict", "load_state_dict", "get_scale", "is_enabled")
def scaler_state(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return UNKNOWN


@row(
    "torch.nn.utils.clip_grad_norm_",
    "torch.nn.utils.clip_grad_value_",
    "torch.nn.utils.clip_grad_norm",
    "torch.nn.utils.clip_grad.clip_grad_norm_",
)
def clip(call: Call, parameters: Value, max_norm: Value = UNKNOWN, *args: Value, **rest: Value) -> Value:
    """The event names the largest norm, then the modules whose gradients are clipped."""
    call.event("clip", parameters, max_norm, *(holders(call, parameters) or ()), framework="torch")
    return blank("torch")


# -- Accelerate and Fabric --------------------------------------------------------------------------------------------
FABRIC = "lightning.Fabric"


@row(
    "accelerate.Accelerator",
    FABRIC,
    "lightning.fabric.Fabric",
    "lightning_fabric.Fabric",
    "lightning.fabric.fabric.Fabric",
)
def fabric(call: Call, *args: Value, **rest: Value) -> Value:
    return call.new(FABRIC)


@method(
    FABRIC,
    "prepare",
    "setup",
    "setup_module",
    "setup_optimizers",
    "setup_dataloaders",
    "prepare_model",
    "prepare_data_loader",
)
def prepare(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    if not call.complete or not args:
        return UNKNOWN
    return args[0] if len(args) == 1 else Tuple(tuple(args))


@method(FABRIC, "backward")
def fabric_backward(call: Call, receiver: Value, loss: Value, *args: Value, **rest: Value) -> Value:
    backward(call, tensor("torch", loss))
    return NONE


@method(FABRIC, "clip_grad_norm_", "clip_gradients")
def fabric_clip(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    call.event("clip", framework="torch")
    return UNKNOWN


@method(FABRIC, "unwrap_model", "gather", "gather_for_metrics", "reduce")
def fabric_same(call: Call, receiver: Value, value: Value, *args: Value, **rest: Value) -> Value:
    return value


@method(
    FABRIC,
    "print",
    "log",
    "launch",
    "accumulate",
    "autocast",
    "wait_for_everyone",
    "save",
    "save_state",
    "end_training",
    "init_trackers",
)
def fabric_other(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return UNKNOWN


# -- receivers that are not known -------------------------------------------------------------------------------------
@method("unknown", "backward", "manual_backward")
def unknown_backward(call: Call, receiver: Value, loss: Value = NONE, *args: Value, **rest: Value) -> Value:
    if isinstance(loss, Data) and loss.loss is not None:
        backward(call, loss)
    else:
        call.event("backward", UNKNOWN, *((loss,) if loss != NONE else ()))
    return NONE


@method("Data", "backward")
def data_backward(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    """Of what was a tensor, whatever it is taken for by now."""
    if isinstance(receiver, Data) and FOLLOWED in receiver.tags:
        call.program.backwards.append(Backward(call.site, receiver, call.engine.loops, call.tick()))
    call.event("backward", UNKNOWN)
    return NONE


@method("unknown", "zero_grad", "zero_")
def unknown_zero_grad(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    call.event("zero_grad", UNKNOWN)
    return UNKNOWN


@method("unknown", "step")
def unknown_step(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    first = args[0] if args else UNKNOWN
    if call.is_instance_of(first, OPTIMIZER):  # ``scaler.step(optimizer)``
        call.event("step", first, receiver, framework="torch")
        return UNKNOWN
    if not isinstance(first, (Const, Data, Obj)) and first is not UNKNOWN:
        call.call(first)
        call.event("step", UNKNOWN)
    else:
        call.event("step", UNKNOWN, *args, *rest.values())
    return UNKNOWN


@method("unknown", "train")
def unknown_train(call: Call, receiver: Value, mode: Value = TRUE, **rest: Value) -> Value:
    call.event("train_mode" if mode != FALSE else "eval_mode", UNKNOWN)
    return receiver


@method("unknown", "eval")
def unknown_eval(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    call.event("eval_mode", UNKNOWN)
    return receiver


@method("unknown", "scale")
def unknown_scale(call: Call, receiver: Value, value: Value = UNKNOWN, *args: Value, **rest: Value) -> Value:
    return value if isinstance(value, Data) and value.loss is not None else UNKNOWN


@method("unknown", "parameters")
def unknown_parameters(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    """Parameters of some model."""
    return call.new("torch.parameters")


@method("unknown", "requires_grad_")
def unknown_requires_grad(call: Call, receiver: Value, requires_grad: Value = TRUE) -> Value:
    call.event("frozen" if requires_grad == FALSE else "input_grad", UNKNOWN)
    return receiver


@method("unknown", "freeze")
def unknown_freeze(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    call.event("frozen", UNKNOWN)
    return UNKNOWN


@method("unknown", "to", "cuda", "cpu", "item", "unscale_")
def unknown_quiet(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return UNKNOWN


@method("unknown", "__setattr__")
def unknown_attribute(call: Call, receiver: Value, name: Value, value: Value) -> Value:
    if name == Const("grad"):
        call.event("zero_grad" if value == NONE else "set_grad", UNKNOWN)
    if name == Const("requires_grad"):
        call.event("frozen" if value == FALSE else "input_grad", UNKNOWN)
    return NONE


# -- calls that change nothing ----------------------------------------------------------------------------------------
QUIET = (
    "torch.device", "torch.cuda.is_available", "torch.save",
    "torch.load", "torch.cuda.amp.autocast",
    "torch.autocast", "torch.amp.autocast", "torch.cuda.empty_cache", "torch.cuda.synchronize", "torch.set_default_dtype",
    "torch.set_num_threads", "torch.autograd.set_detect_anomaly", "torch.is_tensor",
    "torch.cuda.device_count", "torch.cuda.set_device", "torch.Size", "torch.set_float32_matmul_precision",
    "torch.backends.mps.is_available", "torch.set_printoptions", "torch.initial_seed", "torch.equal", "torch.allclose",
    "torch.distributed.init_process_group", "torch.distributed.barrier", "torch.set_default_device",
    "torch.utils.tensorboard.SummaryWriter", "torchsummary.summary", "torchinfo.summary", "torch.hub.load",
    *(f"torch.nn.init.{n}" for n in (
        "xavier_uniform_", "xavier_normal_", "kaiming_uniform_", "kaiming_normal_", "constant_", "zeros_", "ones_", "normal_", "uniform_",
        "orthogonal_", "trunc_normal_", "eye_", "xavier_uniform", "xavier_normal", "kaiming_normal", "constant", "normal", "uniform",
    )),
)  # fmt: skip


@row("torch.use_deterministic_algorithms")
def use_deterministic_algorithms(call: Call, mode: Value, warn_only: Value = FALSE) -> Value:
    switches.turned(call.engine, call.path, mode, call.site)
    return NONE


@row(*QUIET)
def quiet(call: Call, *args: Value, **rest: Value) -> Value:
    return UNKNOWN


# -- gradients on and off ---------------------------------------------------------------------------------------------
GRAD_MODE = "torch.grad_mode"


@row("torch.no_grad", "torch.autograd.no_grad", "torch.autograd.grad_mode.no_grad")
def no_grad(call: Call, func: Value = NONE) -> Value:
    return call.new(GRAD_MODE, enabled=FALSE) if func == NONE else func


@row("torch.enable_grad", "torch.autograd.enable_grad")
def enable_grad(call: Call, func: Value = NONE) -> Value:
    return call.new(GRAD_MODE, enabled=TRUE) if func == NONE else func


@row("torch.inference_mode", "torch.autograd.inference_mode")
def inference_mode(call: Call, mode: Value = TRUE) -> Value:
    turned = FALSE if mode == TRUE else TRUE if mode == FALSE else UNKNOWN
    return call.new(GRAD_MODE, enabled=turned) if isinstance(mode, Const) or mode is UNKNOWN else mode


@row("torch.set_grad_enabled", "torch.autograd.set_grad_enabled", "torch._C._set_grad_enabled")
def set_grad_enabled(call: Call, mode: Value) -> Value:
    """Takes effect at once; as the manager of a block, for the time of the block only."""
    call.event("grad_off" if mode == FALSE else "grad_on", framework="torch")
    return call.new(GRAD_MODE, enabled=mode)


@method(GRAD_MODE, "__enter__")
def enter_by_hand(call: Call, receiver: Value) -> Value:
    call.event("grad_off" if call.get(receiver, "enabled") == FALSE else "grad_on", framework="torch")
    return receiver


@method(GRAD_MODE, "__exit__")
def leave_by_hand(call: Call, receiver: Value, *args: Value) -> Value:
    call.event("grad_on", framework="torch")
    return NONE
