"""torch.optim, schedulers, gradient scaling, Accelerate and Fabric: what happens in a training step."""

from __future__ import annotations

from mllint.frameworks.table import Call, attribute, bases, method, row
from mllint.frameworks.tensors import blank, tensor
from mllint.frameworks.torch_tensors import backward
from mllint.program import Argument, Optimizer
from mllint.values import FALSE, NONE, TRUE, UNKNOWN, Const, Data, Obj, Tuple, Value

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
    model = call.get(params, "model") if isinstance(params, Obj) else None
    rate = call.argument("lr") if call.given("lr") else Argument()
    made = Optimizer(call.site, "torch", call.path.rpartition(".")[2], rate, UNKNOWN if model is None else model)
    call.program.optimizers.append(made)
    return call.new(call.path, params=params, lr=lr, model=UNKNOWN if model is None else model)


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
    return UNKNOWN


# -- schedulers -------------------------------------------------------------------------------------------------------
def _scheduler(call: Call, optimizer: Value, *more: Value, **rest: Value) -> Value:
    return call.new(call.path, optimizer=optimizer)


for _name in _SCHEDULERS:
    row(f"torch.optim.lr_scheduler.{_name}")(_scheduler)
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
    call.event("scheduler_step", receiver, framework="torch")
    return NONE


@method(SCHEDULER, "state_dict", "load_state_dict", "get_last_lr", "get_lr")
def scheduler_state(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return UNKNOWN


# -- scaled gradients -------------------------------------------------------------------------------------------------
SCALER = "torch.amp.GradScaler"


@row(SCALER, "torch.cuda.amp.GradScaler", "torch.amp.grad_scaler.GradScaler", "torch.cuda.amp.grad_scaler.GradScaler")
def grad_scaler(call: Call, *args: Value, **rest: Value) -> Value:
    return call.new(SCALER)


@method(SCALER, "scale")
def scale(call: Call, receiver: Value, outputs: Value) -> Value:
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


@method(SCALER, "update", "state_dict", "load_state_dict", "get_scale", "is_enabled")
def scaler_update(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return UNKNOWN


@row(
    "torch.nn.utils.clip_grad_norm_",
    "torch.nn.utils.clip_grad_value_",
    "torch.nn.utils.clip_grad_norm",
    "torch.nn.utils.clip_grad.clip_grad_norm_",
)
def clip(call: Call, parameters: Value, *args: Value, **rest: Value) -> Value:
    call.event("clip", parameters, framework="torch")
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


@method("unknown", "to", "cuda", "cpu", "item", "parameters", "requires_grad_", "unscale_")
def unknown_quiet(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return UNKNOWN


@method("unknown", "__setattr__")
def unknown_attribute(call: Call, receiver: Value, name: Value, value: Value) -> Value:
    if name == Const("grad"):
        call.event("zero_grad", UNKNOWN)
    return NONE


# -- calls that change nothing ----------------------------------------------------------------------------------------
QUIET = (
    "torch.cuda.manual_seed", "torch.cuda.manual_seed_all", "torch.device", "torch.cuda.is_available", "torch.save",
    "torch.load", "torch.no_grad", "torch.enable_grad", "torch.inference_mode", "torch.set_grad_enabled", "torch.cuda.amp.autocast",
    "torch.autocast", "torch.amp.autocast", "torch.cuda.empty_cache", "torch.cuda.synchronize", "torch.set_default_dtype",
    "torch.set_num_threads", "torch.use_deterministic_algorithms", "torch.autograd.set_detect_anomaly", "torch.is_tensor",
    "torch.cuda.device_count", "torch.cuda.set_device", "torch.Generator", "torch.Size", "torch.set_float32_matmul_precision",
    "torch.backends.mps.is_available", "torch.set_printoptions", "torch.initial_seed", "torch.equal", "torch.allclose",
    "torch.distributed.init_process_group", "torch.distributed.barrier", "torch.set_default_device",
    "torch.utils.tensorboard.SummaryWriter", "torchsummary.summary", "torchinfo.summary", "torch.hub.load",
    *(f"torch.nn.init.{n}" for n in (
        "xavier_uniform_", "xavier_normal_", "kaiming_uniform_", "kaiming_normal_", "constant_", "zeros_", "ones_", "normal_", "uniform_",
        "orthogonal_", "trunc_normal_", "eye_", "xavier_uniform", "xavier_normal", "kaiming_normal", "constant", "normal", "uniform",
    )),
)  # fmt: skip


@row(*QUIET)
def quiet(call: Call, *args: Value, **rest: Value) -> Value:
    return UNKNOWN
