"""Files that edits are made in: Python text and notebooks, with everything that is not edited kept as it is."""

from __future__ import annotations

import copy
import errno
import io
import json
import os
import re
import tempfile
import tokenize
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Protocol

from mllint.diagnostic import Location, TextEdit
from mllint.files import NOTEBOOK
from mllint.notebook import code_cells, source_of

_NEWLINE = re.compile(r"\r\n|\n|\r")
_INDENT = re.compile(r"\{\s*?\n([ \t]+)")


class CannotEdit(Exception):
    """The file cannot be written back without changing more than the edits do."""


class Document(Protocol):
    """A file's content."""

    def edited(self, edits: Iterable[TextEdit]) -> Document:
        """The document after edits, none of which overlap."""

    def encoded(self) -> bytes:
        """The file's bytes. Raises: CannotEdit."""


def document(path: Path, data: bytes) -> Document:
    """The document that a file holds.

    Raises: CannotEdit.
    """
    return NotebookDocument.read(data) if path.suffix == NOTEBOOK else TextDocument.read(data)


class TextDocument:
    """A Python file."""

    def __init__(self, text: str, encoding: str) -> None:
        self.text = text
        self._encoding = encoding

    @classmethod
    def read(cls, data: bytes) -> TextDocument:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return cls(data.decode(encoding), encoding)

    def edited(self, edits: Iterable[TextEdit]) -> TextDocument:
        return TextDocument(edited(self.text, edits), self._encoding)

    def encoded(self) -> bytes:
        try:
            return self.text.encode(self._encoding)
        except UnicodeEncodeError as error:
            raise CannotEdit(f"the fix needs a character that {self._encoding} lacks") from error


class NotebookDocument:
    """A notebook. Its JSON is written as it was: an edit changes the lines of the cells that it is in, nothing else."""

    def __init__(self, content: Any, style: _Style) -> None:
        self._content = content
        self._style = style

    @classmethod
    def read(cls, data: bytes) -> NotebookDocument:
        """Raises: CannotEdit."""
        text = data.decode("utf-8")
        style = _Style(text)
        content = json.loads(text.removeprefix("\ufeff"))
        if style.written(content) != text:
            raise CannotEdit("the notebook's JSON is laid out in a way that would not survive writing")
        return cls(content, style)

    def edited(self, edits: Iterable[TextEdit]) -> NotebookDocument:
        content = copy.deepcopy(self._content)
        by_cell: dict[int, list[TextEdit]] = {}
        for edit in edits:
            by_cell.setdefault(edit.cell or 1, []).append(edit)
        for number, cell in enumerate(code_cells(content), 1):
            if number in by_cell:
                key = "source" if "source" in cell else "input"
                text = edited(source_of(cell), by_cell[number])
                cell[key] = text if isinstance(cell[key], str) else text.splitlines(keepends=True)
        return NotebookDocument(content, self._style)

    def encoded(self) -> bytes:
        return self._style.written(self._content).encode("utf-8")


class _Style:
    """How a notebook's JSON is laid out."""

    def __init__(self, text: str) -> None:
        self._start = "\ufeff" if text.startswith("\ufeff") else ""
        text = text.removeprefix(self._start)
        indent = _INDENT.match(text)
        self._indent = None if indent is None else indent[1]
        self._newline = "\r\n" if "\r\n" in text else "\n"
        self._compact = self._indent is None and '": ' not in text
        self._ascii = "\\u" in text and text.isascii()
        self._end = text[len(text.rstrip()) :]

    def written(self, content: Any) -> str:
        separators = (", " if self._indent is None and not self._compact else ",", ":" if self._compact else ": ")
        text = json.dumps(content, indent=self._indent, ensure_ascii=self._ascii, separators=separators)
        return self._start + text.replace("\n", self._newline) + self._end


def edited(text: str, edits: Iterable[TextEdit]) -> str:
    """The text after edits, none of which overlap."""
    starts = [0, *(found.end() for found in _NEWLINE.finditer(text))]

    def offset(at: Location) -> int:
        return starts[at.row - 1] + at.column - 1 if at.row <= len(starts) else len(text)

    for edit in sorted(edits, key=lambda each: each.span, reverse=True):
        text = text[: offset(edit.span.start)] + edit.content + text[offset(edit.span.end) :]
    return text


def write(path: Path, data: bytes) -> None:
    """Replace a file's content at once, keeping its mode; a link stays one.

    Raises: OSError.
    """
    real = Path(os.path.realpath(path))
    if not os.access(real, os.W_OK):  # its folder may well allow to replace it
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    handle, name = tempfile.mkstemp(prefix=f".{real.name}.", dir=real.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, real.stat().st_mode & 0o7777)
        os.replace(name, real)
    except BaseException:
        os.unlink(name)
        raise
