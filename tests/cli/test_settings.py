"""``[tool.mllint]``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run

ALL = "import keras\nbad(1)\nodd\nrare\n"

pytestmark = pytest.mark.usefixtures("engine")


def configure(folder: Path, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "pyproject.toml").write_text(text)
    (folder / "a.py").write_text(ALL)


def found(mllint: Run, *arguments: str) -> list[str]:
    """``path:line: code`` of each finding."""
    out = mllint("check", "--output-format", "concise", *arguments).out
    lines = [line.split(":", 3) for line in out.splitlines()[:-1]]
    return [f"{path}:{row}:{rest[:6]}" for path, row, _, rest in lines]


@pytest.mark.parametrize(
    ("settings", "arguments", "expected"),
    [
        ("select = ['ML205']", [], ["ML205"]),
        ("select = ['rare-word', 'ML113']", [], ["ML113", "ML205"]),
        ("ignore = ['ML108']", [], ["ML113"]),
        ("extend-select = ['ML2']", [], ["ML108", "ML113", "ML205"]),
        ("select = ['ML1']\nignore = ['ML113']", [], ["ML108"]),
        ("select = []", [], []),
        ("ignore = ['ML108']", ["--ignore", "ML113"], []),
        ("select = ['ML205']", ["--select", "ML108"], ["ML108"]),
        ("ignore = ['ML1']", ["--select", "ML1"], ["ML108", "ML113"]),
        ("select = ['ML205']", ["--extend-select", "ML108"], ["ML108", "ML205"]),
        ("per-file-ignores = {'a.py' = ['ML1']}", [], []),
        ("per-file-ignores = {'b.py' = ['ML1']}", [], ["ML108", "ML113"]),
        ("per-file-ignores = {'*.py' = ['odd-word'], 'b.py' = ['ML1']}", [], ["ML108"]),
        ("[tool.mllint.per-file-ignores]\n'a.py' = ['ML113']", ["--extend-select", "ML205"], ["ML108", "ML205"]),
    ],
)
def test_selection(project: Path, mllint: Run, settings: str, arguments: list[str], expected: list[str]) -> None:
    configure(project, f"[tool.mllint]\n{settings}\n")
    assert [each[-5:] for each in found(mllint, *arguments)] == expected


def test_versions(project: Path, mllint: Run) -> None:
    configure(project, "[tool.mllint.versions]\nkeras = '2.15'\nscikit-learn = '>=1.3'\n")
    assert "odd in Keras 2.15\n" in mllint("check").out
    assert "odd in Keras 2.15\n" in mllint("check", "-", input=ALL).out


def test_the_nearest_file_with_our_table_counts(project: Path, mllint: Run) -> None:
    """For each file, wherever the command is run: so that a hook that names single files says the same."""
    configure(project, "[tool.mllint]\nselect = ['ML108']\n")
    configure(project / "own", "[tool.mllint]\nselect = ['ML113']\n")
    configure(project / "other", "[tool.ruff]\n# not mllint's\n")
    configure(project / "none", "")
    expected = ["a.py:2: ML108", "none/a.py:2: ML108", "other/a.py:2: ML108", "own/a.py:3: ML113"]
    assert sorted(found(mllint)) == expected
    assert found(mllint, "own/a.py") == ["own/a.py:3: ML113"]
    assert sorted(found(mllint, "a.py", "own", "none", "other")) == expected


def test_the_file_above_counts_from_below(project: Path, mllint: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    configure(project, "[tool.mllint]\nselect = ['ML108']\nper-file-ignores = {'sub/b.py' = ['ML108']}\n")
    (project / "sub").mkdir()
    (project / "sub" / "b.py").write_text(ALL)
    monkeypatch.chdir(project / "sub")
    assert found(mllint, ".", "../a.py") == ["../a.py:2: ML108"]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ("selct = ['ML1']", "2: `selct` is no setting of mllint; did you mean `select`?"),
        ("zzz = 1", "2: `zzz` is no setting of mllint"),
        ("select = 'ML1'", "2: `select` must be a list of strings"),
        ("\nignore = [1]", "3: `ignore` must be a list of strings"),
        ("exclude = {}", "2: `exclude` must be a list of strings"),
        ("exclude = ['a', '!']", "2: `exclude` holds a pattern that cannot be used: Invalid git pattern: '!'"),
        ("per-file-ignores = []", "2: `per-file-ignores` must be a table of glob = [rules]"),
        ("per-file-ignores = {'a.py' = 'ML1'}", "2: `a.py` must be a list of strings"),
        ("versions = '2'", '2: `versions` must be a table of package = "version"'),
        (
            "[tool.mllint.versions]\nkeras = 2.15",
            '3: `keras` in `versions` must be a version in quotes, such as "2.15"',
        ),
        ("versions = {torch = 'new'}", '2: `torch` in `versions` must be a version in quotes, such as "2.15"'),
        ("versions = {kreas = '2'}", "2: `kreas` in `versions` is no package that mllint knows; did you mean `keras`?"),
    ],
)
def test_wrong_settings(project: Path, mllint: Run, settings: str, says: str) -> None:
    configure(project, f"[tool.mllint]\n{settings}\n")
    done = mllint("check")
    assert (done.code, done.out, done.err) == (2, "", f"mllint: {project}/pyproject.toml:{says}\n")


def test_not_a_table(project: Path, mllint: Run) -> None:
    configure(project, "[tool]\nmllint = 1\n")
    assert mllint("check").err == f"mllint: {project}/pyproject.toml:2: `mllint` must be a table\n"


def test_not_toml(project: Path, mllint: Run) -> None:
    configure(project, "[tool.mllint]\nselect = [\n")
    done = mllint("check")
    assert done.code == 2
    assert done.err.startswith(f"mllint: {project}/pyproject.toml: not TOML: ")


def test_files_that_do_not_mention_us_are_not_judged(project: Path, mllint: Run) -> None:
    configure(project, "[tool.\n")
    assert mllint("check").code == 1


def test_unknown_rules_are_findings(project: Path, mllint: Run) -> None:
    configure(
        project,
        "[tool.other]\nx = 'ML909'\n[tool.mllint]\nselect = [\n  'ML113',\n  'ML909',\n]\nper-file-ignores = {'x.py' = ['bad-cal']}\n",
    )
    done = mllint("check", "--output-format", "concise")
    assert done.out == (
        "pyproject.toml:6:4: ML902 `ML909` names no rule\n"
        "pyproject.toml:8:32: ML902 `bad-cal` names no rule; did you mean `bad-call`?\n"
        "a.py:3:1: ML113 odd in Keras the newest\n"
        "Found 3 findings (3 warnings) in 1 file in 0.00 s.\n"
    )
    assert done.code == 1
    assert "6 |   'ML909',\n  |    ^^^^^\n" in mllint("check").out
    assert found(mllint, "--ignore", "ML902") == ["a.py:3: ML113"]


def test_an_empty_selection_is_no_selection(project: Path, mllint: Run) -> None:
    output = mllint("check", "--select", "", ".")
    assert (output.code, output.err) == (2, "mllint: --select: no rule is named\n")
