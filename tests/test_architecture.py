"""Who may import whom, and what each framework needs."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import mllint
from mllint.frameworks import table

PACKAGE = Path(mllint.__file__).parent
MODULES = sorted(PACKAGE.rglob("*.py"))

MAY_IMPORT: dict[str, set[str]] = {
    "facts": set(),
    "diagnostic": set(),
    "values": {"facts"},
    "program": {"facts", "values"},
    "rule": {"facts", "values", "program", "diagnostic"},
    "frameworks": {"facts", "values", "program", "frameworks"},
    "checks": {"facts", "values", "program", "diagnostic", "rule", "checks"},
    "reader": {"facts", "values", "program", "diagnostic", "rule", "frameworks", "reader"},
}
"""Parts of the package that are not named here are the command around the engine: they may import the rest."""


def _part(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def _imports(path: Path) -> Iterator[tuple[int, str]]:
    """Row and full name of every import, wherever in the file it stands."""
    package = ("mllint", *path.relative_to(PACKAGE).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join((*base, node.module) if node.module else base)
            yield from ((node.lineno, f"{module}.{alias.name}") for alias in node.names)


def _violations(path: Path) -> Iterator[str]:
    part = _part(path)
    for row, name in _imports(path):
        root, _, rest = name.partition(".")
        if root == "libcst" and part != "reader":
            yield f"{path}:{row}: {part} imports libcst"
        elif root == "mllint" and part in MAY_IMPORT:
            imported = rest.partition(".")[0]
            if imported not in MAY_IMPORT[part]:
                yield f"{path}:{row}: {part} imports mllint.{imported}"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path: Path) -> None:
    assert not list(_violations(path))


def test_every_part_is_there() -> None:
    parts = {_part(path) for path in MODULES}
    assert set(MAY_IMPORT) <= parts


def test_a_wrong_import_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can fail: also for imports in functions and relative ones."""
    monkeypatch.setattr(f"{__name__}.PACKAGE", tmp_path)
    (tmp_path / "checks").mkdir()
    wrong = tmp_path / "checks" / "loss.py"
    wrong.write_text(
        "def f():\n    from ..reader import read\n    import libcst as cst\n    from mllint import frameworks\n"
    )
    assert [each.partition(": ")[2] for each in _violations(wrong)] == [
        "checks imports mllint.reader",
        "checks imports libcst",
        "checks imports mllint.frameworks",
    ]


@pytest.mark.parametrize("root", sorted({modules: root for root, modules in table.ROOTS.items()}.values()))
def test_a_framework_alone_brings_the_rows_for_arrays(root: str) -> None:
    """In a process of its own: other tests load the rest."""
    code = "import sys; from mllint.frameworks import table; table.load(sys.argv[1]); print(('Data', 'argmax') in table.METHODS)"
    done = subprocess.run([sys.executable, "-c", code, root], capture_output=True, text=True, check=True)
    assert done.stdout == "True\n"
