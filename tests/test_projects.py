"""Projects of several files: what a run over all of them says.

``expected`` in each folder under ``tests/projects`` lists every finding, one a line::

    engine.py:27: ML108 because models/net.py:12

that is file, row and code, then as far as they matter the places that the evidence must name.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import pytest

from mllint import files
from mllint.diagnostic import Diagnostic
from mllint.lint import Job, gathered, lint
from mllint.project import Project
from mllint.settings import Loader, Selection
from tests.pages import codes

FOLDER = Path(__file__).parent / "projects"
_LINE = re.compile(r"(?P<place>\S+:\d+): (?P<code>ML\d{3})(?: because (?P<because>\S+(?:, \S+)*))?")


def findings(paths: Iterable[Path]) -> list[Diagnostic]:
    """What a run over these files says, by all rules."""
    linted = {os.path.realpath(path): str(path) for path in paths}
    project = Project(Loader(Selection(select=("ALL",))), linted)
    asked = codes()
    outcomes = [
        lint(Job(name, partial(files.source, Path(name)), asked, {}, name, project)) for name in linted.values()
    ]
    assert not [crash for outcome in outcomes for crash in outcome.crashes]
    return gathered(outcomes)


def _place(folder: Path, filename: str, row: int) -> str:
    return f"{Path(filename).relative_to(folder).as_posix()}:{row}"


@pytest.mark.parametrize(
    "folder", sorted(each for each in FOLDER.iterdir() if each.is_dir()), ids=lambda each: each.name
)
def test_project(folder: Path) -> None:
    wanted = [
        _LINE.fullmatch(line.strip()) for line in (folder / "expected").read_text("utf-8").splitlines() if line.strip()
    ]
    assert None not in wanted, "a line of `expected` is not understood"
    found = findings(sorted(folder.rglob("*.py")))
    shown = "\n".join(f"{each.filename}:{each.span.start.row}: {each.code} {each.message}" for each in found)
    places = [(_place(folder, each.filename, each.span.start.row), each.code) for each in found]
    assert places == [(line["place"], line["code"]) for line in wanted if line], shown
    for each, line in zip(found, wanted, strict=True):
        because = {_place(folder, note.filename, note.span.start.row) for note in each.related}
        asked = set((line["because"] or "").split(", ")) - {""} if line else set()
        assert asked <= because, because


@pytest.fixture
def softmax_elsewhere(tmp_path: Path) -> Path:
    """A program whose model, in another file, ends in softmax."""
    (tmp_path / "net.py").write_text(
        "from torch import nn\n\n\ndef build(classes):\n    return nn.Sequential(nn.Linear(20, classes), nn.Softmax(dim=1))\n"
    )
    (tmp_path / "main.py").write_text(
        "import torch\nfrom net import build\n\nmodel = build(5)\ncriterion = torch.nn.CrossEntropyLoss()\n"
        "for x, y in loader:\n    loss = criterion(model(x), y)\n"
    )
    return tmp_path


def test_a_program_linted_alone_reads_what_it_imports(softmax_elsewhere: Path) -> None:
    (found,) = findings([softmax_elsewhere / "main.py"])
    assert (found.code, found.span.start.row) == ("ML108", 7)
    assert found.fix is not None
    assert found.fix.edits == ()  # the layer to take out is in a file that the finding is not in


def test_a_module_that_is_no_python_is_as_if_it_were_not_there(softmax_elsewhere: Path) -> None:
    (softmax_elsewhere / "net.py").write_text("def build(:\n")
    assert findings([softmax_elsewhere / "main.py"]) == []


def test_a_finding_in_a_module_is_silenced_by_a_comment_there(tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(
        "from torch import nn\nfrom steps import step\n\nmodel = nn.Sequential(nn.Linear(20, 5), nn.Softmax(dim=1))\n"
        "step(model, x, y)\n"
    )
    line = "    return nn.functional.cross_entropy(model(x), y)"
    (tmp_path / "steps.py").write_text(f"from torch import nn\n\n\ndef step(model, x, y):\n{line}\n")
    (found,) = findings([tmp_path / "main.py"])
    assert (Path(found.filename).name, found.code, found.span.start.row) == ("steps.py", "ML108", 5)
    (tmp_path / "steps.py").write_text(f"from torch import nn\n\n\ndef step(model, x, y):\n{line}  # noqa: ML108\n")
    assert findings([tmp_path / "main.py"]) == []


def test_what_a_module_does_wrong_by_itself_is_told_once_and_only_where_it_is_linted(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(
        "from torch import nn\n\nnet = nn.Sequential(nn.Linear(20, 5), nn.Softmax(dim=1))\nvalue = 3\n\n\n"
        "def loss(x, y):\n    return nn.functional.cross_entropy(net(x), y)\n"
    )
    (tmp_path / "main.py").write_text("import torch\nfrom broken import loss\n\nloss(torch.rand(8, 20), labels)\n")
    assert findings([tmp_path / "main.py"]) == []
    (found,) = findings([tmp_path / "main.py", tmp_path / "broken.py"])
    assert (Path(found.filename).name, found.span.start.row) == ("broken.py", 8)


def test_modules_that_import_each_other(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "from b import *\nimport b\nfrom torch import nn\nCLASSES = b.CLASSES\nloss = nn.CrossEntropyLoss()\n"
    )
    (tmp_path / "b.py").write_text("from a import CLASSES as KNOWN\nimport a\nCLASSES = 3\n")
    assert findings([tmp_path / "a.py", tmp_path / "b.py"]) == []


def test_names_that_modules_pass_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import torch\nfrom b import *\nfrom b import loss\nloss(1)\nother(2)\n")
    (tmp_path / "b.py").write_text("from c import *\nfrom c import loss\n")
    (tmp_path / "c.py").write_text("from b import *\nfrom b import loss\n")
    assert findings([tmp_path / "a.py", tmp_path / "b.py"]) == []


def test_a_chain_of_imports_longer_than_any_budget(tmp_path: Path) -> None:
    for number in range(60):
        (tmp_path / f"m{number}.py").write_text(f"import torch\nfrom m{number + 1} import CLASSES\nN = CLASSES\n")
    (tmp_path / "m60.py").write_text("CLASSES = 3\n")
    assert findings(sorted(tmp_path.glob("*.py"))) == []
