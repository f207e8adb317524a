"""What to check and how: ``[tool.mllint]`` of the nearest ``pyproject.toml``, overridden by the command line."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

if TYPE_CHECKING:
    from pathspec import PathSpec

    from mllint.rule import Rule

FILE = "pyproject.toml"
KEYS = ("select", "extend-select", "ignore", "per-file-ignores", "exclude", "versions")

PACKAGES = {
    "keras": "keras",
    "tensorflow": "tensorflow",
    "tf-keras": "tf_keras",
    "torch": "torch",
    "pytorch": "torch",
    "torchvision": "torchvision",
    "lightning": "lightning",
    "pytorch-lightning": "lightning",
    "mxnet": "mxnet",
    "scikit-learn": "sklearn",
    "sklearn": "sklearn",
    "imbalanced-learn": "imblearn",
    "imblearn": "imblearn",
    "numpy": "numpy",
    "pandas": "pandas",
}
"""Packages whose version may be given, each with the name it is imported by."""

_VERSION = re.compile(r"\s*(?:[=~^<>!]+\s*)?\d+(?:\.[\w*]+)*\s*")


class SettingsError(Exception):
    """The settings cannot be used; the run cannot be done."""


@dataclass(frozen=True, slots=True)
class UnknownSelector:
    """A selector in the configuration file that names no rule. Rows and columns count from 1."""

    text: str
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Selection:
    """Rules asked for and rules refused. The more specific selector wins; at a draw the refusal does."""

    select: tuple[str, ...] | None = None
    """``None``: the rules that are on by default."""
    extend: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()

    def overridden(self, by: Selection) -> Selection:
        """This selection under the command line's: a new ``select`` starts afresh, anything else adds."""
        if by.select is not None:
            return by
        return Selection(self.select, self.extend + by.extend, self.ignore + by.ignore)

    def takes(self, rule: Rule) -> bool:
        """Whether the rule is on. What the linter says about itself is on unless refused."""
        refused = _strength(rule, self.ignore)
        if rule.check is None:
            return not refused
        if self.select is None:
            wanted = max(1 if rule.default else 0, _strength(rule, self.extend))
        else:
            wanted = _strength(rule, self.select + self.extend)
        return wanted > refused


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings for the files of one folder."""

    root: Path
    """What globs are relative to: the folder of the configuration file, else the current folder."""
    file: Path | None = None
    selection: Selection = Selection()
    per_file_ignores: tuple[tuple[str, tuple[str, ...]], ...] = ()
    exclude: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict, hash=False)
    unknown: tuple[UnknownSelector, ...] = ()

    def selected(self, path: Path) -> frozenset[str]:
        """The codes of the rules that are on for a file."""
        from mllint.rule import rules

        ignore = tuple(
            selector
            for glob, selectors in self.per_file_ignores
            if _globs((glob,)).match_file(relative(path, self.root))
            for selector in selectors
        )
        return frozenset(
            rule.code
            for rule in rules().values()
            if self.selection.takes(rule) and not (ignore and _strength(rule, ignore))
        )

    def excludes(self, path: Path, *, folder: bool = False) -> bool:
        """Whether ``exclude`` names the path."""
        if not self.exclude:
            return False
        return _globs(self.exclude).match_file(relative(path, self.root) + ("/" if folder else ""))


class Loader:
    """The settings of each folder, under the command line's selection."""

    def __init__(self, override: Selection = Selection()) -> None:
        self._override = override
        self._known: dict[Path, Settings] = {}

    def of(self, folder: Path) -> Settings:
        """The settings for the files in a folder: those of the nearest configuration file above them.

        Raises: SettingsError.
        """
        folder = absolute(folder)
        if folder not in self._known:
            settings = load(folder / FILE)
            if settings is not None:
                settings = replace(settings, selection=settings.selection.overridden(self._override))
            elif folder.parent != folder:
                settings = self.of(folder.parent)
            else:
                settings = Settings(Path.cwd(), selection=self._override)
            self._known[folder] = settings
        return self._known[folder]


def load(file: Path) -> Settings | None:
    """The settings in a configuration file; None when there is no such file or no ``[tool.mllint]`` in it.

    Raises: SettingsError.
    """
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{file}: {error}") from error
    if "mllint" not in text:
        return None
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file}: not TOML: {error}") from error
    tool = document.get("tool")
    table = tool.get("mllint") if isinstance(tool, dict) else None
    return None if table is None else _Table(file, text, table).settings()


def unknown_message(selector: str) -> str:
    """What to say about a selector that names no rule."""
    guess = did_you_mean(selector)
    return f"`{selector}` names no rule" + (f"; did you mean `{guess}`?" if guess else "")


def did_you_mean(selector: str) -> str | None:
    """The rule code or name that a misspelt selector probably means."""
    from mllint.rule import rules

    code = re.fullmatch(r"[A-Za-z]*(\d+)", selector)
    if code is not None:
        # One code is not like another: only the letters can be misspelt.
        guess = f"ML{code[1]}"
        return guess if guess != selector and names_a_rule(guess) else None
    names = [rule.name for rule in rules().values()]
    return next(iter(get_close_matches(selector.lower().replace("_", "-"), names, 1)), None)


def names_a_rule(selector: str) -> bool:
    """Whether a selector names any rule."""
    from mllint.rule import rules

    return any(rule.named_by(selector) for rule in rules().values())


def absolute(path: Path) -> Path:
    """The path from the root of the file system, without ``..``, links left as they are."""
    return Path(os.path.abspath(path))


def relative(path: Path, root: Path) -> str:
    """The path from ``root``, with forward slashes; the path itself when it lies elsewhere."""
    path = absolute(path)
    return (path.relative_to(root) if path.is_relative_to(root) else path).as_posix()


def _strength(rule: Rule, selectors: Iterable[str]) -> int:
    """How specifically selectors name a rule: 0 not at all, 1 everything, then by length, a name as much as a code."""
    best = 0
    for selector in filter(rule.named_by, selectors):
        best = max(best, 1 if selector == "ALL" else 100 if selector in (rule.name, rule.code) else len(selector))
    return best


@cache
def _globs(patterns: tuple[str, ...]) -> PathSpec[Any]:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(patterns)


class _Table:
    """``[tool.mllint]``, read with the file and line of whatever is wrong in it."""

    def __init__(self, file: Path, text: str, table: object) -> None:
        self.file = file
        self.lines = text.splitlines()
        self.start = next(
            (row for row, line in enumerate(self.lines) if re.match(r"\s*\[\s*tool\s*\.\s*mllint", line)), 0
        )
        if not isinstance(table, dict):
            raise self.error("mllint", "must be a table")
        self.table = table

    def settings(self) -> Settings:
        """Raises: SettingsError."""
        for key in self.table:
            if key not in KEYS:
                guess = get_close_matches(str(key), KEYS, 1)
                raise self.error(key, "is no setting of mllint" + (f"; did you mean `{guess[0]}`?" if guess else ""))
        select = self.strings("select") if "select" in self.table else None
        selection = Selection(select, self.strings("extend-select"), self.strings("ignore"))
        per_file = self.per_file_ignores()
        named = [*(select or ()), *selection.extend, *selection.ignore, *(s for _, each in per_file for s in each)]
        return Settings(
            root=self.file.parent,
            file=self.file,
            selection=selection,
            per_file_ignores=per_file,
            exclude=self.globs("exclude", self.strings("exclude")),
            versions=self.versions(),
            unknown=tuple(self.unknown(each) for each in dict.fromkeys(named) if not names_a_rule(each)),
        )

    def strings(self, key: str) -> tuple[str, ...]:
        return self.checked_strings(key, self.table.get(key, []))

    def checked_strings(self, key: str, value: object) -> tuple[str, ...]:
        if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
            raise self.error(key, "must be a list of strings")
        return tuple(value)

    def globs(self, key: str, patterns: tuple[str, ...]) -> tuple[str, ...]:
        try:
            _globs(patterns)
        except ValueError as error:
            raise self.error(key, f"holds a pattern that cannot be used: {error}") from error
        return patterns

    def per_file_ignores(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        value = self.table.get("per-file-ignores", {})
        if not isinstance(value, dict):
            raise self.error("per-file-ignores", "must be a table of glob = [rules]")
        pairs = []
        for glob, selectors in value.items():
            self.globs(glob, (glob,))
            pairs.append((glob, self.checked_strings(glob, selectors)))
        return tuple(pairs)

    def versions(self) -> dict[str, str]:
        value = self.table.get("versions", {})
        if not isinstance(value, dict):
            raise self.error("versions", 'must be a table of package = "version"')
        versions = {}
        for package, version in value.items():
            name = PACKAGES.get(package.lower().replace("_", "-"))
            if name is None:
                guess = get_close_matches(package, PACKAGES, 1)
                hint = f"; did you mean `{guess[0]}`?" if guess else f"; it knows {', '.join(sorted(PACKAGES))}"
                raise self.error(package, f"in `versions` is no package that mllint knows{hint}")
            if not isinstance(version, str) or not _VERSION.fullmatch(version):
                raise self.error(package, 'in `versions` must be a version in quotes, such as "2.15"')
            versions[name] = version.strip()
        return versions

    def unknown(self, selector: str) -> UnknownSelector:
        for row, line in enumerate(self.lines[self.start :], self.start + 1):
            for quoted in (f'"{selector}"', f"'{selector}'"):
                column = line.find(quoted)
                if column >= 0:
                    return UnknownSelector(selector, row, column + 2)
        return UnknownSelector(selector, self.start + 1, 1)

    def error(self, key: object, problem: str) -> SettingsError:
        pattern = re.compile(rf"(?:.*[\s.\[{{,\"'])?{re.escape(str(key))}\"?'?\s*[=\]]")
        row = next(
            (row for row, line in enumerate(self.lines[self.start :], self.start + 1) if pattern.match(line)), None
        )
        place = f"{self.file}:{row}" if row is not None else str(self.file)
        return SettingsError(f"{place}: `{key}` {problem}")
