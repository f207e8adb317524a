"""What every test may rely on."""

from __future__ import annotations

from pathlib import Path

import pytest

from mllint.reader.engine import Interpreter

collect_ignore = ["cases", "describe", "notebooks", "projects"]
"""Programs that are linted, not run."""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, entered, with nothing above it that mllint would read settings from."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(autouse=True)
def rows_do_not_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    """A framework row that fails makes its result unknown for users; in the tests it is an error."""
    limit = Interpreter.limit

    def checked(self: Interpreter, message: str) -> None:
        assert not message.startswith("the row for"), message
        limit(self, message)

    monkeypatch.setattr(Interpreter, "limit", checked)
