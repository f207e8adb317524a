"""The rule book: one Markdown page a rule, found, read and indexed. ``python -m mllint.book`` writes the index."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from mllint.rule import FAMILIES, Rule, rules

SECTIONS = ("Why", "Wrong", "Right", "Not reported", "Known limits", "Sources")
"""The sections of a page, in their order."""
MANDATORY = ("Wrong", "Right", "Not reported")

_TITLE = re.compile(r"# (?P<name>[a-z0-9-]+) \((?P<code>ML\d{3})\)\s*")
_OPENING = re.compile(r"(?P<indent> {0,3})(?P<marks>`{3,}|~{3,})\s*(?P<language>[\w-]*)(?P<info>.*)")
_FRAMEWORKS = {
    "keras": "Keras",
    "torch": "PyTorch",
    "gluon": "gluon",
    "sklearn": "scikit-learn",
    "huggingface": "Hugging Face",
}
_ROOTS = {
    "keras": "keras",
    "tf_keras": "keras",
    "tensorflow": "keras",
    "torch": "torch",
    "torchvision": "torch",
    "mxnet": "gluon",
    "sklearn": "sklearn",
    "transformers": "huggingface",
}
_IMPORT = re.compile(r"^\s*(?:from|import)\s+(\w+)", re.MULTILINE)
_VERSION = re.compile(r'versions="([^"]*)"')


class BookError(Exception):
    """The rule book is missing, or a page does not have the form of a page."""


@dataclass(frozen=True, slots=True)
class Fence:
    """A fenced code block. ``row`` is the page's row of its first line of code."""

    language: str
    info: str
    text: str
    section: str
    row: int

    @property
    def words(self) -> tuple[str, ...]:
        """The info string's words behind the language, without quoted options."""
        return tuple(word for word in re.sub(r'\w+="[^"]*"', "", self.info).split())

    @property
    def versions(self) -> Mapping[str, str]:
        """The framework versions that ``versions="keras=2.15, torch=2.1"`` gives."""
        found = _VERSION.search(self.info)
        pairs = (pair.partition("=") for pair in found.group(1).split(",")) if found else ()
        return {package.strip(): version.strip() for package, _, version in pairs}


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the rule book."""

    path: Path
    name: str
    code: str
    summary: str
    text: str
    sections: Mapping[str, str] = field(repr=False)
    fences: tuple[Fence, ...] = field(repr=False)

    @property
    def family(self) -> str:
        """The folder it is in."""
        return self.path.parent.name

    @property
    def frameworks(self) -> tuple[str, ...]:
        """The frameworks that its wrong examples import; none for what the linter says about itself."""
        if self.family == "linter":
            return ()
        wrong = "\n".join(fence.text for fence in self.fences if fence.section == "Wrong")
        met = {_ROOTS.get(root) for root in _IMPORT.findall(wrong)}
        shown = [name for key, name in _FRAMEWORKS.items() if key in met]
        # A scikit-learn helper in an example about networks does not make the rule one about scikit-learn.
        if (
            len(shown) > 1
            and "sklearn" in met
            and not any(_about_sklearn(f.text) for f in self.fences if f.section == "Wrong")
        ):
            shown.remove(_FRAMEWORKS["sklearn"])
        return tuple(shown)


def _about_sklearn(text: str) -> bool:
    return {_ROOTS[root] for root in _IMPORT.findall(text) if root in _ROOTS} == {"sklearn"}


def folder() -> Path:
    """Where the rule book is: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).resolve().parent
    for candidate in (package / "_rules", package.parent / "rules"):
        if any((candidate / family).is_dir() for family in FAMILIES):
            return candidate
    raise BookError("the rule book is missing from this installation")


def read_page(path: Path) -> Page:
    """Read one page; raises ``BookError`` when its head has not the form of a page."""
    text = path.read_text(encoding="utf-8")
    title, _, rest = text.partition("\n")
    found = _TITLE.fullmatch(title)
    if found is None:
        raise BookError(f"{path}: the first line must be `# rule-name (ML000)`")
    summary = " ".join(rest.strip().split("\n\n", 1)[0].split())
    if not summary or summary.startswith(("#", "```", "|", "- ")):
        raise BookError(f"{path}: a one-sentence summary must follow the title")
    return Page(path, found["name"], found["code"], summary, text, _sections(text), tuple(fences(text)))


def _lines(text: str) -> Iterator[tuple[int, str, str]]:
    """Row, line and the closing marks of the fence that the line is inside of (empty outside)."""
    marks = ""
    for row, line in enumerate(text.splitlines(), 1):
        if marks:
            inside = marks
            if line.strip().startswith(marks) and not line.strip().strip(marks[0]):
                marks = inside = ""
            yield row, line, inside
        else:
            opening = _OPENING.match(line)
            yield row, line, ""
            marks = opening["marks"] if opening else ""


def _sections(text: str) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    title = ""
    for _, line, inside in _lines(text):
        if line.startswith("## ") and not inside:
            title = line[3:].strip()
            found[title] = []
        elif title:
            found[title].append(line)
    return {title: "\n".join(lines).strip() for title, lines in found.items()}


def fences(text: str) -> Iterator[Fence]:
    """The fenced code blocks of a Markdown text."""
    section, opening, start = "", None, 0
    body: list[str] = []
    for row, line, inside in _lines(text):
        if inside:
            body.append(line)
            continue
        if opening is not None:
            indent = len(opening["indent"])
            code = "".join(f"{each[indent:] if each[:indent].isspace() else each}\n" for each in body)
            yield Fence(opening["language"], opening["info"].strip(), code, section, start)
            opening, body = None, []
            continue
        opening, start = _OPENING.match(line), row + 1
        if line.startswith("## "):
            section = line[3:].strip()
    if opening is not None:
        raise BookError(f"the fence that opens at line {start - 1} is never closed")


@cache
def pages() -> tuple[Page, ...]:
    """Every page, in the order of the codes."""
    found = [read_page(path) for path in sorted(folder().glob("*/*.md"))]
    return tuple(sorted(found, key=lambda page: page.code))


def page(code_or_name: str) -> Page | None:
    """The page of a rule; None when there is none."""
    wanted = code_or_name.strip()
    return next((each for each in pages() if each.code == wanted.upper() or each.name == wanted.lower()), None)


def fix_kinds(page: Page) -> tuple[str, ...]:
    """The kinds of fixes that the rule offers on its page's wrong examples."""
    from mllint.reader import SyntaxProblem, read

    entry = rules().get(page.code)
    kinds: set[str] = set()
    for fence in page.fences:
        if entry is None or entry.check is None or fence.language != "python" or fence.section != "Wrong":
            continue
        try:
            program = read(fence.text, fence.versions).program
        except SyntaxProblem:
            continue
        for finding in entry.check(program):
            if finding.fix is not None:
                kinds.add("hint" if finding.fix.applicability == "display" else finding.fix.applicability)
    return tuple(kind for kind in ("safe", "unsafe", "hint") if kind in kinds)


def index() -> str:
    """The text of the rule book's ``README.md``."""
    lines = [
        "# The rules of mllint",
        "",
        "<!-- Written by `python -m mllint.book`; do not edit. -->",
        "",
        "A **safe** fix keeps what is trained, repairs what is reported, or repairs a program that would raise. An **unsafe**",
        "fix changes what is trained or reported. A **hint** is advice in words. Severities are the usual ones: some rules",
        "lower or raise theirs where it depends on the case or on the framework's version.",
    ]
    by_code = rules()
    for family in FAMILIES:
        entries = [by_code[each.code] for each in pages() if each.family == family and each.code in by_code]
        if entries:
            lines += [
                "",
                f"## {family}",
                "",
                "| code | name | severity | frameworks | what it finds | fix |",
                "| --- | --- | --- | --- | --- | --- |",
            ]
            lines += [_row(entry) for entry in entries]
    return "\n".join(lines) + "\n"


def _row(entry: Rule) -> str:
    found = page(entry.code)
    assert found is not None
    summary = found.summary.replace("|", "\\|")
    severity = entry.severity if entry.default else f"{entry.severity}, opt-in"
    cells = (
        entry.code,
        f"[{entry.name}]({found.family}/{found.name}.md)",
        severity,
        ", ".join(found.frameworks),
        summary,
        ", ".join(fix_kinds(found)),
    )
    return "| " + " | ".join(cells) + " |"


def main() -> int:
    """Write the index."""
    target = folder() / "README.md"
    target.write_text(index(), encoding="utf-8")
    print(f"wrote {target}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
