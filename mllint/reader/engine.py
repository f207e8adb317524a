"""The interpreter's core: the current state, frames, objects, attributes and the record of what happens."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast

import libcst as cst

from mllint.facts import Site
from mllint.frameworks import api, lineage, table
from mllint.frameworks.table import Call
from mllint.program import ApiChange, ApiUse, Argument, Event, Loop, Program
from mllint.reader import enums, records
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
        self.named: list[str] = []
        """Names bound by ``:=`` so far: they outlive a comprehension."""
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
        self._mros: dict[int, list[LocalClass]] = {}
        """By identity, which holds: the first of each list is the class itself."""
        self._names: dict[tuple[str, str], Name] = {}
        self.loops: tuple[Site, ...] = ()
        """The loops being read, outermost first, those of calling functions included."""
        self.looped_over: list[Value] = []
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

    def limit(self, message: str) -> None:
        if message not in self._limits and not self.probing:
            self._limits.add(message)
            self.program.limits.append(message)

    def record(self, event: Event) -> None:
        certain = event.certain and not self.doubt
        if event.kind == "shuffle" and isinstance(event.target, Obj):
            self.runs.forget(event.target.id)
        text = _optimizer_text(event) if event.kind == "step" else ""
        body = cast("Site", self.frame.node)
        self.events.append(
            Event(event.kind, event.site, event.target, event.arguments, certain, event.framework, text, body)
        )

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
            p.losses, p.fits, p.transforms, p.splits, p.metrics, p.decisions, p.broadcasts, p.activations,
            p.encodes, p.pairs, p.shrunk, p.applied, p.histories, p.api, p.reveals, p.models, p.optimizers, p.scores,
            p.predictions, p.selections,
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
        looped_over, marks, functions, classes = self.looped_over, self.marks(), len(self.functions), len(self.classes)
        self.state, self.frame, self.events, self.doubt, self.rounds, self.repeats = state, frame, [], 0, (), 1
        self.stack, self.looped_over = [], []
        try:
            yield
        finally:
            self.state, self.frame, self.events, self.doubt, self.rounds, self.repeats, self.depth, self.stack = kept
            self.looped_over = looped_over
            self.rewind(marks)
            del self.functions[functions:], self.classes[classes:]

    def without_training(self, start: int) -> None:
        """Mark the losses recorded since ``start`` as computed with gradients off."""
        losses = self.program.losses
        for index in range(start, len(losses)):
            losses[index] = replace(losses[index], training=False)

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
        self.state.put(number, dict(fields))
        return Obj(number, kind, site)

    def get(self, obj: Obj, name: str) -> Value | None:
        return self.state.heap.get(obj.id, {}).get(name)

    def set(self, obj: Obj, name: str, value: Value) -> None:
        self.state.write(obj.id, name, value)

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
        if isinstance(found, (Imported, Choice)):
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
        for option in options(target):
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
        from mllint.reader.calls import Arguments, call

        arguments = Arguments([(v, None) for v in positional], {k: (v, None) for k, v in keywords.items()}, True)
        return call(self, callee, arguments, site)

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


def _optimizer_text(event: Event) -> str:
    """How a step names its optimizer: before the dot, or as the argument of a gradient scaler's step."""
    node: Any = event.site
    if not isinstance(node, cst.Call):
        return ""
    owner = node.func.value if isinstance(node.func, cst.Attribute) and not event.arguments else None
    if event.arguments and node.args and node.args[0].keyword is None and not node.args[0].star:
        owner = node.args[0].value
    parts: list[str] = []
    while isinstance(owner, cst.Attribute):
        parts.append(owner.attr.value)
        owner = owner.value
    return ".".join([owner.value, *reversed(parts)]) if isinstance(owner, cst.Name) else ""


_DICT_METHODS = {"get", "items", "keys", "values", "update", "pop", "setdefault", "copy"}
_TENSOR_KINDS = (("torch", ("Data:torch",)), ("gluon", ("Data:gluon",)))
"""Tensors of a framework carry its name among their tags; their kind derives from ``Data``."""
_CHANGES: dict[tuple[str, str], tuple[ApiChange, ...]] = {}
_DUCK = {
    "backward", "zero_grad", "step", "train", "eval", "parameters", "fit", "fit_transform", "transform", "item", "to", "cuda", "cpu",
    "manual_backward", "update", "scale", "unscale_", "zero_", "append", "compile", "predict", "requires_grad_", "splitlines", "readlines",
}  # fmt: skip
_CONSTANTS: dict[str, Value] = {
    "numpy.pi": Const(3.141592653589793),
    "numpy.newaxis": Const(None),
    "numpy.inf": Const(float("inf")),
    "math.pi": Const(3.141592653589793),
    **CONSTANTS,
}
"""Constants of libraries whose value matters."""
