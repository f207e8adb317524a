"""Which files to lint, and from their bytes to text."""

from __future__ import annotations

import io
import os
import tokenize
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mllint.notebook import Cells, NotANotebook, Problem
from mllint.notebook import read as read_notebook
from mllint.settings import Settings, absolute

if TYPE_CHECKING:
    from pathspec import PathSpec

SKIPPED_FOLDERS = frozenset(
    {
        ".bzr", ".direnv", ".eggs", ".git", ".hg", ".ipynb_checkpoints", ".mypy_cache", ".nox", ".pants.d", ".pytest_cache",
        ".pytype", ".ruff_cache", ".svn", ".tox", ".venv", ".vscode", "__pycache__", "__pypackages__", "_build", "build",
        "dist", "node_modules", "site-packages", "venv",
    }
)  # fmt: skip
"""Folders never entered unless named on the command line."""


NOTEBOOK = ".ipynb"


class MissingPath(Exception):
    """A path given by the user does not exist."""


class Unreadable(Exception):
    """A file's bytes cannot be read as a Python program. ``row`` and ``column`` count from 1."""

    def __init__(self, message: str, row: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message, self.row, self.column = message, row, column


class Broken(Unreadable):
    """A file that can be read but is not what its name says: a notebook that is none."""


@dataclass(frozen=True, slots=True)
class Source:
    """A program to lint."""

    text: str
    written: str = ""
    """A notebook's code as its author wrote it, row for row; else empty."""
    cells: Cells | None = None
    """Where the code cells of a notebook begin; None for a Python file."""
    problems: tuple[Problem, ...] = field(default=())
    """Cells of a notebook that are not Python."""

    def lines(self, cell: int | None = None) -> Sequence[str]:
        """The lines as written; of one cell of a notebook."""
        lines = lines_of(self.written or self.text)
        return lines if cell is None or self.cells is None else self.cells.lines(lines, cell)


@dataclass(frozen=True, slots=True)
class Target:
    """A file to lint, with the settings of its folder."""

    path: Path
    settings: Settings


def find(paths: Iterable[Path], settings_of: Callable[[Path], Settings]) -> list[Target]:
    """The files to lint, sorted, each once. Files that are named are taken whatever they are; folders are searched.

    Raises: MissingPath, SettingsError.
    """
    found: dict[str, Target] = {}
    for path in paths:
        if path.is_dir():
            above = _ignored_above(path)
            # A folder that is named is searched although git ignores it.
            targets = _search(path, settings_of, () if _ignored(path, True, above) else above)
        elif path.exists():
            targets = iter([Target(path, settings_of(path.parent))])
        else:
            raise MissingPath(f"{path}: no such file or folder")
        for target in targets:
            found.setdefault(os.path.realpath(target.path), target)
    return sorted(found.values(), key=lambda target: target.path.parts)


def _search(folder: Path, settings_of: Callable[[Path], Settings], ignores: tuple[_Ignores, ...]) -> Iterator[Target]:
    settings = settings_of(folder)
    ignores = (*ignores, *_ignores_in(folder))
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        path = folder / entry.name
        if entry.is_symlink() and not os.path.exists(path):  # a link that leads nowhere or in circles
            continue
        if entry.is_dir():
            # A link to a folder may lead in circles; what it leads to is linted where it lives.
            if entry.is_symlink() or entry.name in SKIPPED_FOLDERS:
                continue
            if not settings.excludes(path, folder=True) and not _ignored(path, True, ignores):
                yield from _search(path, settings_of, ignores)
        elif (
            entry.name.endswith((".py", NOTEBOOK))
            and entry.is_file()
            and not settings.excludes(path)
            and not _ignored(path, False, ignores)
        ):
            yield Target(path, settings)


@dataclass(frozen=True, slots=True)
class _Ignores:
    """A ``.gitignore``."""

    folder: Path
    patterns: PathSpec[Any]

    def verdict(self, path: Path, folder: bool) -> bool | None:
        """Ignored, taken back by ``!``, or not mentioned."""
        name = path.relative_to(self.folder).as_posix() + ("/" if folder else "")
        return self.patterns.check_file(name).include


def _ignored(path: Path, folder: bool, ignores: tuple[_Ignores, ...]) -> bool:
    """Whether git would ignore the path: the deepest ``.gitignore`` that mentions it decides."""
    path = absolute(path)
    for each in reversed(ignores):
        verdict = each.verdict(path, folder)
        if verdict is not None:
            return verdict
    return False


def _ignores_in(folder: Path) -> tuple[_Ignores, ...]:
    file = folder / ".gitignore"
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    from pathspec import GitIgnoreSpec

    try:
        return (_Ignores(absolute(folder), GitIgnoreSpec.from_lines(lines)),)
    except ValueError:
        return ()


def _ignored_above(folder: Path) -> tuple[_Ignores, ...]:
    """The ``.gitignore`` files of the folders above, up to the root of the repository; none outside of one."""
    folder = absolute(folder)
    if (folder / ".git").exists():
        return ()
    above: list[Path] = []
    for parent in folder.parents:
        above.append(parent)
        if (parent / ".git").exists():
            return tuple(each for parent in reversed(above) for each in _ignores_in(parent))
    return ()


def source(path: Path, data: bytes | None = None) -> Source:
    """The program in a file, from its bytes where they are there already.

    Raises: Unreadable, Broken.
    """
    content = _bytes(path) if data is None else data
    if path.suffix != NOTEBOOK:
        return Source(decode(content))
    try:
        text = content.decode("utf-8")  # whatever its first lines declare: JSON is always UTF-8
    except UnicodeDecodeError as error:
        byte = content[error.start]
        raise Unreadable(f"is not valid UTF-8: byte 0x{byte:02x}", *_place(content, error.start)) from error
    try:
        notebook = read_notebook(text.removeprefix("\ufeff"))
    except NotANotebook as problem:
        raise Broken(problem.message, problem.row, problem.column) from problem
    return Source(notebook.text, notebook.written, notebook.cells, notebook.problems)


def read(path: Path) -> str:
    """The text of a file.

    Raises: Unreadable.
    """
    return decode(_bytes(path))


def _bytes(path: Path) -> bytes:
    """Raises: Unreadable."""
    try:
        if path.exists() and not path.is_file():  # reading a pipe or a device would wait for ever
            raise Unreadable("not a regular file")
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror or error}") from error


def decode(data: bytes) -> str:
    """The text of a Python program, by its byte-order mark or coding comment, else UTF-8. Line ends stay as they are.

    Raises: Unreadable.
    """
    nul = data.find(b"\0")
    if nul >= 0:
        what = "UTF-16 text or a binary file" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "a binary file"
        raise Unreadable(f"holds a NUL byte: not Python source but {what}", *_place(data, nul))
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
    except SyntaxError as error:
        if "unknown encoding" in str(error):
            raise Unreadable(f"declares an encoding that does not exist: {_after_colon(str(error))}") from error
        encoding = "utf-8"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        byte = data[error.start]
        raise Unreadable(
            f"is not valid {error.encoding}: byte 0x{byte:02x}; an encoding other than UTF-8 must be declared in the "
            "first line, as in `# -*- coding: latin-1 -*-`",
            *_place(data, error.start),
        ) from error
    except (LookupError, ValueError) as error:  # ``rot13`` is an encoding, but not of text
        raise Unreadable(f"cannot be decoded as {encoding}: {error}") from error


def _place(data: bytes, offset: int) -> tuple[int, int]:
    before = data[:offset].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    line = before.rpartition(b"\n")[2]
    return before.count(b"\n") + 1, len(line.decode("utf-8", errors="replace").removeprefix("\ufeff")) + 1


def _after_colon(text: str) -> str:
    return text.rpartition(": ")[2]


def lines_of(text: str) -> list[str]:
    """The lines as Python counts them: form feeds and Unicode separators do not end one."""
    return text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
