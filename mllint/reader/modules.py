"""The files a program is made of: itself and the modules of its project that it imports."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import libcst as cst

from mllint.reader.local import LocalModule
from mllint.reader.resolver import Resolver
from mllint.values import Value

KEPT = 1_000_000
"""Characters of source whose trees are kept for the next program that imports the same modules."""


class Sources(Protocol):
    """Where a project's modules are. Files are named by strings that only the sources understand."""

    def find(self, importer: str, level: int, module: str) -> str | None:
        """The file (or the folder, where there is no ``__init__.py``) of a module; None when it is not the project's.

        ``level`` counts the dots in front of a relative import.
        """

    def text(self, file: str) -> str | None:
        """What is in it; None when that cannot be had."""


@dataclass(eq=False)
class SourceFile:
    """One file with its tree."""

    name: str
    text: str
    module: cst.Module
    _said: dict[re.Pattern[str], bool] = field(default_factory=dict)

    @cached_property
    def resolver(self) -> Resolver:
        """Places in it; costs a pass over the file."""
        return Resolver(self.module, self.text)

    def says(self, pattern: re.Pattern[str]) -> bool:
        """Whether the text matches somewhere; looked up once a pattern."""
        if pattern not in self._said:
            self._said[pattern] = pattern.search(self.text) is not None
        return self._said[pattern]


@dataclass(eq=False)
class Scope:
    """The global names of one file and what belongs to it while it is read."""

    number: int
    """The frame its global names live in."""
    file: SourceFile
    stars: list[str | LocalModule] = field(default_factory=list)
    """Modules whose names were imported by ``*``."""
    bound: dict[str, bool] = field(default_factory=dict)
    """Whether anything in the file binds a name, as far as that was asked."""
    everyday: Mapping[str, str] | None = None
    """What names that nothing binds stand for, once that was asked."""
    heap: dict[int, dict[str, Value]] = field(default_factory=dict)
    """For an imported module: frames and objects as they are when it has been read."""


class Trees:
    """Parsed files, so that a module which many programs import is parsed once."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, SourceFile] = OrderedDict()
        self._size = 0

    def known(self, name: str) -> SourceFile | None:
        """A file as it was when it was parsed last, if its tree was kept."""
        found = self._kept.get(name)
        if found is None:
            return None
        self._kept.move_to_end(name)
        return SourceFile(name, found.text, found.module)

    def parse(self, name: str, text: str) -> SourceFile:
        """Raises: libcst.ParserSyntaxError."""
        found = self._kept.get(name)
        if found is not None and found.text == text:
            self._kept.move_to_end(name)
        else:
            found = SourceFile(name, text, cst.parse_module(text))
            if name:
                self._keep(name, found)
        return SourceFile(name, text, found.module)

    def _keep(self, name: str, file: SourceFile) -> None:
        before = self._kept.pop(name, None)
        self._size += len(file.text) - (len(before.text) if before else 0)
        self._kept[name] = file
        while self._size > KEPT and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._size -= len(oldest.text)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What it takes to read the modules that a program imports."""

    file: str
    """The program's own file, as the sources name it."""
    sources: Sources
    trees: Trees
