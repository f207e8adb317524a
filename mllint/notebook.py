"""Jupyter notebooks: their code cells as one program, row for row, and from its rows back to the cells."""

from __future__ import annotations

import ast
import bisect
import json
import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mllint.diagnostic import Location, Span

PYTHON_CELLS = frozenset(
    {"capture", "debug", "ipytest", "memit", "mprun", "prun", "px", "python", "python3", "snakeviz", "time", "timeit", "wandb"}
)  # fmt: skip
"""Cell magics whose cell is Python all the same; any other cell is in another language or not run."""
PYTHON_LINES = frozenset({"memit", "mprun", "prun", "snakeviz", "time", "timeit"})
"""Line magics that run the Python behind them."""


class NotANotebook(Exception):
    """The text is no notebook. ``row`` and ``column`` count from 1."""

    def __init__(self, message: str, row: int = 1, column: int = 1) -> None:
        super().__init__(message)
        self.message, self.row, self.column = message, row, column


@dataclass(frozen=True, slots=True)
class Cells:
    """Where the code cells begin in the program that they make together."""

    starts: tuple[int, ...]
    """The first row of each, counted from 1."""
    indents: tuple[int, ...]
    """Columns by which each is indented as a whole: IPython does not mind."""

    def number(self, row: int) -> int:
        """The code cell that holds a row of the program, counted from 1."""
        return max(1, bisect.bisect_right(self.starts, row))

    def place(self, span: Span) -> tuple[int, Span]:
        """The cell in which a span begins and the span inside it."""
        cell = self.number(span.start.row)
        if not self.starts:
            return cell, span
        rows, columns = self.starts[cell - 1] - 1, self.indents[cell - 1]
        return cell, Span(_moved(span.start, rows, columns), _moved(span.end, rows, columns))

    def lines(self, program: Sequence[str], cell: int) -> Sequence[str]:
        """The lines of a cell, of those of the program."""
        end = self.starts[cell] - 1 if cell < len(self.starts) else len(program)
        return program[self.starts[cell - 1] - 1 : end]


def _moved(at: Location, rows: int, columns: int) -> Location:
    return Location(at.row - rows, at.column + columns)


@dataclass(frozen=True, slots=True)
class Problem:
    """A cell that is not Python. Rows count in the whole program."""

    message: str
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Notebook:
    """A notebook's code."""

    text: str
    """What Python runs: magics and shell commands are blanked out, row for row, as are cells that are not Python."""
    written: str
    """The same rows as their author wrote them."""
    cells: Cells
    problems: tuple[Problem, ...]


def read(text: str) -> Notebook:
    """The code cells of a notebook; none of one that is not in Python.

    Raises: NotANotebook.
    """
    if not text.strip():
        raise NotANotebook("not a notebook: the file is empty")
    try:
        content = json.loads(text, parse_int=float)  # no number matters here, and some are too long for ``int``
    except json.JSONDecodeError as error:
        raise NotANotebook(f"not a notebook: {error.msg}", error.lineno, error.colno) from error
    except RecursionError as error:
        raise NotANotebook("not a notebook: nested too deeply") from error
    cells = [_lines(source_of(cell)) for cell in code_cells(content)] if _is_python(content) else []
    starts: list[int] = []
    indents: list[int] = []
    code: list[str] = []
    written: list[str] = []
    problems: list[Problem] = []
    for source in cells:
        starts.append(len(code) + 1)
        indent = _indent(source)
        indents.append(indent)
        python, problem = _python([line[indent:] for line in source])
        if problem is not None:
            problems.append(Problem(problem.message, problem.row + len(code), problem.column))
        code += python
        written += source
    return Notebook(
        "\n".join([*code, ""]), "\n".join([*written, ""]), Cells(tuple(starts), tuple(indents)), tuple(problems)
    )


def _is_python(content: Any) -> bool:
    metadata = content.get("metadata") if isinstance(content, dict) else None
    for key, name in (("kernelspec", "language"), ("language_info", "name")):
        about = metadata.get(key) if isinstance(metadata, dict) else None
        language = about.get(name) if isinstance(about, dict) else None
        if isinstance(language, str):
            return "python" in language.lower()
    return True


def code_cells(content: Any) -> list[dict[str, Any]]:
    """The code cells: of ``cells``, or of ``worksheets`` in notebooks of before 2015.

    Raises: NotANotebook.
    """
    if not isinstance(content, dict):
        raise NotANotebook("not a notebook: no JSON object")
    sheets = content.get("worksheets")
    holders = sheets if isinstance(sheets, list) and "cells" not in content else [content]
    found: list[dict[str, Any]] = []
    for holder in holders:
        cells = holder.get("cells") if isinstance(holder, dict) else None
        if not isinstance(cells, list):
            raise NotANotebook("not a notebook: it has no list of `cells`")
        found += [cell for cell in cells if isinstance(cell, dict) and cell.get("cell_type") == "code"]
    return found


def source_of(cell: dict[str, Any]) -> str:
    """The text of a code cell."""
    source = cell.get("source", cell.get("input", ""))
    return "".join(each for each in (source if isinstance(source, list) else [source]) if isinstance(each, str))


def _lines(source: str) -> list[str]:
    return source.replace("\r\n", "\n").replace("\r", "\n").split("\n")


def _indent(lines: list[str]) -> int:
    """The columns of white space that all lines of a cell begin with."""
    indents = [line[: len(line) - len(line.lstrip())] for line in lines if line.strip()]
    shortest = min(indents, key=len, default="")
    return len(shortest) if all(indent.startswith(shortest) for indent in indents) else 0


def _python(lines: list[str]) -> tuple[list[str], Problem | None]:
    """A cell as Python, row for row; blank, with the problem, when it is none."""
    if _problem(lines) is None:
        return lines, None
    code = list(_without_magics(lines))
    problem = _problem(code)
    return (code, None) if problem is None else ([""] * len(lines), problem)


def _problem(lines: list[str]) -> Problem | None:
    """Why the running Python cannot parse a cell."""
    source = "\n".join(lines)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(source, "cell", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except SyntaxError as error:
        row = min(max(1, error.lineno or 1), len(lines))
        return Problem(error.msg, row, max(1, error.offset or 1))
    except (ValueError, RecursionError, MemoryError) as error:
        return Problem(str(error) or "nested too deeply", 1, 1)
    return None


_CELL_MAGIC = re.compile(r"\s*%%(\w+)")
_LINE_MAGIC = re.compile(r"(?P<indent>\s*)%(?P<name>\w+)(?P<options>(?:\s+-\w+(?:\s+\d+)?)*)\s*(?P<code>.*)")
_SHELL = re.compile(r"\s*(?:!|\?|(?:pip|conda)\s+install\b)")
_HELP = re.compile(r"\s*%?[\w.*]+(?:\[[^\]]*\])?\?{1,2}\s*")
_CAPTURED = re.compile(r"(\s*[\w., ]+?=\s*)[!%](?!=)")
_LEXEME = re.compile(
    r"\#.*|(?P<triple>'''|\"\"\")|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"|(?P<open>[(\[{])|(?P<close>[)\]}])"
)


def _without_magics(lines: list[str]) -> Iterator[str]:
    """The cell with what only IPython understands put into Python that does nothing."""
    first = next((index for index, line in enumerate(lines) if line.strip()), len(lines))
    magic = _CELL_MAGIC.match(lines[first]) if first < len(lines) else None
    if magic is not None and magic[1] not in PYTHON_CELLS:
        yield from [""] * len(lines)
        return
    inside = _Inside()
    continued = False
    for index, line in enumerate(lines):
        if continued or (magic is not None and index == first):
            continued = continued and line.rstrip().endswith("\\")
            yield ""
            continue
        code = None if inside else _plain(line)
        if code is None:
            inside.pass_over(line)
        else:
            continued = line.rstrip().endswith("\\")
        yield line if code is None else code


def _plain(line: str) -> str | None:
    """Python in the place of a line for IPython; None when it is none."""
    magic = _LINE_MAGIC.match(line)
    if magic is not None:
        code = magic["code"]
        if magic["name"] not in PYTHON_LINES or not code or _problem([code]) is not None:
            return f"{magic['indent']}pass"
        head = f"{magic['indent']}if 1:"
        alone = head + " " * max(1, magic.start("code") - len(head)) + code  # keeps the columns
        return alone if _problem([alone.lstrip()]) is None else magic["indent"] + code
    if _SHELL.match(line) or _HELP.fullmatch(line):
        return line[: len(line) - len(line.lstrip())] + "pass"
    captured = _CAPTURED.match(line)
    return None if captured is None else f"{captured[1]}..."


class _Inside:
    """Whether a line begins inside of brackets or a string."""

    def __init__(self) -> None:
        self._depth = 0
        self._quotes = ""

    def __bool__(self) -> bool:
        return self._depth > 0 or self._quotes != ""

    def pass_over(self, line: str) -> None:
        """Go on to the next line."""
        at = 0
        while at < len(line):
            if self._quotes:
                end = line.find(self._quotes, at)
                if end < 0:
                    return
                at, self._quotes = end + 3, ""
                continue
            found = _LEXEME.search(line, at)
            if found is None:
                return
            at = found.end()
            if found["triple"]:
                self._quotes = found["triple"]
            elif found["open"]:
                self._depth += 1
            elif found["close"]:
                self._depth = max(0, self._depth - 1)
