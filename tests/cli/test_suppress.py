"""Comments that silence findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from mllint.suppress import comments
from tests.cli.conftest import Run

pytestmark = pytest.mark.usefixtures("engine")


def found(mllint: Run, text: str) -> list[str]:
    out = mllint("check", "--output-format", "concise", "-", input=f"import keras\n{text}\n").out
    return [line.split(": ", 1)[1][:5] for line in out.splitlines()[:-1]]


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa",
        "#noqa",
        "# NOQA",
        "# noqa: ML108",
        "# noqa:ML108",
        "# noqa : ML108",
        "# noqa: ml108",
        "# noqa: E501, ML108",
        "# noqa: E501 ML108",
        "# noqa: ML108 because it is meant",
        "# noqa: ML1",
        "# a reason  # noqa: ML108",
        "# mllint: ignore",
        "# mllint:ignore",
        "# mllint: ignore[ML108]",
        "# mllint: ignore[bad-call]",
        "# mllint: ignore[ALL]",
        "# mllint: ignore[ML113, bad-call]",
        "# mllint: ignore[bad-call]  it is meant",
        "# type: ignore  # mllint: ignore[ML1]",
    ],
)
def test_silences(project: Path, mllint: Run, comment: str) -> None:
    assert found(mllint, f"bad(1)  {comment}") == []


@pytest.mark.parametrize(
    "comment",
    [
        "",
        "# noqa: ML113",
        "# noqa: E501",
        "# noqa: because",
        "# noqability",
        "# mllint: ignore[odd-word]",
        "# mllint: ignore[]",
        "# mllint: ignored",
        "# mllint: ignore-file",
        "+ '# noqa'",
        "+ '''\n# noqa\n'''",
        "\n# noqa",
    ],
)
def test_does_not_silence(project: Path, mllint: Run, comment: str) -> None:
    assert found(mllint, f"bad(1)  {comment}") == ["ML108"]


@pytest.mark.parametrize(
    "text",
    [
        "x = call(  # noqa\n    1,\n    bad(1),\n)",
        "x = call(\n    1,\n    bad(1),  # noqa\n)",
        "x = call(\n    1,\n    bad(1),\n)  # noqa",
        "x = bad(\n    1\n)  # noqa",
        "x = '''\n''' + bad(1)  # noqa",
        "x = 1 + \\\n    bad(1)  # noqa",
        "# noqa: ML113\n\nx = (\n    bad(1)\n)  # noqa",
    ],
)
def test_statements_of_several_rows(project: Path, mllint: Run, text: str) -> None:
    assert found(mllint, text) == []


@pytest.mark.parametrize(
    "text",
    [
        "x = 1  # noqa\ny = bad(1)",
        "x = bad(1)\ny = 1  # noqa",
        "x = call(\n    1,  # noqa\n    bad(1),\n)",
        "for x in y:  # noqa\n    1\nbad(1)",
        "x = 1  # noqa\ny = (\n    bad(1)\n)",
    ],
)
def test_other_statements_are_not_concerned(project: Path, mllint: Run, text: str) -> None:
    assert found(mllint, text) == ["ML108"]


def test_only_what_is_named(project: Path, mllint: Run) -> None:
    assert found(mllint, "bad(odd)  # noqa: ML108") == ["ML113"]
    assert found(mllint, "bad(odd)  # mllint: ignore[odd-word]") == ["ML108"]
    assert found(mllint, "bad(odd)  # noqa: ML108  # mllint: ignore[odd-word]") == []


@pytest.mark.parametrize(
    ("comment", "says"),
    [
        ("# noqa: ML999", "2:12: ML902 `ML999` names no rule\n"),
        ("# noqa: E501,ML109", "2:17: ML902 `ML109` names no rule"),
        ("# mllint: ignore[bad-cal]", "2:21: ML902 `bad-cal` names no rule; did you mean `bad-call`?"),
        ("# mllint: ignore[ML108, zzz]", "2:28: ML902 `zzz` names no rule"),
    ],
)
def test_unknown_rules_are_findings(project: Path, mllint: Run, comment: str, says: str) -> None:
    done = mllint("check", "--output-format", "concise", "-", input=f"import keras\nx  {comment}\n")
    assert done.out.startswith(f"-:{says}")
    assert done.code == 1


def test_codes_of_other_linters_are_not_ours(project: Path, mllint: Run) -> None:
    assert found(mllint, "x  # noqa: E501, F401,PLR0913") == []


def test_unknown_rules_where_nothing_else_is_read(project: Path, mllint: Run) -> None:
    done = mllint("check", "--output-format", "concise", "-", input="x = 1  # noqa: ML999\n")
    assert done.out.startswith("-:1:16: ML902")


def test_what_the_tokenizer_cannot_read_keeps_the_comments_before_it() -> None:
    assert len(comments("x = 1  # noqa\ny = '\n  (")) == 1
    assert comments("x = 1\r\ny = 2  # noqa\r\n")[0].rows == range(2, 3)
    assert comments("x = 1\ry = 2  # noqa\r")[0].rows == range(2, 3)
    assert comments("") == comments("noqa = 1") == ()
