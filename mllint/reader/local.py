"""Values that only the reader can call: what the file itself defines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import libcst as cst

from mllint.values import Callable_, Value


@dataclass(frozen=True, slots=True)
class LocalFunction(Callable_):
    """A function or lambda with the frames it closes over."""

    node: cst.FunctionDef | cst.Lambda
    closure: tuple[int, ...] = field(compare=False, default=())
    defaults: Mapping[str, Value] = field(compare=False, default_factory=dict)
    owner: LocalClass | None = field(compare=False, default=None)
    kind: str = field(compare=False, default="function")
    """``"function"``, ``"property"``, ``"static"`` or ``"class"``."""
    no_grad: bool = field(compare=False, default=False)
    globals: int = field(compare=False, default=0)
    """The frame of the global names it sees."""

    @property
    def name(self) -> str:
        return self.node.name.value if isinstance(self.node, cst.FunctionDef) else "<lambda>"

    def __repr__(self) -> str:
        return f"function {self.name}"


@dataclass(frozen=True, slots=True)
class LocalClass(Callable_):
    """A class; its attributes live in the frame ``number``."""

    node: cst.ClassDef
    number: int = field(compare=False)
    bases: tuple[Value, ...] = field(compare=False, default=())
    dataclass: bool = field(compare=False, default=False)

    def __repr__(self) -> str:
        return f"class {self.node.name.value}"


@dataclass(frozen=True, slots=True)
class LocalModule(Callable_):
    """A module of the project, read when something of it is asked for."""

    file: str
    """Its file, or its folder where it is a package without ``__init__.py``, as the ``Sources`` name it."""
    path: str = field(compare=False)
    """Its name as imported."""

    def __repr__(self) -> str:
        return f"module {self.path}"


@dataclass(frozen=True, slots=True)
class Imported(Callable_):
    """A name imported from a module of the project: looked up when it is used."""

    module: LocalModule
    name: str


@dataclass(frozen=True, slots=True)
class BoundFunction(Callable_):
    """A local method looked up on an instance, or a partial application."""

    function: Value
    receiver: Value | None = None
    positional: tuple[Value, ...] = ()
    keywords: tuple[tuple[str, Value], ...] = ()

    def __repr__(self) -> str:
        return f"bound {self.function!r}"


@dataclass(frozen=True, slots=True)
class NamedFields(Callable_):
    """What ``namedtuple("Name", "x y")`` makes: a class of tuples with these fields and their defaults."""

    fields: tuple[tuple[str, Value | None], ...]


@dataclass(frozen=True, slots=True)
class Super(Callable_):
    """``super()`` of a class for an instance, or for a class in its class methods."""

    owner: LocalClass
    receiver: Value


@dataclass(frozen=True, slots=True)
class Builtin(Callable_):
    """A builtin function, or a method of a builtin type on a value."""

    name: str
    receiver: Value | None = None

    def __repr__(self) -> str:
        return f"builtin {self.name}"
