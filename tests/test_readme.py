"""What the README shows is what mllint does."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from mllint.book import Fence, fences

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")


def _fence(mark: str) -> Fence:
    """The fence behind a comment."""
    row = TEXT.splitlines().index(mark) + 1
    return next(fence for fence in fences(TEXT) if fence.row == row + 2)


def test_the_sample_is_what_the_example_gives() -> None:
    command = [sys.executable, "-m", "mllint", "check", "--exit-zero", "examples"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True)
    shown = _fence("<!-- sample -->").text.strip().split("\n\n")
    assert len(shown) > 1
    given = done.stdout.split("\n\n")
    for finding in shown:
        assert finding in given, f"{finding}\n\nis not in\n\n{done.stdout}"


def test_the_commands_are_marked() -> None:
    for name in ("run", "test"):
        fence = _fence(f"<!-- ci: {name} -->")
        assert fence.language == "sh"
        assert len(fence.text.splitlines()) == 1
