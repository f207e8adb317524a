"""How the time for one file grows with its size: generated programs of 1,000 to 20,000 lines.

    python bench/scale.py [SHAPE ...] [--sizes 1000,5000,20000]

Prints for each shape of program and each size the CPU time of the bare parse, of reading and checking, and that per
1,000 lines, which stays about the same where the time is linear. The best of two runs.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

HEAD = """\
import numpy as np
import torch
from tensorflow import keras
from torch import nn
"""
TRAINING = """\
def train_{i}(model, loader, epochs=3):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.CrossEntropyLoss()
    best = 0.0
    for epoch in range(epochs):
        for batch, (x, y) in enumerate(loader):
            optimizer.zero_grad()
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            if batch % 100 == 0:
                print(epoch, loss.item())
    return best
"""
STATEMENTS = """\
x_{i} = np.random.rand(100, 20)
y_{i} = (x_{i}[:, 0] > 0.5).astype(int)
if len(x_{i}) > 50:
    x_{i} = x_{i} / x_{i}.max()
model_{i} = keras.Sequential([keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1, activation="sigmoid")])
model_{i}.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model_{i}.fit(x_{i}, y_{i}, epochs=3)
scores_{i} = [value for value in range(10) if value % 2]
"""
CLASS = """\
class Net{i}(nn.Module):
    def __init__(self, width=32):
        super().__init__()
        self.first = nn.Linear(10, width)
        self.second = nn.Linear(width, 3)

    def forward(self, x):
        x = torch.relu(self.first(x))
        return self.second(x)

    def fit(self, x, y):
        loss = nn.CrossEntropyLoss()(self(x), y)
        loss.backward()
"""


def _repeated(block: str, lines: int) -> Iterator[str]:
    yield HEAD
    for index in range(lines // (block.count("\n") or 1)):
        yield block.format(i=index)


def functions(lines: int) -> str:
    """Functions that nobody calls."""
    return "".join(_repeated(TRAINING, lines))


def statements(lines: int) -> str:
    """A notebook turned into a script: everything on the top level."""
    return "".join(_repeated(STATEMENTS, lines))


def classes(lines: int) -> str:
    """Models that nobody trains."""
    return "".join(_repeated(CLASS, lines))


def branches(lines: int) -> str:
    """One branch behind the other, with more and more variables."""
    return "".join(_repeated("if flag_{i}:\n    value_{i} = [{i}]\nelse:\n    value_{i} = [{i}, 1]\n", lines))


def relay(lines: int) -> str:
    """Functions of which each calls the next."""
    count = lines // 3
    body = "".join(f"def f{i}(x):\n    y = nn.Linear(4, 4)(x)\n    return f{i + 1}(y)\n" for i in range(count))
    return f"{HEAD}{body}def f{count}(x):\n    return x\nf0(torch.rand(2, 4))\n"


def pyramid(lines: int) -> str:
    """Functions of which each calls the next twice."""
    count = lines // 2
    body = "".join(f"def f{i}(x):\n    return f{i + 1}(f{i + 1}(x))\n" for i in range(count))
    return f"{HEAD}{body}def f{count}(x):\n    return x\nf0(torch.rand(2, 4))\n"


def chained(lines: int) -> str:
    """One expression of chained calls: ``x.relu().relu()…``, a call for every line of the size."""
    return f"{HEAD}x = torch.rand(2, 4)\ny = (x\n" + "    .relu()\n" * min(lines, 2000) + ")\n"


def elifs(lines: int) -> str:
    """One chain of alternatives."""
    rest = "".join(f"elif name == {i}:\n    model = nn.Linear({i}, 2)\n" for i in range(1, min(lines, 4000) // 2))
    return f"{HEAD}if name == 0:\n    model = nn.Linear(1, 2)\n{rest}model(torch.rand(2, 4))\n"


def table(lines: int) -> str:
    """A long literal."""
    return (
        f"{HEAD}rows = [\n"
        + "".join(f'    ("name{i}", {i}, {i}.5, None),\n' for i in range(lines))
        + "]\nfor row in rows:\n    print(row)\n"
    )


SHAPES: dict[str, Callable[[int], str]] = {
    each.__name__: each for each in (functions, statements, classes, branches, relay, pyramid, chained, elifs, table)
}


def measure(text: str) -> tuple[float, float]:
    """CPU seconds of the parse, and of parsing, reading and checking."""
    import libcst

    from mllint.reader import read
    from mllint.rule import rules

    parse = check = float("inf")
    for _ in range(2):
        gc.collect()
        gc.disable()
        start = time.process_time()
        libcst.parse_module(text)
        parsed = time.process_time()
        reading = read(text)
        for rule in rules().values():
            if rule.check is not None:
                for finding in rule.check(reading.program):
                    reading.resolver().span(finding.site)
        done = time.process_time()
        gc.enable()
        parse, check = min(parse, parsed - start), min(check, done - parsed)
    return parse, check


def main() -> None:
    """Measure the shapes that are named, or all."""
    from mllint.stack import with_deep_stack

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shapes", nargs="*", default=[*SHAPES])
    parser.add_argument("--sizes", default="1000,5000,20000")
    arguments = parser.parse_args()
    measure(HEAD)
    for name in arguments.shapes:
        for size in map(int, arguments.sizes.split(",")):
            text = SHAPES[name](size)
            parse, check = with_deep_stack(lambda text=text: measure(text))  # type: ignore[misc]
            lines = text.count("\n")
            print(
                f"{name:10} {lines:6} lines   parse {parse:7.3f} s   read and check {check:7.3f} s   "
                f"ratio {check / parse:5.2f}   {1000 * check / lines:6.3f} s for 1,000 lines",
                flush=True,
            )


if __name__ == "__main__":
    main()
