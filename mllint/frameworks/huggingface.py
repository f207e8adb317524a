"""transformers: tokenizers and models, what they are trained for and what their losses leave out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from mllint.facts import Fact, Site, known, nothing
from mllint.frameworks import tokens
from mllint.frameworks.table import Call, attribute, bases, method, row
from mllint.frameworks.tensors import MULTI_AXIS, blank, only_data, summarise, tensor
from mllint.frameworks.toml import load_toml
from mllint.program import LossUse, Unmasked
from mllint.values import (
    FALSE,
    NONE,
    TRUE,
    UNKNOWN,
    WHOLE,
    Const,
    Data,
    Layer,
    Loss,
    Name,
    Obj,
    Padding,
    Seen,
    Slice,
    Tokens,
    Tuple,
    Value,
    constant,
    constants,
)  # fmt: skip

TABLE = load_toml("huggingface.toml")
TOKENIZER = "transformers.PreTrainedTokenizer"
MODEL = "transformers.PreTrainedModel"
OUTPUT = "transformers.ModelOutput"
CONFIG = "transformers.PretrainedConfig"
bases(MODEL, "torch.nn.Module")


# -- tokenizers -------------------------------------------------------------------------------------------------------
_NAMES = [
    f"{name}{ending}" for name in TABLE["tokenizers"]["names"].split() for ending in ("Tokenizer", "TokenizerFast")
]


@row(
    *(f"transformers.{name}.from_pretrained" for name in _NAMES),
    *(f"transformers.{name}" for name in _NAMES if name != "AutoTokenizer"),
)
def tokenizer(call: Call, *args: Value, **rest: Value) -> Value:
    return call.new(TOKENIZER)


@method(TOKENIZER, "__call__", "batch_encode_plus", "encode_plus")
def encode(
    call: Call,
    receiver: Value,
    text: Value = NONE,
    text_pair: Value = NONE,
    text_target: Value = NONE,
    text_pair_target: Value = NONE,
    add_special_tokens: Value = TRUE,
    padding: Value = FALSE,
    truncation: Value = NONE,
    max_length: Value = NONE,
    return_tensors: Value = NONE,
    pad_to_max_length: Value = FALSE,
    **rest: Value,
) -> Value:
    several = _several(rest.get("batch_text_or_text_pairs", text if text != NONE else text_target))
    ids = _ids(call, padding if pad_to_max_length != TRUE else Const("max_length"), several, return_tensors)
    mask = blank("torch") if return_tensors == Const("pt") else Data(space=UNKNOWN)
    fields: list[tuple[str, Value]] = [("input_ids", ids), ("attention_mask", mask)]
    if text_target != NONE and text != NONE:
        fields.append(("labels", ids.with_(tokens=_like(call, ids, "target"))))
    return _dict(call, fields)


def _like(call: Call, ids: Data, key: str) -> Tokens | None:
    if ids.tokens is None:
        return None
    return Tokens(call.new(f"tokens.{key}").id, padding=ids.tokens.padding, site=ids.tokens.site)


def _several(texts: Value) -> bool:
    """Proven: more than one text, of different lengths then."""
    return isinstance(texts, (Data, Tuple)) or (isinstance(texts, Obj) and texts.kind == "list")


def _ids(call: Call, padding: Value, several: bool, return_tensors: Value) -> Data:
    always = padding == Const("max_length")
    filled = always or (several and padding in (TRUE, Const("longest")))
    made = tokens.new(call, Padding(Name("transformers.pad_token_id"), call.site) if filled and call.complete else None)
    if return_tensors == Const("pt"):
        return blank("torch", tokens=made, dtype="int64")
    return Data(space=UNKNOWN, tokens=made, dtype="int")


def _dict(call: Call, fields: list[tuple[str, Value]]) -> Obj:
    return call.new("dict", items=Tuple(tuple(Tuple((Const(key), value)) for key, value in fields)))


@method(TOKENIZER, "encode")
def encode_one(
    call: Call,
    receiver: Value,
    text: Value = NONE,
    text_pair: Value = NONE,
    padding: Value = FALSE,
    return_tensors: Value = NONE,
    **rest: Value,
) -> Value:
    return _ids(call, padding, False, return_tensors)


@method(TOKENIZER, "pad")
def pad(
    call: Call,
    receiver: Value,
    encoded_inputs: Value,
    padding: Value = TRUE,
    max_length: Value = NONE,
    return_tensors: Value = NONE,
    **rest: Value,
) -> Value:
    pairs = call.mapping(encoded_inputs) or []
    filled = _ids(call, padding, True, return_tensors)
    fields: list[tuple[str, Value]] = [("input_ids", filled), ("attention_mask", blank("torch"))]
    others = [(key.value, value) for key, value in pairs if isinstance(key, Const) and key.value not in dict(fields)]
    return _dict(call, [*fields, *others])


@attribute(
    TOKENIZER, "pad_token_id", "eos_token_id", "bos_token_id", "mask_token_id", "unk_token_id", "pad_token", "eos_token"
)
def special_token(call: Call, receiver: Value) -> Value:
    return Name(f"transformers.{call.path.rpartition('.')[2]}")


@attribute(
    TOKENIZER,
    "vocab_size",
    "model_max_length",
    "vocab",
    "cls_token_id",
    "sep_token_id",
    "all_special_ids",
    "padding_side",
)
def about_tokenizer(call: Call, receiver: Value) -> Value:
    return UNKNOWN


@method(TOKENIZER, "*")
def other_tokenizer_method(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return UNKNOWN


# -- configurations ---------------------------------------------------------------------------------------------------
@row("transformers.AutoConfig.from_pretrained", "transformers.BertConfig", "transformers.BertConfig.from_pretrained",
     "transformers.RobertaConfig.from_pretrained", "transformers.GPT2Config", "transformers.GPT2Config.from_pretrained",
     "transformers.DistilBertConfig.from_pretrained")  # fmt: skip
def config(call: Call, *args: Value, **rest: Value) -> Value:
    made = call.new(CONFIG)
    for name in ("num_labels", "problem_type", "id2label"):
        if name in rest:
            call.set(made, name, rest[name])
    return made


# -- models -----------------------------------------------------------------------------------------------------------
def _make(task: str, name: str, call: Call, checkpoint: Value = NONE, *args: Value, **rest: Value) -> Value:
    made = call.new(f"transformers.{name}", task=Const(task))
    _note_pretrained(call, made, name, checkpoint)
    if task in ("sequence_classification", "token_classification"):
        call.set(made, "units", _units(call, checkpoint, rest))
        call.set(made, "problem_type", rest.get("problem_type", _of_config(call, rest, checkpoint, "problem_type")))
    return made


def _note_pretrained(call: Call, made: Obj, name: str, checkpoint: Value) -> None:
    """Record that the weights are loaded; models of the T5 family are trained at high rates."""
    of = str(constant(checkpoint)).lower()
    if call.path.endswith(".from_pretrained") and "t5" not in of and "t5" not in name.lower():
        call.program.pretrained[made] = (call.site, name)


def _of_config(call: Call, rest: Mapping[str, Value], first: Value, name: str) -> Value:
    """What a configuration says; none when there is none."""
    given = rest.get("config", first if isinstance(first, Obj) else NONE)
    if given == NONE:
        return NONE
    return (call.get(given, name) if isinstance(given, Obj) else None) or UNKNOWN


def _units(call: Call, checkpoint: Value, rest: Mapping[str, Value]) -> Value:
    if not call.complete:
        return UNKNOWN
    if "num_labels" in rest:
        return rest["num_labels"]
    names = rest.get("id2label", NONE)
    if names != NONE:
        items = call.items(names)
        return UNKNOWN if items is None else Const(len(items))
    found = _of_config(call, rest, checkpoint, "num_labels")
    if found != NONE:
        return found
    return Const(2) if constant(checkpoint) in _BARE else UNKNOWN


_BARE = set(TABLE["checkpoints"]["bare"].split())


def _register() -> None:
    for task, names in TABLE["models"].items():
        for name in names.split():
            path = f"transformers.{name}"
            bases(path, MODEL)
            spellings = (f"{path}.from_pretrained", f"{path}.from_config")
            row(*spellings, *(() if name.startswith("Auto") else (path,)))(partial(_make, task, name))


_register()


@method(MODEL, "__init__")
def model_init(call: Call, receiver: Value, config: Value = NONE, *args: Value, **rest: Value) -> Value:
    return NONE


@method(MODEL, "__call__", "forward")
def call_model(
    call: Call,
    receiver: Value,
    input_ids: Value = NONE,
    *more: Value,
    labels: Value = NONE,
    return_dict: Value = NONE,
    **rest: Value,
) -> Value:
    if not isinstance(receiver, Obj):
        return UNKNOWN
    call.event("forward", receiver, framework="torch")
    task = constant(call.get(receiver, "task") or UNKNOWN) or _task_of(call, receiver)
    logits = _output(call, receiver, str(task), input_ids)
    ids = only_data(input_ids)
    bare = call.complete and not more and "attention_mask" not in rest and not str(task).startswith("causal")
    if bare and ids is not None and ids.tokens is not None and ids.tokens.padding is not None:
        name = receiver.kind.rpartition(".")[2]
        call.program.unmasked.append(Unmasked(call.site, ids.tokens, name, "attention_mask"))
    if task in ("backbone", "causal_backbone"):
        return call.new(OUTPUT, last_hidden_state=logits, pooler_output=blank("torch", grad=True), model=receiver)
    if labels == NONE:
        return call.new(OUTPUT, logits=logits, model=receiver, **({} if call.complete else {"loss": UNKNOWN}))
    loss = _trained_with(call, receiver, str(task), logits, labels)
    if return_dict == FALSE:
        return Tuple((loss, logits))
    return call.new(OUTPUT, loss=loss, logits=logits, model=receiver)


def _task_of(call: Call, receiver: Obj) -> str | None:
    """For instances of local classes that derive from a model."""
    for task, names in TABLE["models"].items():
        if any(call.is_instance_of(receiver, f"transformers.{name}") for name in names.split()):
            return str(task)
    return None


def _output(call: Call, receiver: Obj, task: str, input_ids: Value) -> Data:
    ids = only_data(input_ids)
    base = blank("torch", model=receiver, grad=True)
    if ids is not None:
        base = base.with_(source=ids.source, part=ids.part, split=ids.split)
    if "classification" not in task:
        base = base.with_(tags=base.tags | {MULTI_AXIS})
        if task.startswith("causal") and ids is not None and ids.tokens is not None:
            base = base.with_(seen=Seen(ids.tokens, True, receiver.site))
        return base if "backbone" in task else base.with_(scale=known("linear", receiver.site))
    if any(call.get(receiver, head) is not None for head in ("classifier", "score", "pre_classifier")):
        return base  # another head was put on
    units: Fact[int] = constants(call.get(receiver, "units") or UNKNOWN, int)
    layer = Layer("torch", "Linear", receiver.site, known("linear", receiver.site), units=units)
    tags = base.tags | {MULTI_AXIS} if task == "token_classification" else base.tags
    return base.with_(scale=known("linear", receiver.site), units=units, layer=layer, tags=tags)


def _trained_with(call: Call, receiver: Obj, task: str, logits: Data, labels: Value) -> Data:
    """The loss that a model computes when it is given labels."""
    truth = only_data(labels)
    loss = _loss(call, receiver, task, logits, truth)
    call.program.losses.append(
        LossUse(
            site=call.site,
            framework="torch",
            loss=loss,
            prediction=logits,
            target=None if truth is None else tensor("torch", truth),
            model=receiver,
            target_site=_written(call, "labels"),
        )
    )
    call.event("loss", loss, framework="torch")
    summarise(call, "torch", receiver, logits)
    value = blank("torch", loss=loss, grad=True, model=receiver)
    return value.with_(tags=value.tags | {WHOLE})


def _written(call: Call, name: str) -> Site | None:
    """Where an argument is written by itself, not as part of a ``**`` dict."""
    site = call.where(name)
    shared = [other for other, (_, place) in call.keywords.items() if place is site]
    return site if len(shared) < 2 else None


def _loss(call: Call, receiver: Obj, task: str, logits: Data, labels: Data | None) -> Loss:
    name = receiver.kind.rpartition(".")[2]
    if task == "causal_lm":
        return Loss("torch", name, "causal_lm", known("logits"))
    if task != "sequence_classification":
        return Loss("torch", name, "cross_entropy", known("logits"), known("integer"))
    problem = call.get(receiver, "problem_type") or UNKNOWN
    whole = labels is not None and (
        labels.labels.must(lambda e: e.kind == "integer") or (labels.dtype or "").startswith("int")
    )
    single = problem == Const("single_label_classification") or (problem == NONE and whole)
    if single and logits.units.must(lambda units: units > 1):
        return Loss("torch", name, "cross_entropy", known("logits"), known("integer"))
    return Loss("torch", name, "chosen_by_labels", nothing(), nothing())


@method(MODEL, "generate", "resize_token_embeddings", "save_pretrained", "push_to_hub", "gradient_checkpointing_enable", "get_input_embeddings",
        "gradient_checkpointing_disable", "enable_input_require_grads", "num_parameters", "tie_weights", "init_weights", "post_init")  # fmt: skip
def model_method(call: Call, receiver: Value, *args: Value, **rest: Value) -> Value:
    return UNKNOWN


@attribute(MODEL, "config", "device", "dtype", "base_model", "generation_config", "num_labels")
def model_attribute(call: Call, receiver: Value) -> Value:
    return UNKNOWN


@row("peft.get_peft_model", "peft.prepare_model_for_kbit_training")
def adapted(call: Call, model: Value, *args: Value, **rest: Value) -> Value:
    """Only what is added to the model is trained, at higher rates than the model itself."""
    if call.path.endswith("get_peft_model"):
        call.program.pretrained.pop(model, None)
    return model


# -- what models give -------------------------------------------------------------------------------------------------
_ORDER = ("loss", "logits", "last_hidden_state", "pooler_output")


def _fields(call: Call, receiver: Value) -> list[Value]:
    return [value for name in _ORDER if (value := call.get(receiver, name)) is not None]


@method(OUTPUT, "__items__", "to_tuple")
def output_items(call: Call, receiver: Value) -> Value:
    return UNKNOWN if call.get(receiver, "loss") is UNKNOWN else Tuple(tuple(_fields(call, receiver)))


@method(OUTPUT, "__getitem__")
def output_item(call: Call, receiver: Value, index: Value) -> Value:
    name = constant(index)
    if isinstance(name, str):
        return call.get(receiver, name) or UNKNOWN
    found = _fields(call, receiver)
    if call.get(receiver, "loss") is UNKNOWN:
        return UNKNOWN
    if isinstance(name, int):
        return found[name] if 0 <= name < len(found) else UNKNOWN
    if isinstance(index, Slice) and index.start == NONE and isinstance(constant(index.stop), int):
        return Tuple(tuple(found[: constant(index.stop)]))
    return UNKNOWN


@attribute(OUTPUT, "*")
def output_attribute(call: Call, receiver: Value) -> Value:
    return call.get(receiver, call.path.rpartition(".")[2]) or UNKNOWN
