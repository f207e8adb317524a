"""The rule book's pages and the rules are one thing: the examples are the tests."""

from __future__ import annotations

from collections.abc import Iterator

import libcst
import pytest

from mllint import book
from mllint.book import Fence, Page
from mllint.rule import Rule, rules
from tests.pages import apply, expected, lint, places, spellings, without_markers

PAGES = book.pages()
OWN_TESTS = {"ML903"}
"""What cannot be shown as text: the command's tests show it."""


def _code(page: Page) -> Iterator[Fence]:
    return (fence for fence in page.fences if fence.language == "python")


def _cases() -> Iterator[object]:
    for page in PAGES:
        for fence in _code(page):
            if page.code not in OWN_TESTS:
                yield pytest.param(page, fence, id=f"{page.name}:{fence.row}")


CASES = list(_cases())


def _report(page: Page, fence: Fence, text: str) -> str:
    return "\n".join([f"{page.path}:{fence.row}", *(f"  {each}" for each in lint(text, fence.versions, [page.code]))])


def test_the_book_has_pages() -> None:
    assert PAGES


@pytest.mark.parametrize("rule", rules().values(), ids=lambda rule: rule.code)
def test_every_rule_has_its_page(rule: Rule) -> None:
    page = book.page(rule.code)
    assert page is not None, f"no page for {rule.code}"
    assert (page.name, page.family, page.path.name) == (rule.name, rule.family, f"{rule.name}.md")
    assert book.page(rule.name) is page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_page_has_its_form(page: Page) -> None:
    assert page.code in rules(), f"{page.path}: no such rule"
    titles = list(page.sections)
    assert [title for title in book.SECTIONS if title in titles] == titles, f"{page.path}: {titles}"
    for title in book.MANDATORY:
        assert page.sections.get(title), f"{page.path}: the section {title} is missing or empty"
    assert page.summary.endswith("."), page.summary
    if page.code not in OWN_TESTS:
        for title in ("Wrong", "Right"):
            assert any(fence.section == title for fence in _code(page)), f"{page.path}: no example in {title}"


@pytest.mark.parametrize(("page", "fence"), CASES)
def test_example_gives_exactly_its_findings(page: Page, fence: Fence) -> None:
    wanted = expected(fence.text, page.code)
    if fence.section == "Wrong" and "fixed" not in fence.words:
        assert wanted, f"{page.path}:{fence.row}: a wrong example without # error"
    if fence.section in ("Right", "Not reported", "Known limits") or "fixed" in fence.words:
        assert not wanted, f"{page.path}:{fence.row}: an error in an example of {fence.section}"
    assert places(lint(fence.text, fence.versions, [page.code])) == wanted, _report(page, fence, fence.text)


@pytest.mark.parametrize(("page", "fence"), CASES)
def test_example_in_other_spellings(page: Page, fence: Fence) -> None:
    if "as-written" in fence.words:
        return
    wanted = expected(fence.text, page.code)
    for name, text in spellings(fence.text).items():
        assert places(lint(text, fence.versions, [page.code])) == wanted, (
            f"{name}: {_report(page, fence, text)}\n{text}"
        )


def _fixed() -> Iterator[object]:
    for page in PAGES:
        before: Fence | None = None
        for fence in _code(page):
            if "fixed" in fence.words:
                assert before is not None, f"{page.path}:{fence.row}: nothing before it to be fixed"
                yield pytest.param(page, before, fence, id=f"{page.name}:{fence.row}")
            else:
                before = fence


@pytest.mark.parametrize(("page", "wrong", "fixed"), list(_fixed()))
def test_fix_makes_the_fixed_example(page: Page, wrong: Fence, fixed: Fence) -> None:
    own = [each for each in lint(wrong.text, wrong.versions, [page.code]) if each.code == page.code]
    assert own, f"{page.path}:{wrong.row}: nothing found"
    assert all(each.edits for each in own), f"{page.path}:{wrong.row}: a finding without edits"
    after = without_markers(apply(wrong.text, (edit for each in own for edit in each.edits)))
    assert after == fixed.text
    libcst.parse_module(after)
    assert page.code not in {each.code for each in lint(after, wrong.versions, [page.code])}, _report(
        page, fixed, after
    )


def test_every_offered_edit_leaves_a_program() -> None:
    """Also where the page shows no fixed example, what is offered must parse and silence the finding."""
    for page in PAGES:
        for fence in _code(page):
            for each in lint(fence.text, fence.versions, [page.code]):
                if each.edits:
                    after = apply(fence.text, each.edits)
                    libcst.parse_module(after)
                    assert (each.code, each.message) not in {
                        (other.code, other.message)
                        for other in lint(after, fence.versions, [page.code])
                        if other.row == each.row
                    }, f"{page.path}:{fence.row}: the fix of {each} changes nothing"


def test_the_index_is_current() -> None:
    target = book.folder() / "README.md"
    assert target.read_text(encoding="utf-8") == book.index(), "run `python -m mllint.book`"
