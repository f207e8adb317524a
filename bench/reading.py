"""How much reading and checking costs beside the bare parse of the same files.

    python bench/reading.py FOLDER [FOLDER ...]

Prints the time of ``libcst.parse_module`` over all Python files below the folders, the time of parsing, reading and
checking them (findings resolved to places), and the ratio; the best of three rounds, each in a process of its own, the
two taken in turns. Once with Python's own garbage-collector settings for both, once with the collector paused during
each file for both, as mllint does it.
"""

from __future__ import annotations

import argparse
import gc
import subprocess
import sys
import time
from pathlib import Path

ROUNDS = 3
WARM = """\
import {roots}
keras.optimizers.Adam(lr=0.1)
model.fit(x)
"""
"""Loads everything that is loaded once a run: the framework tables, and by its finding what prints places."""
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


def _texts(folders: list[str]) -> list[str]:
    texts = []
    for folder in folders:
        for path in [Path(folder)] if Path(folder).is_file() else sorted(Path(folder).rglob("*.py")):
            try:
                texts.append(path.read_text(encoding="utf-8"))
            except (OSError, UnicodeDecodeError):
                continue
    return texts


def _warm() -> str:
    from mllint.frameworks.table import ROOTS

    return WARM.format(roots=", ".join(ROOTS))


def _parse(text: str) -> None:
    import libcst

    try:
        libcst.parse_module(text)
    except (libcst.ParserSyntaxError, RecursionError):
        return


def _check(text: str) -> None:
    from mllint.reader import SyntaxProblem, read
    from mllint.rule import rules

    try:
        reading = read(text)
    except (SyntaxProblem, RecursionError):
        return
    found = [f for rule in rules().values() if rule.check and rule.default for f in rule.check(reading.program)]
    if found:
        resolver = reading.resolver()
        for finding in found:
            resolver.span(finding.site)


def _measure(task: str, collector: str, folders: list[str]) -> float:
    """Seconds that one pass over the files takes; imports and framework tables are warm."""
    texts = _texts(folders)
    work = {"parse": _parse, "check": _check}[task]
    work(_warm())
    start = time.process_time()
    for text in texts:
        if collector == "paused":
            gc.disable()
        work(text)
        gc.enable()
    return time.process_time() - start


def _best(collector: str, folders: list[str]) -> dict[str, float]:
    best = {"parse": float("inf"), "check": float("inf")}
    for _ in range(ROUNDS):
        for task in best:
            command = [sys.executable, __file__, "--task", task, "--collector", collector, *folders]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            best[task] = min(best[task], float(done.stdout))
    return best


def main() -> None:
    """Measure, or print one measurement when asked by the measuring process."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--task", choices=("parse", "check"), help=argparse.SUPPRESS)
    parser.add_argument("--collector", choices=("default", "paused"), default="default", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.task:
        print(_measure(arguments.task, arguments.collector, arguments.folders))
        return
    texts = _texts(arguments.folders)
    print(f"{len(texts)} files, {sum(text.count(chr(10)) for text in texts)} lines; best of {ROUNDS}")
    for collector in ("default", "paused"):
        best = _best(collector, arguments.folders)
        ratio = best["check"] / best["parse"]
        print(
            f"collector {collector:8} parse_module {best['parse']:7.3f} s   "
            f"read and check {best['check']:7.3f} s   ratio {ratio:.2f}"
        )


if __name__ == "__main__":
    main()
