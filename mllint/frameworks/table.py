"""How framework knowledge is written down: rows whose Python signature is the framework's own signature.

A row is a function registered under canonical paths::

    @row("keras.layers.Dense")
    def dense(call: Call, units: Value, activation: Value = NONE, use_bias: Value = TRUE) -> Value: ...

Its parameters after ``call`` bind the user's arguments, positional and keyword, with the framework's defaults; an
argument hidden behind ``*`` or ``**`` is unknown. ``@method("keras.Model", "compile")`` is the same for a method, with
the receiver as second parameter. ``**rest`` collects arguments the row does not name. A row gives back a value, or
None for unknown.
"""

from __future__ import annotations

import functools
import importlib
import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from mllint.facts import Site
from mllint.frameworks.graph import followed
from mllint.frameworks.passing import passed
from mllint.frameworks.tokens import carried
from mllint.program import Argument, Event, Path, Program
from mllint.values import UNKNOWN, Const, Data, Layer, Obj, Tuple, Value


class Context(NamedTuple):
    """Something that is open while what is inside of it is read."""

    kind: str
    """The kind of a ``with`` block's manager, ``"model"`` for a call of a model, ``"traced"`` for a traced function."""
    value: Value = UNKNOWN
    """The manager; for a model the ``training`` argument."""
    site: Site | None = None
    made: int = 0
    """How many objects had been made before."""
    notes: list[Layer] | None = None
    """Layers found inside."""


class Engine(Protocol):
    """What the reader offers to rows, through ``Call``."""

    program: Program
    gradients: bool | None

    def get(self, obj: Obj, name: str) -> Value | None: ...
    def set(self, obj: Obj, name: str, value: Value) -> None: ...
    def fields(self, obj: Obj) -> Mapping[str, Value]: ...
    def new(self, kind: str, site: Site | None, fields: Mapping[str, Value]) -> Obj: ...
    def call(self, callee: Value, positional: Sequence[Value], keywords: Mapping[str, Value], site: Site) -> Value: ...
    def attribute(self, value: Value, name: str, site: Site) -> Value: ...
    def record(self, event: Event) -> None: ...
    def items(self, value: Value) -> list[Value] | None: ...
    def mapping(self, value: Value) -> list[tuple[Value, Value]] | None: ...
    def element(self, value: Value, site: Site) -> Value: ...
    def tick(self) -> int: ...
    def is_instance_of(self, value: Value, path: str) -> bool: ...
    def rebind(self, old: Value, new: Value) -> None: ...
    def by_class(self, value: Value) -> bool: ...
    @property
    def loops(self) -> tuple[Site, ...]: ...
    def fills_rows(self, site: Site) -> bool: ...
    def within(
        self, kind: str, value: Value = UNKNOWN, site: Site | None = None
    ) -> AbstractContextManager[Context]: ...
    def calls(self) -> tuple[Site, ...]: ...
    def trace(self, function: Value, by: str, site: Site) -> None: ...
    def effect(self, kind: str, what: str, site: Site, changed: Value = UNKNOWN) -> None: ...
    def body(self) -> Site | None: ...
    def activation(self) -> int: ...
    def body_alone(self) -> Site | None: ...

    contexts: list[Context]
    trying: int
    path: Path
    doubt: int

    def key_site(self, mapping: Value, key: str) -> Site | None: ...
    def cuts_to_the_end(self, site: Site) -> bool: ...
    def parameters(self) -> list[tuple[str, Value]]: ...
    def limit(self, message: str) -> None: ...
    def freeze(self, module: Value, wanted: Value) -> None: ...
    def text_of(self, site: Site | None) -> str: ...
    def spelling(self, module: str) -> str: ...
    def element_sites(self, site: Site | None) -> tuple[Site, ...]: ...

    reached: bool
    readers: list[tuple[str, Value]]


@dataclass(slots=True)
class Call:
    """One call as a row sees it.

    ``get``/``set`` read and write an object's fields (``get`` gives None for a field that was never set); ``new`` makes
    an object; ``call`` calls any value (a layer, a local function, a model); ``items`` lists a sequence's values if all
    are known; ``element`` is what iterating yields; ``tick`` is the next place in the order of events. Lists on
    ``program`` are appended to directly.
    """

    engine: Engine
    site: Site
    """The whole call."""
    path: str
    positional: tuple[tuple[Value, Site | None], ...]
    keywords: Mapping[str, tuple[Value, Site | None]]
    complete: bool
    """False when ``*args`` or ``**kwargs`` hides some arguments."""
    bound: dict[str, Argument] = field(default_factory=dict)
    """The arguments that were given, by the row's parameters."""
    name_site: Site | None = None
    values: Mapping[str, Value] = field(default_factory=dict)
    """All arguments of the row, defaults included."""

    @property
    def program(self) -> Program:
        return self.engine.program

    @property
    def written(self) -> str:
        """The last name of what is called, as it is written; empty where it is no name."""
        name = getattr(self.name_site, "value", "")
        return name if isinstance(name, str) else ""

    def argument(self, name: str) -> Argument:
        """The argument bound to a parameter of the row (given or default)."""
        return self.bound.get(name) or Argument(self.values.get(name, UNKNOWN))

    def given(self, name: str) -> bool:
        """Whether the call was seen to give this argument."""
        return self.argument(name).given

    def where(self, name: str) -> Site | None:
        """The site of an argument's value; None when it was left out."""
        return self.argument(name).site

    def get(self, obj: Value, name: str) -> Value | None:
        return self.engine.get(obj, name) if isinstance(obj, Obj) else None

    def set(self, obj: Value, name: str, value: Value) -> None:
        if isinstance(obj, Obj):
            self.engine.set(obj, name, value)

    def fields(self, obj: Obj) -> Mapping[str, Value]:
        """All fields of an object, by name."""
        return self.engine.fields(obj)

    def new(self, kind: str, **fields: Value) -> Obj:
        return self.engine.new(kind, self.site, fields)

    def call(self, callee: Value, *positional: Value, **keywords: Value) -> Value:
        return self.engine.call(callee, positional, keywords, self.site)

    def attribute(self, value: Value, name: str) -> Value:
        return self.engine.attribute(value, name, self.site)

    def items(self, value: Value) -> list[Value] | None:
        return self.engine.items(value)

    def mapping(self, value: Value) -> list[tuple[Value, Value]] | None:
        """The key/value pairs of a dict whose content is known."""
        return self.engine.mapping(value)

    def element(self, value: Value) -> Value:
        return self.engine.element(value, self.site)

    def event(self, kind: str, target: Value = UNKNOWN, *arguments: Value, framework: str = "") -> None:
        """Record that something happens here."""
        self.engine.record(Event(kind, self.site, target, arguments, True, framework))

    def tick(self) -> int:
        return self.engine.tick()

    def open(self, *kinds: str) -> tuple[Value, ...]:
        """What is open around this call, of these kinds, outermost first."""
        return tuple(context.value for context in self.engine.contexts if context.kind in kinds)

    def rebind(self, old: Value, new: Value) -> None:
        """Where ``old``, the receiver or an argument, was read from, is ``new`` now (``inplace=True``)."""
        self.engine.rebind(old, new)

    def is_instance_of(self, value: Value, path: str) -> bool:
        """Whether a value is an instance of a framework class or of a local class derived from it."""
        return self.engine.is_instance_of(value, path)


Row = Callable[..., Value | None]


@dataclass(frozen=True, slots=True)
class Entry:
    """A registered row with its parameters worked out once."""

    function: Row
    defaults: Mapping[str, Value | None]
    positional: tuple[str, ...]
    """The parameters that can be given without their names."""
    rest: bool
    """Whether the row takes ``**rest``."""
    many: bool
    """Whether the row takes ``*items``."""
    receiver: bool

    def bind(self, call: Call, receiver: Value | None = None) -> Value:
        """Bind the call's arguments to the row's parameters and run it."""
        values: dict[str, Value] = {}
        bound = call.bound
        positional_names = self.positional
        extra: list[Value] = []
        for index, (value, site) in enumerate(call.positional):
            if index < len(positional_names):
                values[positional_names[index]] = value
                bound[positional_names[index]] = Argument(value, site, True)
            else:
                extra.append(value)
        rest: dict[str, Value] = {}
        for name, (value, site) in call.keywords.items():
            if name in self.defaults:
                values[name] = value
            else:
                rest[name] = value
            bound[name] = Argument(value, site, True)
        for name, default in self.defaults.items():
            if name not in values:
                values[name] = default if default is not None and call.complete else UNKNOWN
        call.values = values if not self.many else values.copy()
        if self.rest:
            values.update({k: v for k, v in rest.items() if k not in values})
        head: list[Value | Call] = [call]
        if self.receiver:
            head.append(UNKNOWN if receiver is None else receiver)
        ordered = [values.pop(n) for n in positional_names] if self.many and extra else []
        try:
            result = self.function(*head, *ordered, *(extra if self.many else ()), **values)
            if isinstance(result, (Data, Tuple)):
                return passed(call, followed(call, receiver, carried(call, receiver, result)))
            return UNKNOWN if result is None else result
        except Exception as error:  # a row that fails on odd arguments makes them unknown; it does not stop the reading
            call.engine.limit(f"the row for {call.path} failed: {error!r}")
            return UNKNOWN


def _entry(function: Row, receiver: bool) -> Entry:
    parameters = list(inspect.signature(function).parameters.values())[2 if receiver else 1 :]
    names, keyword_only, defaults = [], set(), {}
    rest = many = False
    for p in parameters:
        if p.kind is p.VAR_KEYWORD:
            rest = True
        elif p.kind is p.VAR_POSITIONAL:
            many = True
        else:
            names.append(p.name)
            if p.kind is p.KEYWORD_ONLY:
                keyword_only.add(p.name)
            default = p.default
            defaults[p.name] = (
                None if default is p.empty else default if isinstance(default, _VALUES) else Const(default)
            )
    positional = tuple(name for name in names if name not in keyword_only)
    return Entry(function, defaults, positional, rest, many, receiver)


_VALUES: tuple[Any, ...] = tuple(Value.__args__)

ROWS: dict[str, Entry] = {}
METHODS: dict[tuple[str, str], Entry] = {}
ATTRIBUTES: dict[tuple[str, str], Row] = {}
BASES: dict[str, tuple[str, ...]] = {}
"""Framework classes' base classes, for method look-up: ``BASES["keras.Sequential"] = ("keras.Model",)``."""
ALIASES: dict[str, str] = {}
"""Other spellings of a path: ``ALIASES["keras.models.Sequential"] = "keras.Sequential"``; applied to whole paths."""


DECORATORS: set[str] = set()
"""Functions that, used as decorators, put something else in the function's place: what calling them gives."""


def decorates(*paths: str) -> None:
    """Say that these rows matter as decorators too."""
    DECORATORS.update(paths)


def row(*paths: str) -> Callable[[Row], Row]:
    """Register what calling the thing at these canonical paths means."""

    def register(function: Row) -> Row:
        entry = _entry(function, receiver=False)
        for path in paths:
            ROWS[path] = entry
        return function

    return register


def method(kind: str | tuple[str, ...], *names: str) -> Callable[[Row], Row]:
    """Register a method of objects of a kind: ``Obj.kind`` or ``"Data"``, ``"Loss"``, ``"Layer"`` …, ``"unknown"``.

    The row's parameters are ``call, receiver, …``. The method name ``"__call__"`` is calling the object itself,
    ``"__getitem__"`` a subscript (one parameter: the index value, a Tuple for several), ``"__iter__"`` what iterating
    yields, ``"*"`` any method that has no row of its own (``call.path`` ends in its name). Kinds are looked up with
    their bases (``BASES``).
    """

    def register(function: Row) -> Row:
        entry = _entry(function, receiver=True)
        for each in (kind,) if isinstance(kind, str) else kind:
            for name in names:
                METHODS[each, name] = entry
        _find_row.cache_clear()
        return function

    return register


def attribute(kind: str | tuple[str, ...], *names: str) -> Callable[[Row], Row]:
    """Register an attribute that is not a method: the function gets ``(call, receiver)``.

    ``call.path`` ends in the attribute's name.
    """

    def register(function: Row) -> Row:
        for each in (kind,) if isinstance(kind, str) else kind:
            for name in names:
                ATTRIBUTES[each, name] = function
        return function

    return register


def bases(kind: str, *parents: str) -> None:
    """Say which framework classes a framework class derives from."""
    BASES[kind] = parents
    lineage.cache_clear()
    _find_row.cache_clear()


def alias(path: str, *spellings: str) -> None:
    """Register other spellings of a canonical path."""
    for spelling in spellings:
        ALIASES[spelling] = path


@functools.cache
def lineage(kind: str) -> tuple[str, ...]:
    """A kind and all kinds it derives from, nearest first."""
    found = [kind]
    for each in found:
        found.extend(parent for parent in BASES.get(each, ()) if parent not in found)
    return tuple(found)


def find_row(kinds: Sequence[str], name: str) -> tuple[Entry | None, str]:
    """The row for a method of something of these kinds or their bases, else their ``"*"`` row; and whose row it is."""
    return _find_row(tuple(kinds), name)


@functools.cache
def _find_row(kinds: tuple[str, ...], name: str) -> tuple[Entry | None, str]:
    lineages = [each for kind in kinds for each in lineage(kind)]
    for wanted in (name, "*"):
        for each in lineages:
            entry = METHODS.get((each, wanted))
            if entry is not None:
                return entry, each
    return None, kinds[0] if kinds else ""


def find_method(kind: str, name: str) -> Entry | None:
    """The row for a method of one kind."""
    return find_row((kind,), name)[0]


def find_attribute(kind: str, name: str) -> Row | None:
    """The function for an attribute, by the kind and its bases; else ``"*"``'s, unless a method has the name."""
    kinds = lineage(kind)
    for each in kinds:
        found = ATTRIBUTES.get((each, name))
        if found is not None:
            return found
    for each in kinds:
        found = ATTRIBUTES.get((each, "*"))
        if found is not None and not any((k, name) in METHODS for k in kinds):
            return found
    return None


_TORCH = ("lightning", "torch_data", "torch_layers", "torch_losses", "torch_optim", "torch_sequences", "torch_tensors")
_JAX = ("numpy", "jax", "flax", "optax")
_SKLEARN = ("sklearn", "sklearn_datasets", "sklearn_metrics", "sklearn_selection")

ROOTS: Mapping[str, tuple[str, ...]] = {
    "keras": ("keras", "keras_sequences", "tensorflow"),
    "tensorflow": ("keras", "keras_sequences", "tensorflow", "options"),
    "tensorflow_datasets": ("keras", "tensorflow", "tensorflow_datasets"),
    "torch": _TORCH,
    "torchvision": _TORCH,
    "torchtext": _TORCH,
    "pytorch_lightning": _TORCH,
    "lightning": _TORCH,
    "mxnet": ("data_methods", "gluon"),
    "sklearn": _SKLEARN,
    "imblearn": _SKLEARN,
    "category_encoders": _SKLEARN,
    "xgboost": (*_SKLEARN, "boosters"),
    "lightgbm": (*_SKLEARN, "boosters"),
    "catboost": (*_SKLEARN, "boosters"),
    "jax": _JAX,
    "flax": _JAX,
    "optax": _JAX,
    "haiku": _JAX,
    "equinox": _JAX,
    "numpy": ("numpy",),
    "pandas": ("pandas",),
    "seaborn": ("pandas", "seaborn"),
    "scipy": ("numpy",),
    "transformers": (*_TORCH, "huggingface", "huggingface_data"),
    "datasets": (*_TORCH, "huggingface", "huggingface_data"),
    "accelerate": _TORCH,
    "trl": (*_TORCH, "huggingface", "huggingface_data"),
    "peft": (*_TORCH, "huggingface", "huggingface_data"),
    "joblib": ("numpy",),
    "random": ("numpy",),
    "argparse": ("data_methods", "options"),
    "configargparse": ("data_methods", "options"),
    "jsonargparse": ("data_methods", "options"),
    "absl": ("data_methods", "options"),
    "click": ("data_methods", "options"),
    "typer": ("data_methods", "options"),
    "dask": ("pandas",),
}
"""Which modules of ``mllint.frameworks`` know the names below an import root; loaded when first met."""

_loaded: set[str] = set()


UNKNOWN_RECEIVERS = ("sklearn", "tensorflow", "torch_optim", "torch_sequences")
"""Modules with rows for methods of what is not known: ``loss.backward()``. All programs need them, or none: what is
found in one must not depend on what was read before it."""


def load_always() -> None:
    """Load the rows that no import asks for."""
    _load(UNKNOWN_RECEIVERS)


def load(root: str) -> None:
    """Load the rows for an import root."""
    _load(ROOTS.get(root, ()))


def _load(modules: Iterable[str]) -> None:
    for module in modules:
        if module not in _loaded:
            _loaded.add(module)
            importlib.import_module(f"mllint.frameworks.{module}")
            canonical.cache_clear()  # its rows and aliases decide what other spellings mean


_SPELLINGS = (
    ("tensorflow.keras", "keras"),
    ("tensorflow.python.keras", "keras"),
    ("tensorflow.compat.v1.keras", "keras"),
    ("tensorflow.contrib.keras", "keras"),
    ("tensorflow.losses", "keras.losses"),
    ("tensorflow.metrics", "keras.metrics"),
    ("tensorflow.optimizers", "keras.optimizers"),
    ("tf_keras", "keras"),
    ("keras.api._v2.keras", "keras"),
    ("keras.api", "keras"),
    ("keras.src", "keras"),
    ("keras.engine", "keras.layers"),
    ("mxnet.numpy", "numpy"),
    ("jax.numpy", "numpy"),
    ("pytorch_lightning", "lightning"),
    ("lightning.pytorch", "lightning"),
    ("sklearn.cross_validation", "sklearn.model_selection"),
)


@functools.cache
def canonical(path: str) -> str:
    """One spelling for all names of the same thing: ``tensorflow.keras.layers.Dense`` → ``keras.layers.Dense``.

    Also flattens old submodules: ``keras.layers.core.Dense``, ``sklearn.preprocessing._data.StandardScaler``.
    """
    for spelling, name in _SPELLINGS:
        if path.startswith(spelling) and (len(path) == len(spelling) or path[len(spelling)] == "."):
            path = name + path[len(spelling) :]
    found = ALIASES.get(path)
    if found is not None:
        return found
    if path not in ROWS and path.count(".") > 2:
        parts = path.split(".")
        shorter = ".".join((*parts[:2], parts[-1]))
        if shorter in ROWS or shorter in ALIASES:
            return ALIASES.get(shorter, shorter)
    return path
