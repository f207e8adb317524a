"""What `mllint program` says of a program: tests/describe holds programs and what is to be said of each, as it is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from mllint.describe import describe
from mllint.reader import read

PROGRAMS = sorted((Path(__file__).parent / "describe").glob("*.py"))


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: path.stem)
def test_described(path: Path) -> None:
    assert describe(read(path.read_text(encoding="utf-8"))) == path.with_suffix(".txt").read_text(encoding="utf-8")


def test_there_are_programs() -> None:
    assert len(PROGRAMS) > 5


PROGRAM = """\
import pandas as pd
import torch
from sklearn.preprocessing import StandardScaler
from torch import nn

frame = pd.read_csv("train.csv")
scaled = StandardScaler().fit_transform(frame)
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
criterion = nn.CrossEntropyLoss()

def train(loader):
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        if len(x) > 4:
            optimizer.step()
"""


def test_every_part_is_told_with_its_line() -> None:
    text = describe(read(PROGRAM))
    titles = [line for line in text.splitlines() if line and not line.startswith(" ")]
    assert titles == ["Models", "Losses", "Transforms", "Loops"]
    assert "Losses\n    15  CrossEntropyLoss (torch, expects logits, targets integer-or-distribution)" in text
    assert "    prediction: linear of 3" in text
    assert "     7  StandardScaler.fit_transform on all rows, columns: both [read (line 6)]" in text
    parts = ("    14    zero_grad of SGD", "    16    backward", "    18    step of SGD (perhaps)")
    assert sorted(parts, key=text.index) == list(parts)


def test_a_file_without_training() -> None:
    assert describe(read("import os\n")) == "nothing of a training program was found\n"


def test_a_loop_in_a_branch_is_doubtful() -> None:
    text = "import random, torch\nnet = torch.nn.Linear(2, 2)\nif random.random() > 0.5:\n    for _ in range(100):\n        net.train()\n"
    shown = describe(read(text))
    assert "for loop (perhaps)" in shown
    assert "for loop (perhaps)" not in describe(read(text.replace("if random.random() > 0.5", "if True")))
