"""How a rule is written and registered, and what it yields."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cache
from typing import TypeAlias

from mllint.diagnostic import Applicability, Severity
from mllint.facts import Site
from mllint.program import Program

ERROR: Severity = "error"
WARNING: Severity = "warning"
INFO: Severity = "info"

FAMILIES = ("loss", "labels", "data", "loop", "optimiser", "model", "pipeline", "api", "linter")
"""The folders of the rule book; a family's rules are in the module or package of the same name in ``mllint.checks``."""


@dataclass(frozen=True, slots=True)
class Note:
    """Evidence: what was decided at a place."""

    site: Site
    message: str


@dataclass(frozen=True, slots=True)
class Replace:
    """Put ``text`` in the place of the code at ``site``."""

    site: Site
    text: str


@dataclass(frozen=True, slots=True)
class Swap:
    """Exchange the code at two sites."""

    first: Site
    second: Site


@dataclass(frozen=True, slots=True)
class Remove:
    """Take out the call argument, list element or statement at ``site``, with its comma or line."""

    site: Site


@dataclass(frozen=True, slots=True)
class Unwrap:
    """Put the argument at ``inner`` in the place of the call at ``site``."""

    site: Site
    inner: Site


@dataclass(frozen=True, slots=True)
class AddArgument:
    """Add ``text`` as the last argument of the call at ``site``."""

    site: Site
    text: str


@dataclass(frozen=True, slots=True)
class InsertBefore:
    """Insert ``text`` as statements of their own before the statement that holds ``site``."""

    site: Site
    text: str


@dataclass(frozen=True, slots=True)
class InsertAfter:
    """Insert ``text`` right behind the expression at ``site``."""

    site: Site
    text: str


@dataclass(frozen=True, slots=True)
class InsertBehind:
    """Insert ``text`` as statements of their own behind the statement that holds ``site``."""

    site: Site
    text: str


@dataclass(frozen=True, slots=True)
class Undo:
    """Put what goes into an operation in its place: a call's first argument, the left side of arithmetic, ``x`` of ``x[1:]``.

    Takes out ``x /= y``.
    """

    site: Site


@dataclass(frozen=True, slots=True)
class Retext:
    """Put other text into the string literal at ``site``, keeping its quotes."""

    site: Site
    text: str


@dataclass(frozen=True, slots=True)
class RenameArgument:
    """Give the keyword argument whose value is at ``site`` another name."""

    site: Site
    name: str


@dataclass(frozen=True, slots=True)
class Rename:
    """Name something else at ``site``: ``text`` in a string or in place of a function, ``name`` in place of a class.

    The module in front stays; a bare imported name is not edited. ``keep`` arguments of a call stay; None keeps all.
    """

    site: Site
    text: str
    name: str = ""
    keep: int | None = None


@dataclass(frozen=True, slots=True)
class Omit:
    """Take the layer made at ``site`` out of its stack; elsewhere put ``instead`` of the same module in its place.

    A method call (``x.softmax(1)``) gives way to what it is called on.
    """

    site: Site
    instead: str = ""


Edit: TypeAlias = (
    Replace
    | Swap
    | Remove
    | Unwrap
    | AddArgument
    | RenameArgument
    | InsertBefore
    | InsertAfter
    | InsertBehind
    | Undo
    | Retext
    | Rename
    | Omit
)


def sites(edit: Edit) -> Iterator[Site]:
    """The places that an edit speaks of."""
    for each in fields(edit):
        if each.name in ("site", "first", "second", "inner"):
            yield getattr(edit, each.name)


@dataclass(frozen=True, slots=True)
class Fix:
    """What an expert would write instead. See ``safe``, ``unsafe`` and ``hint``."""

    applicability: Applicability
    message: str
    edits: tuple[Edit, ...] = ()


def safe(message: str, *edits: Edit) -> Fix:
    """A fix that keeps what is trained, repairs what is reported, or repairs a program that would raise."""
    return Fix("safe", message, edits)


def unsafe(message: str, *edits: Edit) -> Fix:
    """A fix that changes what is trained or reported: applied only when asked for."""
    return Fix("unsafe", message, edits)


def hint(message: str) -> Fix:
    """Advice shown in words or as code, never applied."""
    return Fix("display", message)


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule yields: where, what disagrees with what, why it is believed, and what to write instead."""

    site: Site
    message: str
    because: Sequence[Note] = ()
    fix: Fix | None = None
    severity: Severity | None = None
    """Overrides the rule's own severity where it depends on the case or the framework's version."""


Check: TypeAlias = Callable[[Program], Iterable[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. ``code`` and ``name`` are public names that never change meaning."""

    code: str
    name: str
    severity: Severity
    family: str
    check: Check | None
    """``None`` for what the linter says about itself (ML9xx)."""
    default: bool = True

    def named_by(self, selector: str) -> bool:
        """Whether a selector means it: its code, the beginning of its code, its name, or ``ALL``."""
        return selector in ("ALL", self.name) or (selector[:2] == "ML" and self.code.startswith(selector))


_REGISTRY: dict[str, Rule] = {}


def rule(code: str, severity: Severity, *, default: bool = True) -> Callable[[Check], Check]:
    """Register a function over ``Program`` as the rule of this code; its name gives the rule's name."""

    def register(check: Check) -> Check:
        family = check.__module__.split(".")[2]
        _add(Rule(code, check.__name__.replace("_", "-"), severity, family, check, default))
        return check

    return register


def _add(entry: Rule) -> None:
    if entry.code in _REGISTRY:
        raise ValueError(f"{entry.code} is registered twice")
    _REGISTRY[entry.code] = entry


_add(Rule("ML900", "syntax-error", ERROR, "linter", None))
_add(Rule("ML902", "unknown-rule-in-config-or-comment", WARNING, "linter", None))
_add(Rule("ML903", "unreadable-file", ERROR, "linter", None))


@cache
def rules() -> dict[str, Rule]:
    """Every rule by its code, in the order of the codes."""
    checks = importlib.import_module("mllint.checks")
    for module in pkgutil.walk_packages(checks.__path__, "mllint.checks."):
        importlib.import_module(module.name)
    return dict(sorted(_REGISTRY.items()))
