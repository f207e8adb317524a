"""The modules of a project: where an import leads, and how a run speaks of the files that it was not asked to lint."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from mllint import files, screen
from mllint.settings import Loader, absolute

if TYPE_CHECKING:
    from mllint.reader import Trees

MARKERS = (".git", ".hg", "pyproject.toml", "setup.py", "setup.cfg")
"""What the root of a project has."""
MAX_LEVELS = 8
"""Folders looked through above a program, where there is no such root."""


class Modules:
    """The modules that programs of a run may import, by their absolute paths. Remembers where it looked."""

    def __init__(self) -> None:
        self._roots: dict[str, tuple[str, ...]] = {}
        self._found: dict[str, str | None] = {}

    def find(self, importer: str, level: int, module: str) -> str | None:
        """The file of a module, seen from the file that imports it; the folder, for a package without ``__init__.py``.

        ``level`` counts the dots in front of a relative import. The importing program's own folder comes first, as in
        Python; then the folders above it up to the project's root, and the root's ``src``.
        """
        parts = module.split(".") if module else []
        folder = importer if os.path.isdir(importer) else os.path.dirname(importer)
        if level:
            for _ in range(level - 1):
                folder = os.path.dirname(folder)
            return self._at(folder, parts)
        if folder not in self._roots:
            self._roots[folder] = tuple(_search_path(folder))
        for root in self._roots[folder]:
            if parts and self._at(root, parts[:1]) is not None:
                return self._at(root, parts)
        return None

    def _at(self, folder: str, parts: list[str]) -> str | None:
        """The module below a folder."""
        path = os.path.join(folder, *parts)
        if path not in self._found:
            self._found[path] = _module_at(path)
        return self._found[path]

    def text(self, file: str) -> str | None:
        """The text of a module; empty for a package without ``__init__.py``; None when it cannot be read as Python."""
        if os.path.isdir(file):
            return ""
        try:
            text = files.read(Path(file))
        except files.Unreadable:
            return None
        return None if screen.nested_too_deeply(text) else text


def _search_path(folder: str) -> Iterator[str]:
    """Where absolute imports of a program in this folder may lead."""
    current = os.getcwd()
    for _ in range(MAX_LEVELS):
        yield folder
        if any(os.path.exists(os.path.join(folder, marker)) for marker in MARKERS):
            yield os.path.join(folder, "src")
            return
        parent = os.path.dirname(folder)
        inside_package = os.path.exists(os.path.join(folder, "__init__.py"))
        if parent == folder or (not inside_package and not _is_below(folder, current)):
            return
        folder = parent


def _is_below(folder: str, root: str) -> bool:
    return folder != root and folder.startswith(root.rstrip(os.sep) + os.sep)


def _module_at(path: str) -> str | None:
    if os.path.isfile(path + ".py"):
        return path + ".py"
    package = os.path.join(path, "__init__.py")
    if os.path.isfile(package):
        return package
    return path if _holds_python(path) else None


def _holds_python(folder: str) -> bool:
    try:
        with os.scandir(folder) as entries:
            return any(entry.name.endswith(".py") for entry in entries)
    except OSError:
        return False


class Project:
    """What the programs of a run share: their modules, and what to say of a file that was not asked for."""

    def __init__(self, loader: Loader, linted: Mapping[str, str]) -> None:
        """``linted`` maps the real paths of the files to lint to the names that the user gave them."""
        self.modules = Modules()
        self._loader = loader
        self._linted = linted

    @cached_property
    def trees(self) -> Trees:
        """The modules' syntax trees."""
        from mllint.reader import Trees

        return Trees()

    def is_linted(self, file: str) -> bool:
        """Whether the run lints this file for its own sake."""
        return os.path.realpath(file) in self._linted

    def name(self, file: str) -> str:
        """As the user named it, else its path from the current folder."""
        known = self._linted.get(os.path.realpath(file))
        if known is not None:
            return known
        path = os.path.relpath(file)
        return file if path.startswith(os.pardir) else path

    def codes(self, file: str) -> frozenset[str]:
        """The rules that are on for it; none when it is excluded."""
        path = absolute(Path(file))
        settings = self._loader.of(path.parent)
        return frozenset() if settings.excludes(path) else settings.selected(path)
