"""Comments that silence findings: ``# noqa``, ``# noqa: ML101`` and ``# mllint: ignore[rule-name]``."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mllint.rule import Rule

_NOQA = re.compile(
    r"#\s*noqa\b(?P<codes>\s*:\s*(?P<list>[A-Za-z]+[0-9]+(?:(?:\s*,\s*|\s+)[A-Za-z]+[0-9]+)*)?)?", re.IGNORECASE
)
_IGNORE = re.compile(r"#\s*mllint\s*:\s*ignore\b(?!-)(?P<rules>\s*\[(?P<list>[^\]]*)\])?")
_WORD = re.compile(r"[^\s,]+")
_OURS = re.compile(r"ML\d+")


@dataclass(frozen=True, slots=True)
class Named:
    """A rule's code, code prefix or name in a comment. The column counts from 1."""

    text: str
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Comment:
    """A suppression comment and the rows it speaks for. ``rules`` is None when it silences every rule."""

    rows: range
    rules: tuple[Named, ...] | None

    def silences(self, rule: Rule, rows: Iterable[int]) -> bool:
        """Whether it silences the rule's finding that belongs to any of these rows."""
        return any(row in self.rows for row in rows) and (
            self.rules is None
            or any(rule.named_by(each.text) or rule.named_by(each.text.upper()) for each in self.rules)
        )


def comments(text: str) -> tuple[Comment, ...]:
    """The suppression comments of a program.

    A comment speaks for its row; the one behind a statement of several rows, for the first row of that statement too,
    since inside brackets and strings there may be no place for it.
    """
    lowered = text.lower()
    if "noqa" not in lowered and "mllint" not in lowered:
        return ()
    return tuple(_read(text))


def _read(text: str) -> Iterator[Comment]:
    first: int | None = None
    held: list[tuple[int, str, int]] = []
    for token in _tokens(text):
        if token.type == tokenize.COMMENT:
            held.append((token.start[0], token.string, token.start[1]))
            if first is None:
                yield from _comments(held, token.start[0], token.start[0])
                held.clear()
        elif token.type == tokenize.NEWLINE:
            yield from _comments(held, first or token.start[0], token.start[0])
            first = None
            held.clear()
        elif first is None and token.type not in (tokenize.NL, tokenize.INDENT, tokenize.DEDENT):
            first = token.start[0]
    yield from _comments(held, first or 0, 0)


def _tokens(text: str) -> Iterator[tokenize.TokenInfo]:
    """Tokens as far as the tokenizer gets: newer syntax than the running Python's may stop it."""
    try:
        yield from tokenize.generate_tokens(io.StringIO(text, newline=None).readline)
    except (tokenize.TokenError, SyntaxError):
        return


def _comments(held: Iterable[tuple[int, str, int]], first: int, last: int) -> Iterator[Comment]:
    for row, string, column in held:
        rows = range(first, row + 1) if row == last else range(row, row + 1)
        for pattern, every in ((_NOQA, "codes"), (_IGNORE, "rules")):
            for found in pattern.finditer(string):
                yield Comment(rows, _named(found, row, column) if found[every] else None)


def _named(found: re.Match[str], row: int, column: int) -> tuple[Named, ...]:
    if not found["list"]:
        return ()
    start = column + found.start("list") + 1
    return tuple(Named(word[0], row, start + word.start()) for word in _WORD.finditer(found["list"]))


def unknown(comments: Iterable[Comment]) -> Iterator[Named]:
    """What the comments name that is no rule. Codes of other linters in ``# noqa`` are none of ours."""
    from mllint.settings import names_a_rule

    for comment in comments:
        for each in comment.rules or ():
            foreign = re.fullmatch(r"[A-Za-z]+\d+", each.text) and not _OURS.fullmatch(each.text.upper())
            text = each.text.upper() if _OURS.fullmatch(each.text.upper()) else each.text
            if not foreign and not names_a_rule(text):
                yield each
