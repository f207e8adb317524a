"""The interpreter's core: the current state, frames, objects, attributes and the record of what happens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast

import libcst as cst

from mllint.facts import Site
from mllint.frameworks import api, lineage, switches, table
from mllint.frameworks.table import Call
from mllint.program import ApiChange, ApiUse, Argument, Branch, Event, Loop, Path, Program, Reads, Report, SideEffect
from mllint.reader import enums, networks, records, windows
from mllint.reader.keys import ATTRIBUTES, CONTENT, KEYED, is_key
from mllint.reader.local import BoundFunction, Builtin, Imported, LocalClass, LocalFunction, LocalModule, Super
from mllint.reader.modules import Scope, SourceFile, Surroundings
from mllint.reader.runs import Runs
from mllint.reader.special import CONSTANTS
from mllint.reader.state import State
from mllint.values import (
    UNKNOWN,
    Bound,
    Callable_,
    Choice,
    Const,
    Data,
    Layer,
    Loss,
    Metric,
    Name,
    Obj,
    Option,
    Tuple,
    Unknown,
    Value,
    choice,
    options,
)

MAX_DEPTH = 14
"""Local calls inside local calls."""
MAX_READINGS = 24
"""How often one function is read with different arguments."""

MAX_INSIDE = 64
"""Parts inside parts of a model: one that contains itself has no end."""
MAX_APPLIED = 10_000
"""How often the parts of models are applied: parts that hold each other twice make a tree that grows with no end."""

FOREIGN, FOREIGN_UNCALLED, FOREIGN_LIBRARY = 20_000, 3_000, 300
"""Statements of imported modules that are read for the program, for its functions that nobody calls, and for those of
a file that does not train anything."""

MAX_ITEMS = 10_000
"""Longer lists keep their elements, not their order; longer tuples are unknown."""
MAX_REPEATS = 1024
"""How often the unrolled loops inside of each other read a statement, together."""

_BUILTIN_KINDS = {"list", "dict", "set", "generator", "range", "str"}


@dataclass(slots=True)
class Frame:
    """One activation of a function, or the module's or a class's body."""

    number: int
    closure: tuple[int, ...] = ()
    redirected: dict[str, int] = field(default_factory=dict)
    """Names declared ``global`` or ``nonlocal``, and the frame they live in."""
    returns: list[tuple[Value, State]] = field(default_factory=list)
    yields: list[Value] = field(default_factory=list)
    breaks: list[State] = field(default_factory=list)
    continues: list[State] = field(default_factory=list)
    settled: bool = False
    """Whether it has given its result back as its options are: what is read behind that gives none."""
    at_yield: Callable[[Value], None] | None = None
    """For a context manager: what happens where it yields."""
    owner: LocalClass | None = None
    receiver: Value | None = None
    node: cst.CSTNode | None = None
    globals: int = 0
    """The frame of the global names that are seen from it."""
    called: Site | None = None
    """The call that is being read."""
    caller: Frame | None = None


def _replaced(values: Tuple, old: Value, new: Value) -> Tuple:
    """The same values with one exchanged, also inside of pairs."""
    return Tuple(
        tuple(new if v is old else _replaced(v, old, new) if isinstance(v, Tuple) else v for v in values.items)
    )


def _room_left(items: Sequence[Value], room: int) -> int:
    """How many more items fit, counting those inside of items; ``x = (x, x)`` doubles them each time."""
    room -= len(items)
    for item in items:
        if room < 0:
            break
        if isinstance(item, Tuple):
            room = _room_left(item.items, room)
    return room


class Interpreter:
    """Reads one program. ``state`` is the path being read; statements fork and join it."""

    def __init__(self, program: Program, file: SourceFile, around: Surroundings | None = None) -> None:
        self.program = program
        self.around = around
        self.scopes = {0: Scope(0, file)}
        """The files read, by the frame of their global names."""
        self.modules: dict[str, Scope | None] = {}
        """Modules of the project that were asked for; None for what cannot be read."""
        self.foreign = FOREIGN
        """Statements of imported modules that may still be read."""
        self.words: dict[cst.ClassDef, frozenset[str]] = {}
        """The words of classes' sources, as far as they were asked for."""
        self.looking: set[tuple[str, str]] = set()
        """Files and names in them that are being looked up."""
        self.importing = 0
        """Modules that are being read for the sake of others."""
        self.state = State()
        self.frame = Frame(0)
        self.state.put(0, {})
        self.numbers: dict[Any, int] = {}
        self.counter = 0
        self.runs = Runs()
        self.rounds: tuple[Any, ...] = ()
        """Which repetition of the unrolled loops around this is being read: keeps their objects apart."""
        self.repeats = 1
        """How often those loops read what is inside, together."""
        self.events: list[Event | Loop] = []
        self.doubt = 0
        """Above zero inside a branch of the current body."""
        self.path: Path = ()
        """The decisions that lead to what is being read."""
        self.decisions = 0
        self.gradients: bool | None = True
        """Whether graphs are built for gradients; None when not known."""
        self.running = 0
        """Above zero inside the forward pass of a model."""
        self.noted: dict[int, int] = {}
        """When modules were looked at last."""
        self.contexts: list[table.Context] = []
        """What is open where is being read: ``with`` blocks, calls of models, traced functions; innermost last."""
        self.made: list[int] = []
        """The objects made so far, in the order of making."""
        self.traced: dict[cst.CSTNode, tuple[str, Site]] = {}
        """Functions that are traced, by what and where that is said."""
        self.trying = 0
        """Above zero where what is raised is caught."""
        self.guards = 0
        """Conditions known to hold around what is being read, in the traced function if there is one."""
        self.given: list[list[Value]] = []
        """The lists that the traced functions that are being read are given, innermost last."""
        self.ticks = 0
        self.depth = 0
        self.stack: list[cst.CSTNode] = []
        self.readings: dict[cst.CSTNode, int] = {}
        self.recursion: Site | None = None
        """The last call of a function from itself that was not followed."""
        self.functions: list[LocalFunction] = []
        self.classes: list[LocalClass] = []
        self.instances: dict[LocalClass, Obj] = {}
        self.steps = 0
        self._limits: set[str] = set()
        self.probing = False
        """Whether a loop's body is read only to see what kind of loop it is."""
        self.budget = 20_000 + 12 * file.text.count("\n")
        self.expression_depth = 0
        self.inside = 0
        """Parts of a model inside of each other, where one is applied now."""
        self.applied = 0
        """How often parts of a model were applied."""
        self.named: list[str] = []
        """Names bound by ``:=`` so far: they outlive a comprehension."""
        self.reached = True
        """Whether the program is seen to get to what is read."""
        self.readers: list[tuple[str, Value]] = []
        """The functions being read by name, outermost first, each with the object it is a method of."""
        self.alone: cst.CSTNode | None = None
        """The function that is read without a call of it."""
        self.managers: set[cst.CSTNode] = set()
        """Generator functions that ``@contextmanager`` makes context managers of."""
        self.function_fields: dict[cst.CSTNode, int] = {}
        """The objects that hold what is stored on functions."""
        self.setters: set[str] = set()
        """Names that some class sets through a property."""
        self.asked_for_attributes = False
        """Whether some class has ``__getattr__``."""
        self.set_at: dict[tuple[int, str], Site] = {}
        """Where attributes of instances of modules were assigned last."""
        self._mros: dict[int, list[LocalClass]] = {}
        """By identity, which holds: the first of each list is the class itself."""
        self._names: dict[tuple[str, str], Name] = {}
        self.loops: tuple[Site, ...] = ()
        """The loops being read, outermost first, those of calling functions included."""
        self.looped_over: list[Value] = []
        self.comprehension: cst.CompFor | None = None
        """The comprehension that is being read."""
        """The data that loops read round by round are at: other names may hold the same."""
        self.rebound: list[tuple[Value, Value]] = []
        """What the call being read changed in place, for the variables it was read from."""

    @contextmanager
    def round(self, mark: Any) -> Iterator[None]:
        """What is made meanwhile is another thing for every mark, also where it is made at one place."""
        before, self.rounds = self.rounds, (*self.rounds, mark)
        try:
            yield
        finally:
            self.rounds = before

    def show(self, site: Site, *values: Value) -> None:
        """Record the scores among what is printed or put into a text."""
        for value in values:
            if isinstance(value, (Data, Choice)):
                for measure in lineage.measures_of(value)[:1]:
                    self.program.reports.append(Report(site, measure, self.tick(), self.loops))

    @contextmanager
    def looping(self, node: cst.CSTNode) -> Iterator[None]:
        """Read the body of a loop."""
        before, self.loops = self.loops, (*self.loops, cast("Site", node))
        try:
            yield
        finally:
            self.loops = before

    # -- budgets and order -------------------------------------------------------------------------------------------
    def tick(self) -> int:
        self.ticks += 1
        return self.ticks

    @property
    def exhausted(self) -> bool:
        return self.steps > self.budget

    def by_class(self, value: Value) -> bool:
        return self.runs.by_class(value)

    def fills_rows(self, site: Site) -> bool:
        """Whether the item that is set there is, in every round of the innermost loop, another one of the same row."""
        return isinstance(site, cst.Subscript) and self.runs.fills_rows(site)

    def cuts_to_the_end(self, site: Site) -> bool:
        """Whether a subscript cuts up to the length of what it cuts: ``rows[n : len(rows)]``."""
        return isinstance(site, cst.Subscript) and windows.cuts_to_the_end(site)

    def key_site(self, mapping: Value, key: str) -> Site | None:
        """Where a dict that is written out has this key."""
        node: object = mapping.site if isinstance(mapping, Obj) else None
        if not isinstance(node, cst.Dict):
            return None
        keys = [element.key for element in node.elements if isinstance(element, cst.DictElement)]
        return next(
            (cast("Site", each) for each in keys if isinstance(each, cst.SimpleString) and each.evaluated_value == key),
            None,
        )

    def parameters(self) -> list[tuple[str, Value]]:
        """The arguments of the local function that is being read; those behind ``**`` under their own names."""
        node = self.frame.node
        if not isinstance(node, cst.FunctionDef):
            return []
        given = self.state.heap.get(self.frame.number, {})
        p = node.params
        names = [each.name.value for each in (*p.posonly_params, *p.params, *p.kwonly_params)]
        found = [(name, given[name]) for name in names if name in given]
        rest = None if p.star_kwarg is None else self.mapping(given.get(p.star_kwarg.name.value, UNKNOWN))
        return [*found, *((key.value, value) for key, value in rest or () if isinstance(key, Const))]

    def may_repeat(self, times: int) -> bool:
        """Whether one more loop may be unrolled here."""
        return self.repeats * times <= MAX_REPEATS

    @contextmanager
    def away(self) -> Iterator[None]:
        """Read a function of an imported module."""
        start, budget = self.steps, self.budget
        self.budget = min(budget, start + self.foreign)
        try:
            yield
        finally:
            self.budget = budget
            self.foreign -= self.steps - start

    def text_of(self, site: Site | None) -> str:
        """A name or a whole number as it is written; empty for anything else."""
        if isinstance(site, cst.Integer):
            return site.value
        return _dotted(site) if isinstance(site, (cst.Name, cst.Attribute)) else ""

    def element_sites(self, site: Site | None) -> tuple[Site, ...]:
        """The elements of a list or tuple that is written out at a place."""
        if not isinstance(site, (cst.List, cst.Tuple)):
            return ()
        elements = site.elements
        plain = all(isinstance(each, cst.Element) for each in elements)
        return tuple(cast("Site", each.value) for each in elements) if plain else ()

    def spelling(self, module: str) -> str:
        """What an imported module is called here; empty where it has no name of its own."""
        names = self.state.heap.get(self.frame.globals, {})
        found = (k for k, v in names.items() if isinstance(v, Name) and table.canonical(v.path) == module)
        return next((name for name in found if name.isidentifier()), "")

    def limit(self, message: str) -> None:
        if message not in self._limits and not self.probing:
            self._limits.add(message)
            self.program.limits.append(message)

    def record(self, event: Event) -> None:
        certain = event.certain and not self.doubt
        if event.kind == "shuffle" and isinstance(event.target, Obj):
            self.runs.forget(event.target.id)
        text = event.receiver_text or _written(event)
        body = cast("Site", self.frame.node)
        grad = self.gradients
        arguments = event.arguments
        if event.kind == "unknown_call" and self.program.optimizers:
            arguments = (*arguments, *self._optimizers_inside((event.target, *arguments)))
        if event.kind == "optimizer":
            for each in arguments:
                networks.note(self, each)
        if event.kind in ("forward", "train_mode", "eval_mode"):
            network = networks.note(self, event.target)
            grad = False if networks.is_frozen(self, event.target) else grad
            if event.kind != "forward" and network is not None:
                arguments = (network.model, *network.parts)
        self.events.append(
            Event(
                event.kind,
                event.site,
                event.target,
                arguments,
                certain,
                event.framework,
                text,
                _scaler_text(event),
                body,
                self.path,
                grad,
                self.running > 0,
                _names_given(event) if event.kind == "unknown_call" else (),
            )
        )

    def freeze(self, module: Value, wanted: Value) -> None:
        """A module's parameters get gradients from now on, or not."""
        if wanted == Const(False):
            self.program.frozen.append(module)
            networks.freeze(self, module)
        else:
            networks.unfreeze(self, module)

    def _optimizers_inside(self, values: Sequence[Value]) -> list[Value]:
        """The optimizers that objects hold: code that is given these can step."""
        found: list[Value] = []
        seen: set[int] = set()
        waiting = list(values)
        while waiting and len(seen) < 200:
            value = waiting.pop()
            if isinstance(value, Tuple):
                waiting += value.items
            elif isinstance(value, Choice):
                waiting += value.options
            elif isinstance(value, Obj) and value.id not in seen:
                seen.add(value.id)
                if self.is_instance_of(value, "torch.optim.Optimizer"):
                    found.append(value)
                elif value.kind in ("instance", "list", "dict", "generator"):
                    waiting += self.state.heap.get(value.id, {}).values()
        return found

    def decide(self) -> int:
        """The number of a decision that is taken now."""
        self.decisions += 1
        return self.decisions

    @contextmanager
    def on_branch(
        self, number: int, arm: int, site: Site, every: Value | None = None, once: bool = False
    ) -> Iterator[None]:
        """What happens meanwhile happens on one of several ways."""
        before, self.path = self.path, (*self.path, Branch(number, arm, site, every, once))
        try:
            yield
        finally:
            self.path = before

    @contextmanager
    def doubtful(self) -> Iterator[None]:
        self.doubt += 1
        try:
            yield
        finally:
            self.doubt -= 1

    def _records(self) -> tuple[list[Any], ...]:
        p = self.program
        return (
            p.losses, p.fits, p.transforms, p.splits, p.unpackings, p.splitters, p.parameters, p.metrics, p.decisions, p.broadcasts, p.activations,
            p.encodes, p.pairs, p.shrunk, p.applied, p.layers, p.repeated, p.unmasked, p.stacked, p.stacks, p.reshapes, p.histories, p.api, p.reveals, p.models, p.optimizers, p.scores,
            p.predictions, p.selections, p.reports, p.attributes, p.modules, p.made_in_forward, p.dropouts, p.forwards,
            p.backwards, p.accumulations, p.distributed,
            p.loaders, p.passes, p.callbacks, p.logged, p.told, p.schedules, p.amounts, p.gradients, p.gradients_applied, p.model_calls, p.key_uses, p.compiles, p.side_effects,
            p.seedings, p.randomness, p.draws, p.settings, p.pipelines, p.compositions, p.backbones, p.preparations, p.unpicklings, p.saved, p.syncs,
        )  # fmt: skip

    def marks(self) -> list[int]:
        """Where the program's records end now."""
        return [len(found) for found in self._records()]

    def rewind(self, marks: list[int]) -> None:
        """Forget what was recorded since."""
        for found, length in zip(self._records(), marks, strict=True):
            del found[length:]

    @contextmanager
    def apart(self, state: State, frame: Frame) -> Iterator[None]:
        """Read something on a path of its own: what happens there is not recorded."""
        kept = (self.state, self.frame, self.events, self.doubt, self.rounds, self.repeats, self.depth, self.stack)
        path, gradients = self.path, self.gradients
        looped_over, marks, functions, classes = self.looped_over, self.marks(), len(self.functions), len(self.classes)
        self.state, self.frame, self.events, self.doubt, self.rounds, self.repeats = state, frame, [], 0, (), 1
        self.stack, self.looped_over, self.path, self.gradients = [], [], (), True
        contexts, self.contexts = self.contexts, []
        try:
            yield
        finally:
            self.state, self.frame, self.events, self.doubt, self.rounds, self.repeats, self.depth, self.stack = kept
            self.looped_over, self.path, self.gradients = looped_over, path, gradients
            self.contexts = contexts
            self.rewind(marks)
            del self.functions[functions:], self.classes[classes:]

    def without_training(self, start: int) -> None:
        """Mark the losses recorded since ``start`` as computed with gradients off."""
        losses = self.program.losses
        for index in range(start, len(losses)):
            losses[index] = replace(losses[index], training=False)

    def reads(self, data: Data, site: Site) -> None:
        """A name that stands for a layer's output is read."""
        if data.applied is not None:
            found = self.program.reads.setdefault(id(data.applied), Reads(data.applied))
            found.of.setdefault((id(data), self.frame.number), (data, set()))[1].add(site)

    def only_asked(self, data: Data, site: Site) -> None:
        """What was read there is only asked for its shape or the like."""
        found = self.program.reads.get(id(data.applied))
        if found is not None and (entry := found.of.get((id(data), self.frame.number))) is not None:
            entry[1].discard(site)

    # -- objects ------------------------------------------------------------------------------------------------------
    def number(self, *key: Any) -> int:
        """The number of what is made at a place in a frame; the same again when it is made again."""
        key = (*key, self.rounds)
        found = self.numbers.get(key)
        if found is None:
            self.counter += 1
            found = self.numbers[key] = self.counter
        return found

    def new(self, kind: str, site: Site | None, fields: Mapping[str, Value]) -> Obj:
        number = self.number(self.frame.number, id(site), kind)
        self.runs.forget(number)
        self.made.append(number)
        self.state.put(number, dict(fields))
        return Obj(number, kind, site)

    @contextmanager
    def within(self, kind: str, value: Value = UNKNOWN, site: Site | None = None) -> Iterator[table.Context]:
        """Read what is inside of something."""
        context = table.Context(kind, value, site, len(self.made), [])
        self.contexts.append(context)
        try:
            yield context
        finally:
            self.contexts.pop()

    def trace(self, function: Value, by: str, site: Site) -> None:
        """A function of the program is run only to find out what it computes."""
        inner = function.function if isinstance(function, BoundFunction) else function
        if isinstance(inner, LocalFunction):
            self.traced[inner.node] = (by, site)

    def effect(self, kind: str, what: str, site: Site, changed: Value = UNKNOWN) -> None:
        """Something is done besides computing; recorded where a traced function surely does it to what it did not make."""
        context = next((each for each in reversed(self.contexts) if each.kind == "traced"), None)
        if context is None or self.doubt or self.guards or self.probing or not isinstance(context.value, LocalFunction):
            return
        if isinstance(changed, Obj) and (changed.id in self.made[context.made :] or changed in self.given[-1]):
            return
        by, traced = self.traced[context.value.node]
        name = context.value.name
        self.program.side_effects.append(SideEffect(site, kind, what, by, name, traced))

    def calls(self) -> tuple[Site, ...]:
        """The calls of local functions that led here, innermost first."""
        found: list[Site] = []
        frame: Frame | None = self.frame
        while frame is not None and len(found) < MAX_DEPTH:
            if frame.called is not None:
                found.append(frame.called)
            frame = frame.caller
        return tuple(found)

    def body_alone(self) -> Site | None:
        """The function that is read without a call of it."""
        return cast("Site | None", self.alone)

    def activation(self) -> int:
        """The number of the run of a function that is being read."""
        return self.frame.number

    def body(self) -> Site | None:
        """The function whose statements are being read; None for the module."""
        return cast("Site", self.frame.node)

    def get(self, obj: Obj, name: str) -> Value | None:
        return self.state.heap.get(obj.id, {}).get(name)

    def set(self, obj: Obj, name: str, value: Value) -> None:
        self.state.write(obj.id, name, value)

    def fields(self, obj: Obj) -> Mapping[str, Value]:
        return self.state.heap.get(obj.id, {})

    def new_list(self, site: Any, items: Sequence[Value], kind: str = "list") -> Obj:
        if len(items) > MAX_ITEMS:
            return self.new(kind, site, {"items": UNKNOWN, "element": choice(items)})
        return self.new(kind, site, {"items": Tuple(tuple(items))})

    def new_tuple(self, items: Sequence[Value]) -> Value:
        return Tuple(tuple(items)) if _room_left(items, MAX_ITEMS) >= 0 else UNKNOWN

    def items(self, value: Value) -> list[Value] | None:
        if isinstance(value, Tuple):
            return list(value.items)
        if isinstance(value, Obj):
            if value.kind in KEYED:
                pairs = self.mapping(value)
                return None if pairs is None else [key for key, _ in pairs]
            if value.kind == "instance":
                return self._items_of_instance(value)
            found = self.get(value, "items")
            if isinstance(found, Tuple):
                return list(found.items)
            if value.kind not in _BUILTIN_KINDS and value.kind != "instance":
                entry = table.find_method(value.kind, "__items__")
                if entry is not None:
                    made = entry.bind(Call(self, cast("Site", value.site), value.kind, (), {}, True), value)
                    return self.items(made)
        if isinstance(value, LocalClass):
            return enums.members(self, value)
        if isinstance(value, Const) and isinstance(value.value, (str, bytes)) and len(value.value) <= 64:
            return [Const(c) for c in value.value]
        return None

    def _items_of_instance(self, value: Obj) -> list[Value] | None:
        """The fields of a named tuple; the keys of a class that derives from ``dict``."""
        if self.get(value, records.IS_TUPLE) is not None:
            return [self.get(value, name) or UNKNOWN for name in records.names(self, value) or ()]
        content = self.get(value, CONTENT)
        return None if content is None else self.items(content)

    def mapping(self, value: Value) -> list[tuple[Value, Value]] | None:
        if isinstance(value, Obj) and value.kind == "instance":
            value = self.get(value, CONTENT) or UNKNOWN
        if isinstance(value, Obj) and value.kind == ATTRIBUTES:
            fields = self.state.heap.get(value.id, {})
            return [(Const(k), v) for k, v in fields.items() if k != "class" and not k.startswith("@")]
        if isinstance(value, Obj) and value.kind in KEYED:
            found = self.get(value, "items")
            if isinstance(found, Tuple):
                return [(pair.items[0], pair.items[1]) for pair in found.items if isinstance(pair, Tuple)]
        return None

    def item(self, value: Obj, key: Any) -> Value | None:
        """What a dict or a namespace holds under a constant; None when it is not known to."""
        wanted = Const(key)
        return next((item for each, item in self.mapping(value) or () if each == wanted), None)

    def set_item(self, target: Obj, key: Value, value: Value) -> None:
        """``target[key] = value`` for a dict or a namespace."""
        content = self.get(target, CONTENT) if target.kind == "instance" else None
        if isinstance(content, Obj):
            target = content
        if target.kind == ATTRIBUTES:
            if isinstance(key, Const) and isinstance(key.value, str):
                self.state.write(target.id, key.value, value)
            return
        pairs = self.mapping(target)
        if pairs is not None and is_key(self, key):
            kept = tuple(Tuple(pair) for pair in pairs if pair[0] != key)
            self.set(target, "items", Tuple((*kept, Tuple((key, value)))))
            return
        known = [item for _, item in pairs] if pairs is not None else [self.get(target, "element") or UNKNOWN]
        self.set(target, "items", UNKNOWN)
        self.set(target, "element", choice([*known, value]))

    def columns(self, value: Value) -> list[tuple[Value, Value]] | None:
        """What is known of the entries of a framework's row, which may have more."""
        found = self.get(value, "columns") if isinstance(value, Obj) and value.kind.endswith(".Row") else None
        if not isinstance(found, Tuple):
            return None
        return [(pair.items[0], pair.items[1]) for pair in found.items if isinstance(pair, Tuple)]

    def element(self, value: Value, site: Site) -> Value:
        """What iterating over a value yields."""
        if isinstance(value, Choice):
            return choice(self.element(option, site) for option in value.options)
        items = self.items(value)
        if items is not None and UNKNOWN in items and isinstance(value, Obj):
            element = self.get(value, "element")  # a list that a loop fills: the unknown item stands for any more
            if element is not None and element is not UNKNOWN:
                return choice([element, *(item for item in items if item is not UNKNOWN)])
        if items is not None:
            return choice(items) if items else UNKNOWN
        if isinstance(value, Obj) and value.kind in _BUILTIN_KINDS:
            return self.get(value, "element") or UNKNOWN
        if isinstance(value, Obj) and value.kind == "instance":
            for name in ("__iter__", "__next__", "__getitem__"):
                found = self.class_attribute(value, name)
                if found is not None:
                    made = self.call(found, () if name != "__getitem__" else (UNKNOWN,), {}, site)
                    if name == "__iter__" and made == value:
                        continue
                    return self.element(made, site) if name == "__iter__" else made
        entry, kind = table.find_row(self.kind_of(value), "__iter__")
        return UNKNOWN if entry is None else entry.bind(Call(self, site, f"{kind}.__iter__", (), {}, True), value)

    def touch(self, values: Sequence[Value]) -> None:
        """Code that cannot be seen may change the lists and dicts it is given."""
        for value in values:
            for option in options(value):
                if isinstance(option, Obj) and option.kind in ("list", "dict", "set"):
                    self.state.put(option.id, {"items": UNKNOWN, "element": UNKNOWN})
                    self.runs.forget(option.id)

    def may_seed(self, site: Any) -> None:
        """Code that cannot be seen may seed the random generators."""
        self.state.write(lineage.UNSEEN.id, "at", Const(("maybe", self.number("seed", id(site)))))

    def may_set_options(self, value: Value) -> None:
        """Code of the program that cannot be seen may set options: ``update_from_file(args)``."""
        for option in options(value):
            if isinstance(option, Obj) and option.kind in ("namespace", ATTRIBUTES):
                for key, item in self.mapping(option) or ():
                    if type(item) is Option:
                        self.set_item(option, key, UNKNOWN)

    def changed_in_place(self, old: Value, new: Value) -> None:
        """``for frame in (train, test): frame["y"] = …`` changes what ``train`` and ``test`` hold."""
        if not any(old is each for each in self.looped_over):
            return
        self.looped_over.append(new)
        for number in {self.frame.number, self.frame.globals}:
            for name, value in list(self.state.heap.get(number, {}).items()):
                if value is old:
                    self.state.write(number, name, new)
                elif isinstance(value, Obj) and value.kind in ("list", "dict"):
                    items = self.get(value, "items")
                    if isinstance(items, Tuple) and len(items.items) <= 16:
                        self.set(value, "items", _replaced(items, old, new))

    def rebind(self, old: Value, new: Value) -> None:
        self.rebound.append((old, new))

    # -- names --------------------------------------------------------------------------------------------------------
    def lookup(self, name: str) -> Value | None:
        """The value of a variable; None when nothing binds it here."""
        frame = self.frame
        heap = self.state.heap
        redirect = frame.redirected.get(name)
        if redirect is not None:
            return heap[redirect].get(name)
        found = heap[frame.number].get(name)
        if found is None:
            for number in frame.closure:
                found = heap[number].get(name)
                if found is not None:
                    break
            else:
                found = heap[frame.globals].get(name)
        if type(found) is Imported or type(found) is Choice:
            from mllint.reader.imports import resolved

            return resolved(self, found)
        return found

    def assign(self, name: str, value: Value) -> None:
        number = self.frame.redirected.get(name, self.frame.number)
        self.state.write(number, name, value)

    def unbound(self, name: str, site: Site) -> Value:
        """A name that no frame binds: star import, builtin, or an everyday name in a fragment (``np``, ``df``)."""
        for module in self.scope.stars:
            found = self.star(module, name)
            if found is not None:
                return found
        from mllint.reader.builtins import BUILTINS, EXCEPTIONS

        if name in BUILTINS:
            return Builtin(name)
        if name in EXCEPTIONS:
            return UNKNOWN
        everyday = self.everyday.get(name)
        if everyday is not None and not self._binds(name):
            table.load(everyday.partition(".")[0])
            return Name(everyday)
        if lineage.is_frame_name(name) and not self._binds(name):
            table.load("pandas")
            frame = lineage.unbound_frame(self.number("unbound", name), name, site)
            self.state.write(self.frame.globals, name, frame)
            return frame
        return Name(f"?.{name}") if name == "reveal" else UNKNOWN

    def star(self, module: str | LocalModule, name: str) -> Value | None:
        """A name out of a module that was imported by ``*``."""
        if isinstance(module, LocalModule):
            from mllint.reader.imports import member

            return member(self, module, name)
        path = table.canonical(f"{module}.{name}")
        return Name(f"{module}.{name}") if path in table.ROWS or path in table.BASES else None

    @property
    def scope(self) -> Scope:
        """The file that is being read."""
        return self.scopes[self.frame.globals]

    def adopt(self, number: int) -> None:
        """Make sure that the path being read has the global names and objects of an imported module."""
        if number not in self.state.heap:
            self.state.adopt(self.scopes[number].heap)

    @property
    def everyday(self) -> Mapping[str, str]:
        scope = self.scope
        if scope.everyday is None:
            from mllint.frameworks.everyday import everyday_names

            scope.everyday = everyday_names(scope.file.text)
        return scope.everyday

    def _binds(self, name: str) -> bool:
        """Whether anything in the file binds this name."""
        found = self.scope.bound.get(name)
        if found is None:
            n = re.escape(name)
            pattern = (
                rf"(?m)\b(?:def|class|as|for|global|lambda)\s+{n}\b|\bimport\b[^\n#]*\b{n}\b|^\s+{n}\s*,?\s*$"
                rf"|(?:^|[,;(\[])\s*{n}\s*(?:,[^=\n()]*)?=(?!=)|\bdef\s+\w+\([^)]*\b{n}\b"
            )
            found = self.scope.bound[name] = re.search(pattern, self.scope.file.text) is not None
        return found

    # -- attributes ---------------------------------------------------------------------------------------------------
    def kind_of(self, value: Value) -> tuple[str, ...]:
        """Under which kinds the tables know a value."""
        if isinstance(value, Data):
            return next((kinds for tag, kinds in _TENSOR_KINDS if tag in value.tags), ("Data",))
        if isinstance(value, Obj):
            if value.kind == "instance":
                return self.framework_bases(value)
            return (value.kind,)
        if isinstance(value, Layer):
            return (f"Layer:{value.framework}", "Layer")
        if isinstance(value, Loss):
            return (f"Loss:{value.framework}", "Loss")
        if isinstance(value, Metric):
            return ("Metric",)
        if isinstance(value, Tuple):
            return ("Tuple",)
        if isinstance(value, Unknown):
            return ("unknown",)
        return ()

    def framework_bases(self, instance: Obj) -> tuple[str, ...]:
        """The framework classes that a local instance derives from."""
        owner = self.get(instance, "class")
        found: list[str] = []
        for each in self.mro(owner) if isinstance(owner, LocalClass) else ():
            for base in each.bases:
                if isinstance(base, Name):
                    found.append(table.canonical(base.path))
        return tuple(found)

    def mro(self, owner: LocalClass) -> list[LocalClass]:
        """A local class and its local bases, nearest first."""
        cached = self._mros.get(id(owner))
        if cached is None:
            found = {owner: None}
            waiting = [owner]
            for each in waiting:
                more = [b for b in each.bases if isinstance(b, LocalClass) and b not in found]
                found.update(dict.fromkeys(more))
                waiting += more
            cached = self._mros[id(owner)] = list(found)
        return cached

    def is_instance_of(self, value: Value, path: str) -> bool:
        kinds: tuple[str, ...] = ()
        if isinstance(value, Obj):
            kinds = self.framework_bases(value) if value.kind == "instance" else (value.kind,)
        return any(path in table.lineage(kind) for kind in kinds)

    def class_attribute(self, instance: Obj, name: str, after: LocalClass | None = None) -> Value | None:
        """An attribute found in the instance's local classes, bound to the instance."""
        owner = self.get(instance, "class")
        if not isinstance(owner, LocalClass):
            return None
        classes = self.mro(owner)
        if after is not None and after in classes:
            classes = classes[classes.index(after) + 1 :]
        for each in classes:
            found = self.state.heap.get(each.number, {}).get(name)
            if found is not None:
                return self.bind_to(found, instance, each)
        return None

    def _above(self, receiver: LocalClass, name: str, after: LocalClass) -> Value:
        """``super().name`` in a class method."""
        classes = self.mro(receiver)
        for each in classes[classes.index(after) + 1 :] if after in classes else ():
            found = self.state.heap.get(each.number, {}).get(name)
            if found is not None:
                is_class = isinstance(found, LocalFunction) and found.kind == "class"
                return BoundFunction(found, receiver) if is_class else found
        return Builtin("print") if name == "__init_subclass__" else UNKNOWN

    def found_in_class(self, owner: LocalClass, name: str) -> Value | None:
        """An attribute of a class or the local classes it derives from, as it is written there."""
        for each in self.mro(owner):
            found = self.state.heap.get(each.number, {}).get(name)
            if found is not None:
                return found
        return None

    def bind_to(self, found: Value, receiver: Value, owner: LocalClass) -> Value:
        if isinstance(found, LocalFunction):
            if found.kind == "static":
                return found
            if found.kind == "property":
                return self.call(BoundFunction(found, receiver), (), {}, cast("Site", found.node))
            return BoundFunction(found, owner if found.kind == "class" else receiver)
        return found

    def attribute(self, value: Value, name: str, site: Site) -> Value:
        """``value.name``."""
        if isinstance(value, Name):
            key = (value.path, name)
            cached = self._names.get(key)
            if cached is None:
                cached = self._names[key] = Name(f"{value.path}.{name}")
            return _CONSTANTS.get(cached.path, cached)
        if isinstance(value, Choice):
            return choice(self.attribute(option, name, site) for option in value.options if option != Const(None))
        if isinstance(value, Obj):
            if value.kind == "instance":
                found = self.get(value, name)
                if found is not None:
                    return found
                found = self.class_attribute(value, name)
                if found is not None:
                    return found
                if name == "__class__":
                    return self.get(value, "class") or UNKNOWN
                found = self._dynamic(value, name, site)
                return self._framework_attribute(value, name, site) if found is None else found
            if value.kind == "namespace":
                if name == "__dict__":
                    return value
                found = self.item(value, name)
                if found is not None:
                    return found
                return Builtin(f"dict.{name}", value) if name in _DICT_METHODS else UNKNOWN
            if value.kind == ATTRIBUTES:
                return Builtin(f"dict.{name}", value)
            if value.kind in _BUILTIN_KINDS:
                keyed = value.kind == "dict" and not hasattr(dict, name)  # ``encoding.input_ids``: no plain dict
                found = next((v for k, v in self.mapping(value) or () if k == Const(name)), None) if keyed else None
                return Builtin(f"{value.kind}.{name}", value) if found is None else found
            return self._framework_attribute(value, name, site)
        if isinstance(value, (LocalClass, LocalFunction)) and name in ("__name__", "__qualname__"):
            return Const(value.node.name.value if isinstance(value, LocalClass) else value.name)
        if isinstance(value, LocalClass):
            for each in self.mro(value):
                found = self.state.heap.get(each.number, {}).get(name)
                if found is not None:
                    return (
                        BoundFunction(found, value)
                        if isinstance(found, LocalFunction) and found.kind == "class"
                        else found
                    )
            for base in value.bases:
                if isinstance(base, Name):
                    return Bound(base, name)
            return UNKNOWN
        if isinstance(value, Super) and isinstance(value.receiver, LocalClass):
            return self._above(value.receiver, name, value.owner)
        if isinstance(value, Super) and isinstance(value.receiver, Obj):
            found = self.class_attribute(value.receiver, name, value.owner)
            if found is not None:
                return found
            return Bound(value.receiver, name)
        if isinstance(value, Const):
            return Builtin(f"{type(value.value).__name__}.{name}", value)
        if isinstance(value, Tuple) and not (table.find_method("Tuple", name) or table.find_attribute("Tuple", name)):
            return Builtin(f"tuple.{name}", value)
        if isinstance(value, LocalModule):
            from mllint.reader.imports import member

            return member(self, value, name) or UNKNOWN
        if isinstance(value, Builtin) and value.receiver is None and (value.name, name) == ("dict", "fromkeys"):
            return Builtin("dict.fromkeys")
        if isinstance(value, LocalFunction) and (fields := self.function_fields.get(value.node)) is not None:
            return self.state.heap.get(fields, {}).get(name, UNKNOWN)
        if isinstance(value, Callable_):
            return UNKNOWN
        if isinstance(value, (Unknown, Bound)):
            return Bound(UNKNOWN, name) if name in _DUCK else UNKNOWN
        return self._framework_attribute(value, name, site)

    def _dynamic(self, value: Obj, name: str, site: Site) -> Value | None:
        """An attribute of an instance that neither it nor its local classes have by this name."""
        if name == "__dict__":
            return Obj(value.id, ATTRIBUTES, value.site)
        if name == "training" and self.is_instance_of(value, "torch.nn.Module"):
            return Option(True)
        if name in records.METHODS and self.get(value, records.FIELDS) is not None:
            return Builtin(f"record.{name}", value)
        content = self.get(value, CONTENT)
        asked = self.class_attribute(value, "__getattr__") if self.asked_for_attributes else None
        if isinstance(content, Obj):
            if name in _DICT_METHODS:
                return Builtin(f"dict.{name}", content)
            if asked is not None and not isinstance(asked, BoundFunction):  # ``__getattr__ = dict.get``
                return self.item(content, name) or UNKNOWN
        if asked is not None and not name.startswith("__"):
            return self.call(asked, (Const(name),), {}, site)
        return None

    def _framework_attribute(self, value: Value, name: str, site: Site) -> Value:
        for kind in self.kind_of(value):
            found = table.find_attribute(kind, name)
            if found is not None:
                call = Call(self, site, f"{kind}.{name}", (), {}, True)
                result = found(call, value)
                return UNKNOWN if result is None else result
        if isinstance(value, Obj) and value.kind != "instance":
            known = self.get(value, name)
            if known is not None and not any(table.METHODS.get((k, name)) for k in table.lineage(value.kind)):
                return known
        return Bound(value, name)

    def set_attribute(self, target: Value, name: str, value: Value, site: Site) -> None:
        """``target.name = value``."""
        from mllint.reader import classes

        for option in options(target):
            classes.assigned(self, option, name, value, site)
            if isinstance(option, Name):
                switches.turned(self, f"{option.path}.{name}", value, site)
            if isinstance(option, LocalModule):
                from mllint.reader.imports import load

                scope = load(self, option)
                if scope is not None:
                    self.state.write(scope.number, name, value)
            elif isinstance(option, LocalClass):
                self.state.write(option.number, name, value)
            elif isinstance(option, LocalFunction):
                number = self.function_fields.setdefault(option.node, self.number("fields", id(option.node)))
                self.state.write(number, name, value)
            elif isinstance(option, Obj) and option.kind == "instance":
                if name in self.setters and (setter := self.class_attribute(option, f"{name}@setter")) is not None:
                    self.call(setter, (value,), {}, site)
                    continue
                if name == "__dict__" and value == option and (content := self.get(option, CONTENT)) is not None:
                    self._share(option, content)
                    continue
                before = self.get(option, name) if isinstance(target, Choice) else None
                self.state.write(option.id, name, value if before is None else choice((value, before)))
            elif isinstance(option, Obj) and option.kind == "namespace":
                self.set_item(option, Const(name), value)
            elif isinstance(option, Obj) and option.kind == "dict":  # no plain dict: a batch
                pairs = self.mapping(option)
                if pairs is not None:
                    kept = [Tuple(pair) for pair in pairs if pair[0] != Const(name)]
                    self.set(option, "items", Tuple((*kept, Tuple((Const(name), value)))))
            elif not self._set_by_row(option, name, value, site) and isinstance(option, Obj):
                self.state.write(option.id, name, value)

    def _share(self, target: Obj, content: Value) -> None:
        """``self.__dict__ = self`` in a class that derives from ``dict``: its keys are attributes."""
        for key, value in self.mapping(content) or ():
            if isinstance(key, Const) and isinstance(key.value, str):
                self.state.write(target.id, key.value, value)

    def _set_by_row(self, target: Value, name: str, value: Value, site: Site) -> bool:
        """Set an attribute in the way that a row for this kind says; whether there is one."""
        for kind in self.kind_of(target):
            for each in table.lineage(kind):
                entry = table.METHODS.get((each, "__setattr__"))
                if entry is not None:
                    arguments = ((Const(name), None), (value, None))
                    entry.bind(Call(self, site, f"{kind}.__setattr__", arguments, {}, True), target)
                    return True
        return False

    # -- calls --------------------------------------------------------------------------------------------------------
    def call(self, callee: Value, positional: Sequence[Value], keywords: Mapping[str, Value], site: Site) -> Value:
        from mllint.reader.calls import Arguments, call, unknown_call

        arguments = Arguments([(v, None) for v in positional], {k: (v, None) for k, v in keywords.items()}, True)
        self.applied += 1
        if self.inside >= MAX_INSIDE or self.applied > MAX_APPLIED + self.budget:
            self.limit("not every part of a model was applied")
            return unknown_call(self, arguments, site)
        self.inside += 1
        try:
            return call(self, callee, arguments, site)
        finally:
            self.inside -= 1

    # -- API uses -----------------------------------------------------------------------------------------------------
    def watched(self, path: str, written: str) -> bool:
        """Whether the API of a name changed."""
        changes = _CHANGES.get((path, written))
        if changes is None:
            changes = _CHANGES[path, written] = api.changes(path, written)
        return bool(changes)

    def watch(
        self,
        path: str,
        written: str,
        site: Any,
        arguments: Mapping[str, Argument] | None,
        complete: bool,
        name_site: Any,
    ) -> None:
        """Record the use of a name whose API changed."""
        if self.watched(path, written):
            changes = _CHANGES[path, written]
            bare = isinstance(name_site, cst.Name) and getattr(site, "func", None) is name_site
            form = "import" if isinstance(site, cst.ImportAlias) else "name" if bare else "dotted"
            root = written.partition(".")[0]
            written_out = site.args if isinstance(site, cst.Call) else ()
            positional = sum(1 for argument in written_out if argument.keyword is None and not argument.star)
            spread = any(argument.star == "**" for argument in written_out)
            self.program.api.append(
                ApiUse(site, path, arguments, complete, root, name_site, form, positional, spread, changes)
            )


_OF_CALLED = ("forward", "loss", "unknown_call")
"""Kinds of events that happen to what is called, not to what stands before the dot."""


def _written(event: Event) -> str:
    """What an event happens to as it is written: before the dot, or the argument of a gradient scaler's step."""
    node: Any = event.site
    if not isinstance(node, cst.Call):
        return ""
    if event.kind in _OF_CALLED:
        return _dotted(node.func)
    if event.kind == "step" and event.arguments and event.target is not UNKNOWN:
        given = node.args[0] if node.args else None
        return _dotted(given.value) if given is not None and given.keyword is None and not given.star else ""
    return _dotted(node.func.value) if isinstance(node.func, cst.Attribute) else ""


def _names_given(event: Event) -> tuple[str, ...]:
    node: Any = event.site
    found = [_dotted(each.value) for each in node.args] if isinstance(node, cst.Call) else []
    return tuple(name for name in found if name)


def _scaler_text(event: Event) -> str:
    """``scaler`` in ``scaler.step(optimizer)``."""
    node: Any = event.site
    scales = event.kind == "step" and event.arguments and event.target is not UNKNOWN
    return _dotted(node.func.value) if scales and isinstance(getattr(node, "func", None), cst.Attribute) else ""


def _dotted(node: cst.BaseExpression) -> str:
    """A dotted name as it is written; empty for anything else."""
    parts: list[str] = []
    while isinstance(node, cst.Attribute):
        parts.append(node.attr.value)
        node = node.value
    return ".".join([node.value, *reversed(parts)]) if isinstance(node, cst.Name) else ""


_DICT_METHODS = {"get", "items", "keys", "values", "update", "pop", "setdefault", "copy"}
_TENSOR_KINDS = (("torch", ("Data:torch",)), ("gluon", ("Data:gluon",)))
"""Tensors of a framework carry its name among their tags; their kind derives from ``Data``."""
_CHANGES: dict[tuple[str, str], tuple[ApiChange, ...]] = {}
_DUCK = {
    "backward", "zero_grad", "step", "train", "eval", "parameters", "fit", "fit_transform", "transform", "item", "to", "cuda", "cpu",
    "manual_backward", "update", "scale", "unscale_", "zero_", "append", "compile", "predict", "apply_gradients", "requires_grad_", "splitlines", "readlines",
    "freeze",
}  # fmt: skip
_CONSTANTS: dict[str, Value] = {
    "numpy.pi": Const(3.141592653589793),
    "numpy.newaxis": Const(None),
    "numpy.inf": Const(float("inf")),
    "math.pi": Const(3.141592653589793),
    **CONSTANTS,
}
"""Constants of libraries whose value matters."""
