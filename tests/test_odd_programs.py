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
    "functions mapped over themselves": "import jax\nf = print\nfor i in range(3):\n"
    "    f = jax.vmap(jax.grad(f)) if i else jax.vmap(f)\n    f(1)\n",
    "no index and no axis": "x = torch.zeros(1)\nx[()].backward()\nx.reshape(()).view([]).reshape(2)[()][0]\n",
    "odd windows": "ids = torch.tensor(tokens)\n"
    + "".join(f"x = ids[i:{end}]\n" for end in ("()", "(i for i in x)", "((n))", "(yield)", "9" * 5000)).replace(
        "x = ids[i:(yield)]", "def f(): return ids[i:(yield)]"
    ),
    "a model in itself": "import keras\nm = keras.Sequential()\nm.add(m)\nm.add(m)\nm(1)\nm.fit(m, m)\n",
    "models that hold each other twice": "m = torch.nn.Linear(3, 3)\nfor i in range(40): m = torch.nn.Sequential(m, m)\n"
    "m(torch.zeros(3))\n",
    "long chains": "if a == 0: x = 0\n" + "".join(f"elif a == {n}: x = {n}\n" for n in range(1, 1000)),
}


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_is_read(text: str) -> None:
    with_deep_stack(lambda: read("import torch\n" + text))


OBJECTS = r"""
x=[];y=[x];x.append(y); z = x==y
class A:
    def __getattr__(self, n): return getattr(self, n)
A().foo
class B:
    def __getattr__(self, n): return self.inner[n]
B().bar
from dataclasses import dataclass, field, asdict
@dataclass
class N:
    c: object = None
    d: object = field(default_factory=lambda: N())
n=N(); n.c=n; asdict(n)
@dataclass
class P1:
    q: object = field(default_factory=lambda: P2())
@dataclass
class P2:
    q: object = field(default_factory=P1)
P1()
from enum import Enum
class E(Enum):
    A = E
    B = lambda: 1
    C = [1]
    def __init__(self, *a): E(1)
E.A; E(3); E["A"]; E[E]; list(E); E.Z
class D(dict):
    def __init__(self, *a, **k):
        super().__init__(*a, **k); self.__dict__ = self
    def __getattr__(self, n): return self[n]
d = D(a=1); d.b.c; d["x"] = d; d.update(d); dict(d); d.copy(); {**d}; d.__dict__.__dict__
class S:
    @property
    def p(self): return self.p
    @p.setter
    def p(self, v): self.p = v
s = S(); s.p = 1; s.p
from contextlib import contextmanager
@contextmanager
def m():
    with m() as q: yield q
with m() as w: w
def f():
    with m() as w: return w
f()
@contextmanager
def lp():
    for i in range(3): yield i
for k in range(3):
    with lp() as j:
        if j: continue
        break
@f
@lp
@undefined
def g(): return g
g()
def deco(fn): return deco
@deco
def h(): pass
h()
match x:
    case [a, *b, c] if a: pass
    case {"k": v, **r}: pass
    case A(n=3) | B(): pass
    case (1 | 2) as t: pass
    case -1 | 1+2j | None: pass
    case str() | int(): pass
import argparse
p = argparse.ArgumentParser(); p.add_argument(); p.add_argument(*x); p.add_argument("--a", default=p, type=p); p.add_argument("-"); p.add_argument("--", dest="")
o = p.parse_args(); o.a.b; o.a = o; vars(o); vars(o)["a"]; p.parse_args(["--a"]); p.parse_args(x); p.parse_known_args()
if o.a:
    while o.a:
        if o.b: break
        else: continue
from collections import namedtuple, defaultdict
T = namedtuple("T", "a a b", defaults=[1,2,3,4]); T(); T(1,2,3,4,5)._replace(zz=1); T(*x); namedtuple(); namedtuple("T", [1]); T(1)[9]; T(1)["a"]
dd = defaultdict(lambda: dd[1]); dd[1]; dd[x]
ddd = defaultdict(); ddd[1]; defaultdict(int, {1:2})[3]
import operator, json, yaml
operator.itemgetter()(x); operator.attrgetter("a.b")(x)
json.loads("[" * 500); json.loads('{"a": NaN, "b": 1e999}'); yaml.safe_load("a: [1, {b"); yaml.safe_load("- a: b\\n- c"); yaml.safe_load(""); yaml.safe_load(":"); yaml.safe_load("a:\\n   b\\n  c: d"); yaml.safe_load("x: ''"); yaml.safe_load("x: \"")
"%s" % (1,) ; "%d" % "a"; "%(a)s" % {"a": 1}; f"{1:>{2}}"; f"{1:zz}"; "a".join(x); max([], key=len); sorted(x, key=lambda v: v); sorted([1, "a"]); min(x, key=x)
super(); super(A); super(A, 3).x; super(1, 2)
class W(W2 := 3): pass
class Q(*x, **d): pass
globals()["f"]; globals().update(x); vars(); vars(3); hasattr(x); callable(); isinstance(x, (int, (str, [list]))); isinstance(x, x)
1 in "a"; "a" in 3; E.A in E; x in x; [] < 3
def rec(fn=None, *, a=1):
    if fn is None: return lambda g: rec(g, a=a)
    return fn
@rec
def r1(): pass
@rec(a=2)
def r2(): pass
r1(); r2()
f.attr = f; f.attr.attr; f.zzz
class It:
    def __iter__(self): return self
a, b = It()
for q in It(): pass
class IS:
    def __init_subclass__(cls, **k): super().__init_subclass__(**k); cls.x = cls
class IS2(IS, z=1): pass
class IS3(IS2, **d): pass
def un(a=1, b=None, c="x", *args, d=2.0, **kw):
    if a: return 1
    elif b: raise
    while c: c = d
    return un(b, a, c)
"""


def test_odd_objects_are_read() -> None:
    """Classes, options, patterns and decorators that turn upon themselves."""
    with_deep_stack(lambda: read(OBJECTS))


def test_a_loop_over_zero_is_no_end() -> None:
    program = read("while 0:\n    pass\nreveal(1)\n").program
    assert [value for _, value in program.reveals] == ["1"]


def test_place_of_a_problem() -> None:
    with pytest.raises(SyntaxProblem) as caught:
        read("x = 1\ny = 2 3\n")
    assert caught.value.row == 2
    assert "error at" not in caught.value.message
