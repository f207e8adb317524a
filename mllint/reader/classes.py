"""Local classes of modules, layers and models: what they are made of, and what they do while they are run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

import libcst as cst

from mllint.facts import Site
from mllint.frameworks import table
from mllint.program import Argument, AttributeSet, ForwardCall, FunctionalDropout, MadeInForward, ModuleClass, Part
from mllint.reader.local import LocalClass, LocalFunction
from mllint.reader.walk import path_to
from mllint.values import NONE, TRUE, UNKNOWN, Data, Layer, Name, Obj, Tuple, Unknown, Value, options

if TYPE_CHECKING:
    from mllint.frameworks.table import Call
    from mllint.reader.calls import Arguments
    from mllint.reader.engine import Interpreter

INITIALISED = "@initialised"
"""Field of an instance whose framework's ``__init__`` was called."""

_FRAMEWORKS = {
    "torch.nn.Module": "torch",
    "keras.Model": "keras",
    "keras.layers.Layer": "keras",
    "mxnet.gluon.Block": "gluon",
    "mxnet.gluon.HybridBlock": "gluon",
}
_RUN = {"torch": ("forward",), "keras": ("call",), "gluon": ("forward", "hybrid_forward")}
_PLAIN_BASES = {"abc.ABC", "object", "typing.Generic", "typing.Protocol"}
_TRAINS = re.compile(
    r"(?:Lazy)?(?:Linear|Dense|Bilinear|Conv\w*|Depthwise\w*|Separable\w*|Embedding\w*|LSTM\w*|GRU\w*|RNN\w*|SimpleRNN\w*"
    r"|(?:Sync)?BatchNorm\w*|LayerNorm\w*|RMSNorm|GroupNorm\w*|PReLU|Multi[hH]eadAttention|Transformer\w*)"
)
"""Layers with parameters."""
_CONTAINERS = ("torch.nn.Sequential", "torch.nn.ModuleList", "torch.nn.ModuleDict")
_DROPOUTS = re.compile(r"torch\.(?:nn\.functional\.)?(?:(?:feature_)?alpha_)?dropout[123]?d?")
_ON_PURPOSE = re.compile(
    r"(?i)\bmc[ _-]?drop|monte[ _-]?carlo|bayes|uncertaint|stochastic forward|dropout at (?:test|inference)"
)
_PRETRAINED = re.compile(r"pretrained|model_zoo|state_dict_from_url|from_tf\b")
"""What a file says whose modules have parts for the sake of weights that are loaded."""
_WORD = re.compile(r"\w+")
_COMMENT = re.compile(r"('''.*?'''|\"\"\".*?\"\"\"|'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\")|#[^\n]*", re.DOTALL)
_SAID = re.compile(r"\.\s*([A-Za-z_]\w*)\b(?!\s*=[^=]|\s*:[^\n=,()\[\]{}]+=[^=])|['\"]([A-Za-z_]\w*)['\"]")


# -- classes ----------------------------------------------------------------------------------------------------------
def framework_of(engine: Interpreter, owner: LocalClass) -> str:
    """The framework whose modules a local class derives from; empty where it does not."""
    for each in engine.mro(owner):
        for base in each.bases:
            if isinstance(base, Name):
                for kind in table.lineage(table.canonical(base.path)):
                    if kind in _FRAMEWORKS:
                        return _FRAMEWORKS[kind]
    return ""


def constructed(
    engine: Interpreter, instance: Obj, owner: LocalClass, arguments: Arguments, init: Value | None
) -> None:
    """Record what the constructor of a class of modules has left behind."""
    framework = framework_of(engine, owner)
    if not framework:
        return
    function = getattr(init, "function", None)
    written = function.node if isinstance(function, LocalFunction) else None
    fields = engine.state.heap.get(instance.id, {})
    initialised = written is None or INITIALISED in fields
    engine.program.modules.append(
        ModuleClass(
            cast("Site", owner.node),
            owner.node.name.value,
            framework,
            instance,
            tuple(_parts(engine, instance, arguments)),
            frozenset(_methods(engine, owner)),
            frozenset[str]().union(*(_words(engine, each) for each in engine.mro(owner))),
            _is_known(engine, owner),
            None if written is None else cast("Site", written),
            initialised,
            _super_call(written),
            any(scope.file.says(_PRETRAINED) for scope in engine.scopes.values()),
        )
    )
    _made(engine, instance, owner.node.name.value, framework, _instance_trains(engine, instance), instance.site)


def _methods(engine: Interpreter, owner: LocalClass) -> Iterator[str]:
    for each in engine.mro(owner):
        for name, value in engine.state.heap.get(each.number, {}).items():
            if isinstance(value, LocalFunction):
                yield name


def _is_known(engine: Interpreter, owner: LocalClass) -> bool:
    return all(
        isinstance(base, LocalClass)
        or (
            isinstance(base, Name)
            and (base.path in _PLAIN_BASES or any(k in _FRAMEWORKS for k in table.lineage(table.canonical(base.path))))
        )
        for each in engine.mro(owner)
        for base in each.bases
    )


def _super_call(init: Any) -> str:
    """How the base's ``__init__`` is called from here: with the ``**kwargs``, if there are any."""
    rest = init.params.star_kwarg if isinstance(init, cst.FunctionDef) else None
    return "super().__init__()" if rest is None else f"super().__init__(**{rest.name.value})"


def _words(engine: Interpreter, owner: LocalClass) -> frozenset[str]:
    """The words of a class's source."""
    found = engine.words.get(owner.node)
    if found is None:
        found = engine.words[owner.node] = frozenset(_WORD.findall(class_text(engine, owner)))
    return found


def class_text(engine: Interpreter, owner: LocalClass) -> str:
    """The source of a local class, as far as its indentation tells."""
    name = owner.node.name.value
    for scope in engine.scopes.values():
        head = re.search(rf"(?m)^([ \t]*)class[ \t]+{name}\b", scope.file.text)
        if head is not None:
            indent = head[1]
            end = re.compile(rf"(?m)^(?!{indent}[ \t])(?=[ \t]*[^\s#)\]}}])").search(scope.file.text, head.end())
            return scope.file.text[head.start() : None if end is None else end.start()]
    return ""


class Said(Mapping[str, int]):
    """How often files say a name behind a dot or in quotes, assignments aside; counted when a rule asks."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = texts

    @cached_property
    def _counts(self) -> Mapping[str, int]:
        counts: Counter[str] = Counter()
        for text in self._texts:
            bare = _COMMENT.sub(lambda found: found[1] or "", text)
            counts.update(a or b for a, b in _SAID.findall(bare))
        return dict(counts)

    def __getitem__(self, name: str) -> int:
        return self._counts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._counts)

    def __len__(self) -> int:
        return len(self._counts)


# -- parts ------------------------------------------------------------------------------------------------------------
def _parts(engine: Interpreter, instance: Obj, arguments: Arguments) -> Iterator[Part]:
    fields = engine.state.heap.get(instance.id, {})
    registered = {id(_made_at(v)) for value in fields.values() for v in _inside(engine, value) if _made_at(v)}
    given = {id(_made_at(v)) for a in arguments.values() for v in (a, *_held(engine, a)) if _made_at(v)}
    for name, value in fields.items():
        site = engine.set_at.get((instance.id, name))
        if site is None or name.startswith("@"):
            continue
        if _is_module(engine, value):
            yield Part(name, site, _title(engine, value), _made_at(value), trains(engine, value))
        elif isinstance(value, Tuple) or (isinstance(value, Obj) and value.kind in ("list", "dict")):
            holder = value.kind if isinstance(value, Obj) else "tuple"
            for each in _held(engine, value):
                made = _made_at(each)
                if made is not None and _is_module(engine, each) and id(made) not in given:
                    known = id(made) in registered
                    yield Part(name, site, _title(engine, each), made, trains(engine, each), holder, known)


def _made_at(value: Value) -> Site | None:
    return value.site if isinstance(value, (Layer, Obj)) else None


def _is_module(engine: Interpreter, value: Value) -> bool:
    if isinstance(value, Layer):
        return value.framework in ("torch", "keras", "gluon")
    return isinstance(value, Obj) and any(engine.is_instance_of(value, kind) for kind in _FRAMEWORKS)


def _title(engine: Interpreter, value: Value) -> str:
    if isinstance(value, Layer):
        return value.type
    owner = engine.get(value, "class") if isinstance(value, Obj) else None
    if isinstance(owner, LocalClass):
        return owner.node.name.value
    return value.kind.rpartition(".")[2] if isinstance(value, Obj) else ""


def _held(engine: Interpreter, value: Value) -> list[Value]:
    """What a list, tuple or dict is known to hold."""
    if isinstance(value, Obj) and value.kind == "dict":
        pairs = engine.mapping(value)
        found = [item for _, item in pairs] if pairs is not None else [engine.get(value, "element") or UNKNOWN]
    elif isinstance(value, Tuple) or (isinstance(value, Obj) and value.kind == "list"):
        items = engine.items(value)
        element = engine.get(value, "element") if isinstance(value, Obj) else None
        found = [*(items or ()), *(() if element is None else (element,))]
    else:
        return []
    return [option for each in found for option in options(each) if not isinstance(option, Unknown)]


def _inside(engine: Interpreter, value: Value, depth: int = 0) -> Iterator[Value]:
    """The modules that a module knows of, itself included."""
    if not _is_module(engine, value) or depth > 8:
        return
    yield value
    inner: Iterable[Value] = value.layers if isinstance(value, Layer) else ()
    if isinstance(value, Obj) and value.kind in _CONTAINERS:
        items, pairs = engine.get(value, "items"), engine.get(value, "pairs")
        element = engine.get(value, "element")
        inner = [
            *(items.items if isinstance(items, Tuple) else ()),
            *(pair.items[1] for pair in (pairs.items if isinstance(pairs, Tuple) else ()) if isinstance(pair, Tuple)),
            *(() if element is None else options(element)),
        ]
    for each in inner:
        yield from _inside(engine, each, depth + 1)


def trains(engine: Interpreter, value: Value) -> bool:
    """Proven: the module has parameters."""
    if isinstance(value, Obj) and value.kind == "instance":
        return _instance_trains(engine, value)
    return any(isinstance(each, Layer) and _TRAINS.fullmatch(each.type) for each in _inside(engine, value))


def _instance_trains(engine: Interpreter, instance: Obj, depth: int = 0) -> bool:
    if depth > 6:
        return False
    for value in engine.state.heap.get(instance.id, {}).values():
        if isinstance(value, Obj) and value.kind == "instance":
            if value.id != instance.id and _is_module(engine, value) and _instance_trains(engine, value, depth + 1):
                return True
        elif isinstance(value, (Layer, Obj)) and _is_module(engine, value) and trains(engine, value):
            return True
    return False


# -- attributes -------------------------------------------------------------------------------------------------------
def assigned(engine: Interpreter, target: Value, name: str, value: Value, site: Site) -> None:
    """Record that an attribute of something that frameworks know is assigned."""
    node = cast("Any", site)
    if not isinstance(node, cst.Attribute):
        return
    kinds: tuple[str, ...] = ()
    owner: LocalClass | None = None
    initialised: bool | None = None
    before: Value = UNKNOWN
    if isinstance(target, Obj):
        found = engine.framework_bases(target) if target.kind == "instance" else (target.kind,)
        kinds = tuple(dict.fromkeys(each for kind in found for each in table.lineage(kind)))
        before = engine.get(target, name) or UNKNOWN
        if target.kind == "instance":
            kept = engine.get(target, "class")
            owner = kept if isinstance(kept, LocalClass) else None
            if owner is None or not any(kind in _FRAMEWORKS for kind in kinds):
                return
            initialised = engine.get(target, INITIALISED) == TRUE
            engine.set_at[target.id, name] = site
    elif isinstance(target, Layer):
        kinds = (f"Layer:{target.framework}",)
    elif isinstance(target, Data):
        kinds = engine.kind_of(target)
        if kinds == ("Data",):
            return
    elif not isinstance(target, Unknown):
        return
    if (
        not kinds
        and engine.frame.receiver is not None
        and isinstance(node.value, cst.Name)
        and node.value.value == "self"
    ):
        return
    function = engine.frame.node
    modular = _is_module(engine, value)
    engine.program.attributes.append(
        AttributeSet(
            site,
            target,
            name,
            value,
            kinds,
            None if owner is None else cast("Site", owner.node),
            None if function is None else cast("Site", function),
            initialised if modular or _is_parameter(value) else None,
            not engine.doubt,
            engine.ticks,
            before,
            modular and trains(engine, value),
            cast("Site | None", engine.alone),
        )
    )


def item_assigned(engine: Interpreter, node: cst.Subscript, holder: Value, value: Value) -> None:
    """Record that a module is put in the place of another: ``model.classifier[6] = nn.Linear(4096, 2)``."""
    if not isinstance(holder, Obj) or holder.kind not in ("torch.part", *_CONTAINERS) or not trains(engine, value):
        return
    model = engine.get(holder, "model") if holder.kind == "torch.part" else holder
    engine.program.attributes.append(
        AttributeSet(
            cast("Site", node),
            model or UNKNOWN,
            cst.Module(()).code_for_node(node),
            value,
            (holder.kind,),
            certain=not engine.doubt,
            order=engine.ticks,
            before=holder,
            adds=True,
            alone=cast("Site | None", engine.alone),
        )
    )


def _is_parameter(value: Value) -> bool:
    return isinstance(value, Data) and "parameter" in value.tags


def initialising(owner: LocalClass, receiver: Obj, engine: Interpreter) -> None:
    """``super().__init__`` is looked up in a class that derives from a framework's: that one comes before mix-ins."""
    bases = [base for base in owner.bases if isinstance(base, Name)]
    if any(kind in _FRAMEWORKS for base in bases for kind in table.lineage(table.canonical(base.path))):
        engine.set(receiver, INITIALISED, TRUE)


# -- what happens while a module is run -------------------------------------------------------------------------------
def running(engine: Interpreter) -> tuple[LocalClass, cst.FunctionDef, str] | None:
    """The innermost module that is being run, the method that runs it and its framework."""
    for node in reversed(engine.stack):
        if not isinstance(node, cst.FunctionDef):
            continue
        name = node.name.value
        if name in ("__init__", "build", "setup", "initialize", "reset_parameters"):
            return None
        if name in ("forward", "call", "hybrid_forward"):
            owner = _owner_of(engine, node)
            framework = "" if owner is None else framework_of(engine, owner)
            return (owner, node, framework) if owner is not None and name in _RUN.get(framework, ()) else None
    return None


def _owner_of(engine: Interpreter, node: cst.FunctionDef) -> LocalClass | None:
    return next(
        (each for each in reversed(engine.classes) if node in cast("Any", each.node.body).body),
        None,
    )


def layer_made(engine: Interpreter, layer: Layer, site: Site) -> None:
    """A layer was made: while a module is run, this is another one each time."""
    if layer.site is site and engine.stack and layer.framework in _RUN:
        _made(engine, layer, layer.type, layer.framework, trains(engine, layer), site)


def _made(
    engine: Interpreter, layer: Value, name: str, framework: str, has_parameters: bool, site: Site | None
) -> None:
    node = cast("Any", site)
    if not (has_parameters or (framework == "torch" and "Dropout" in name)) or not isinstance(node, cst.Call):
        return
    at = running(engine)
    inside = engine.frame.node
    if at is None or at[2] != framework or not isinstance(inside, cst.FunctionDef):
        return
    path = path_to(inside, node)
    if path:
        engine.program.made_in_forward.append(
            MadeInForward(
                cast("Site", node), layer, name, framework, cast("Site", at[0].node), cast("Site", at[1]),
                _is_kept(path, inside), _is_used(path, node),
            )
        )  # fmt: skip


def _is_used(path: list[cst.CSTNode], node: cst.Call) -> bool:
    """Whether what the call gives is called at once, or kept in a variable."""
    outer = path[-2] if len(path) > 1 else None
    if isinstance(outer, cst.Assign):
        return isinstance(outer.targets[0].target, cst.Name)
    return isinstance(outer, cst.Call) and outer.func is node


def _is_kept(path: list[cst.CSTNode], function: cst.FunctionDef) -> bool:
    """Whether what is made there is made once, or is given its weights."""
    code = cst.Module(()).code_for_node
    conditions = [each for each in path if isinstance(each, (cst.If, cst.IfExp, cst.Try))]
    statement = next((each for each in reversed(path) if isinstance(each, (cst.Assign, cst.AnnAssign))), None)
    targets: list[cst.BaseExpression] = []
    if isinstance(statement, cst.Assign):
        targets = [each.target for each in statement.targets]
    elif isinstance(statement, cst.AnnAssign):
        targets = [statement.target]
    if conditions and any(isinstance(each, (cst.Attribute, cst.Subscript)) for each in targets):
        return True
    if function.decorators:  # it may keep what is made
        return True
    if any(re.search(r"\bNone\b|hasattr|\bnot in\b", code(c.test)) for c in conditions if not isinstance(c, cst.Try)):
        return True
    if any("no_grad" in code(item) for each in path if isinstance(each, cst.With) for item in each.items):
        return True
    text = code(function)
    return any(
        re.search(
            rf"\b{re.escape(code(each))}\.(?:weight|bias|load_state_dict|parameters|state_dict|set_weights)\b", text
        )
        for each in targets
    )


def dropout(engine: Interpreter, made: Call, site: Site) -> None:
    """Record a dropout that is called as a function while a torch module is run."""
    if not _DROPOUTS.fullmatch(made.path):
        return
    at = running(engine)
    inside = engine.frame.node
    if at is None or at[2] != "torch" or not isinstance(inside, cst.FunctionDef):
        return
    given = made.keywords.get("training") or (made.positional[2] if len(made.positional) > 2 else None)
    path = path_to(inside, cast("Any", site))
    code = cst.Module(()).code_for_node
    tests = [each.test for each in path if isinstance(each, (cst.If, cst.IfExp))]
    owner = _owner_of(engine, inside)
    receiver = inside.params.params[0].name.value if owner is not None and inside.params.params else ""
    engine.program.dropouts.append(
        FunctionalDropout(
            site,
            made.path.rpartition(".")[2],
            Argument() if given is None else Argument(*given, True),
            made.complete,
            cast("Site", at[0].node),
            not path or any(re.search(r"train|eval|test|infer|sampl", code(test)) for test in tests),
            any(scope.file.says(_ON_PURPOSE) for scope in engine.scopes.values()),
            receiver,
        )
    )


def forward_called(engine: Interpreter, call: cst.Call) -> None:
    """Record ``model.forward`` being called, past what calling the model does besides; not where all is handed on."""
    from mllint.reader.expressions import evaluate

    node = call.func
    if not isinstance(node, cst.Attribute) or any(argument.star for argument in call.args):
        return
    if not isinstance(node.value, (cst.Name, cst.Attribute, cst.Subscript)):
        return
    if isinstance(node.value, cst.Name) and node.value.value == "self":
        return
    model = evaluate(engine, node.value)
    for option in options(model):
        is_layer = isinstance(option, Layer) and option.framework == "torch"
        is_module = isinstance(option, Obj) and engine.is_instance_of(option, "torch.nn.Module")
        if not (is_layer or is_module) or option == engine.frame.receiver:
            return
        if isinstance(option, Obj) and option.kind == "torch.nn.ModuleList":
            return
    if model in (NONE, UNKNOWN):
        return
    function = engine.frame.node
    inside = isinstance(function, cst.FunctionDef) and function.name.value == "forward"
    engine.program.forwards.append(ForwardCall(cast("Site", node), model, cast("Site", node.value), inside))
