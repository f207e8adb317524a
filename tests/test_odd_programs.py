"""Programs that no one would write, but that would hang, exhaust or crash a careless reader."""

from __future__ import annotations

import pytest

from mllint.reader import SyntaxProblem, read
from mllint.stack import with_deep_stack


def _nested(line: str, depth: int) -> str:
    return "".join("    " * level + line.format(level) + "\n" for level in range(depth)) + "    " * depth + "x = 1\n"


PROGRAMS = {
    "powers": "a = 10**10**10\nb = pow(10, 10**9)\nc = 1 << 10**9\nx = 2\n" + "x = pow(x, x)\n" * 8,
    "repeated text": "a = 'a' * 10**9\nb = 10**9 * b'a'\nc = b'a' * 10**9\nd = '%999999999d' % 1\ne = '{:999999999}'.format(1)\n",
    "doubled text": "s = 'ab'\n" + "s = f'{s}{s}'\n" * 60,
    "doubled lists": "s = [1]\nt = (1,)\nu = [1]\n" + "s = s + s\nt = (*t, *t)\nu = [*u, *u]\n" * 60,
    "doubled tuples": "x = (1, 2)\n" + "x = (x, x)\n" * 64 + "y = set([x])\n",
    "large numbers": f"x = 0x{'f' * 6000}\ny = f'{{x}}'\nz = {'9' * 5000}\n",
    "out of bounds": "range(10**30)\n[] * 10**30\n[1] * -10**30\nx = []\nx.insert(10**30, 1)\nx[10**30]\n",
    "nested comprehension": "x = [1 " + " ".join(f"for a{level} in range(32)" for level in range(8)) + "]\n",
    "comprehensions in each other": "x = " + "[" * 8 + "1" + " for _ in range(32)]" * 8 + "\n",
    "nested loops": _nested("for a{0} in [1, 2, 3, 4, 5, 6, 7, 8]:", 10),
    "callable class of itself": "class A: pass\nA.__call__ = A()\nA()(1)\n",
    "long line of classes": "class C0: pass\n"
    + "".join(f"class C{level}(C{level - 1}):\n    def f(self): return super().f()\n" for level in range(1, 300))
    + "C299().f()\n",
    "containers of themselves": "x = []\nx.append(x)\nx += x\nd = {}\nd['d'] = d\nd.update(d)\nfor y in x: x.append(y)\n",
    "properties of themselves": "class A:\n    @property\n    def a(self): return self.b\n    @property\n    def b(self): return self.a + self.a\nA().a\n",
    "mutual recursion": "def a(x): return b(x, x)\ndef b(x, y): return a(x) + a([y])\na(1)\n",
    "long chains": "if a == 0: x = 0\n" + "".join(f"elif a == {n}: x = {n}\n" for n in range(1, 1000)),
}


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_is_read(text: str) -> None:
    with_deep_stack(lambda: read("import torch\n" + text))


def test_a_loop_over_zero_is_no_end() -> None:
    program = read("while 0:\n    pass\nreveal(1)\n").program
    assert [value for _, value in program.reveals] == ["1"]


def test_place_of_a_problem() -> None:
    with pytest.raises(SyntaxProblem) as caught:
        read("x = 1\ny = 2 3\n")
    assert caught.value.row == 2
    assert "error at" not in caught.value.message
