"""`mllint rule`, `mllint rules` and `mllint program`, with the real rule book and engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from mllint import book
from mllint.rule import rules
from mllint.screen import may_matter
from tests.cli.conftest import Run

PAGES = [page for page in book.pages() if page.code in rules()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.code)
def test_rule_prints_the_page(mllint: Run, page: book.Page) -> None:
    by_code, by_name = mllint("rule", page.code), mllint("rule", page.name)
    assert by_code.out == by_name.out == page.text.rstrip("\n") + "\n"
    assert by_code.code == 0


def test_rule_that_is_none(mllint: Run) -> None:
    done = mllint("rule", "softmax-befor-cross-entropy")
    assert (done.code, done.out) == (2, "")
    assert done.err == (
        "mllint: `softmax-befor-cross-entropy` names no rule; did you mean `softmax-before-cross-entropy`?\n"
    )


def test_rules_lists_every_rule(mllint: Run) -> None:
    done = mllint("rules")
    assert done.code == 0
    assert [line.split()[:3] for line in done.out.splitlines()] == [
        [rule.code, rule.name, rule.severity] for rule in rules().values()
    ]
    for page in PAGES:
        assert page.summary in done.out


def test_program(project: Path, mllint: Run) -> None:
    text = "import torch\nmodel = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.Softmax(dim=1))\n"
    text += "torch.nn.CrossEntropyLoss()(model(torch.rand(2, 4)), torch.tensor([0, 2]))\n"
    (project / "a.py").write_text(text)
    done = mllint("program", "a.py")
    assert done.code == 0
    assert "Softmax" in done.out
    assert mllint("program", "-", input=text).out == done.out


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"x = (", "mllint: a.py:1:"),
        (b"x = \0", "mllint: a.py:1:5: holds a NUL byte"),
        (b"(" * 300 + b")" * 300, "mllint: a.py:1:201: not valid Python"),
    ],
)
def test_program_that_cannot_be_read(project: Path, mllint: Run, data: bytes, says: str) -> None:
    (project / "a.py").write_bytes(data)
    done = mllint("program", "a.py")
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(says)


def test_program_that_is_missing(project: Path, mllint: Run) -> None:
    assert mllint("program", "nowhere.py").err == "mllint: nowhere.py: no such file\n"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.code)
def test_what_a_rule_finds_is_read(page: book.Page) -> None:
    """The cheap test that spares the reading of a file never spares one that matters."""
    for fence in page.fences:
        if fence.section == "Wrong" and fence.language == "python" and "# error" in fence.text:
            assert page.family == "linter" or may_matter(fence.text), fence.text


def test_most_files_are_not_read() -> None:
    assert not may_matter("import re\n\n\ndef main() -> None:\n    print(re.compile('x'))\n")


@pytest.mark.parametrize("chain", ["elif", "sum"])
def test_long_chains(project: Path, mllint: Run, chain: str) -> None:
    """Parsers recurse on them."""
    texts = {"elif": "if a: pass\n" + "elif a: pass\n" * 1500, "sum": "x = a" + " + a" * 1500 + "\n"}
    (project / "a.py").write_text("import torch\n" + texts[chain])
    done = mllint("check")
    assert (done.code, done.err) == (0, "")
