"""Helpers for the tests that read example programs: what is found where, what is asked for, what the edits make of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from mllint.diagnostic import Location, TextEdit
from mllint.files import Source
from mllint.lint import Job
from mllint.lint import lint as lint_file
from mllint.rule import rules

ERROR = re.compile(r"[ \t]*# error(?::[ \t]*(?P<codes>ML\d{3}(?:,[ \t]*ML\d{3})*))?[ \t]*$", re.MULTILINE)
MENTIONS_ERROR = re.compile(r"#\s*error\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """One finding in an example."""

    row: int
    code: str
    message: str
    severity: str = "error"
    because: frozenset[int] = frozenset()
    """Rows of the evidence."""
    edits: tuple[TextEdit, ...] = ()

    def __str__(self) -> str:
        because = f" because {sorted(self.because)}" if self.because else ""
        return f"{self.row}: {self.code} {self.severity}{because} says {self.message}"


UNASKED = frozenset({"ML317", "ML322", "ML607", "ML701", "ML707"})
"""Rules that have to be asked for and speak of very many programs: they run only where they are expected."""


def codes(asked: Iterable[str] = ()) -> frozenset[str]:
    """The rules that run where these are expected."""
    return frozenset(rules()) - (UNASKED - frozenset(asked))


def lint(text: str, versions: Mapping[str, str] | None = None, asked: Iterable[str] = ()) -> list[Found]:
    """Everything that every rule says about a program, in the order of the rows."""
    outcome = lint_file(Job("example.py", lambda: Source(text), codes(asked), versions or {}))
    assert not outcome.crashes, "\n".join(outcome.crashes)
    found = [
        Found(
            each.span.start.row,
            each.code,
            each.message,
            each.severity,
            frozenset(note.span.start.row for note in each.related),
            each.fix.edits if each.fix is not None else (),
        )
        for each in outcome.diagnostics
    ]
    return sorted(found, key=lambda each: (each.row, each.code))


def expected(text: str, code: str) -> list[tuple[int, str]]:
    """Rows and codes that the example's ``# error`` comments ask for."""
    return sorted(_expected(text, code))


def _expected(text: str, code: str) -> Iterator[tuple[int, str]]:
    for row, line in enumerate(text.splitlines(), 1):
        marker = ERROR.search(line)
        if marker is None:
            assert not MENTIONS_ERROR.search(line), f"not understood: {line.strip()}"
            continue
        for each in (marker["codes"] or code).split(","):
            yield row, each.strip()


def places(found: Iterable[Found]) -> list[tuple[int, str]]:
    """Rows and codes of findings."""
    return sorted((each.row, each.code) for each in found)


def without_markers(text: str) -> str:
    """The example as a user would have it, without its ``# error`` comments."""
    return ERROR.sub("", text)


def apply(text: str, edits: Iterable[TextEdit]) -> str:
    """The text after the edits, which must not overlap."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))

    def offset(at: Location) -> int:
        return starts[at.row - 1] + at.column - 1

    end = len(text)
    for edit in sorted(set(edits), key=lambda each: (each.span.start, each.span.end), reverse=True):
        assert offset(edit.span.end) <= end, f"overlapping edits at {edit.span.start}"
        end = offset(edit.span.start)
        text = text[:end] + edit.content + text[offset(edit.span.end) :]
    return text


_TF_NAMED = re.compile(r"^from tensorflow import keras$", re.MULTILINE)
_TF_FROM = re.compile(r"^(\s*from )tensorflow\.keras\b", re.MULTILINE)
_TF_IMPORT = re.compile(r"^(\s*import )tensorflow\.keras(\.\w+)* as ", re.MULTILINE)
_FROM = re.compile(r"^(\s*from )keras\b", re.MULTILINE)
_IMPORT = re.compile(r"^import keras$", re.MULTILINE)
_IMPORT_AS = re.compile(r"^import keras as (\w+)$", re.MULTILINE)
_OTHER = re.compile(r"^\s*import (?:keras|tensorflow\.keras)\.", re.MULTILINE)
_DOTTED = re.compile(r"\btf\.keras\b")


def spellings(text: str) -> dict[str, str]:
    """The program with its Keras imports written in other ways; row by row the same program."""
    if "keras" not in text or _OTHER.search(text):
        return {}
    plain = _TF_NAMED.sub("import keras", text)
    plain = _TF_FROM.sub(r"\1keras", plain)
    plain = _TF_IMPORT.sub(lambda m: m[0].replace("tensorflow.keras", "keras"), plain)
    if not (_FROM.search(plain) or _IMPORT.search(plain) or _IMPORT_AS.search(plain) or _DOTTED.search(text)):
        return {}
    tensorflow = _FROM.sub(r"\1tensorflow.keras", _IMPORT.sub("from tensorflow import keras", plain))
    tensorflow = _IMPORT_AS.sub(r"from tensorflow import keras as \1", tensorflow)
    assigned = _IMPORT.sub("import tensorflow as tf; keras = tf.keras", plain)
    assigned = _IMPORT_AS.sub(r"import tensorflow; \1 = tensorflow.keras", assigned)
    private = _FROM.sub(r"\1keras.api", _IMPORT.sub("import keras.api as keras", plain))
    variants = {
        "keras": plain,
        "tensorflow.keras": tensorflow,
        "assigned": assigned,
        "keras.api": private,
        "dotted": _DOTTED.sub("tf.compat.v1.keras", text),
    }
    return {name: variant for name, variant in variants.items() if variant != text}
