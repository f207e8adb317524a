"""Calls with too few, too many and odd arguments: every framework row must take them."""

from __future__ import annotations

import pytest

from mllint.reader import read

JAX = """
import equinox as eqx, flax, haiku as hk, jax, optax
import jax.numpy as jnp
from flax import linen as nn, nnx
from functools import partial
from functools import partial
jax.grad()(1); jax.value_and_grad(None)(2); jax.vmap(jax.vmap(jax.grad(lambda x: x)))(1)
f = jax.grad(f2) if flag else jax.vmap(g2)
for i in range(3):
    f = jax.vmap(f); f = partial(jax.grad(f), 1); f(2)
jax.lax.scan(*args); jax.lax.scan(f, init=1, xs=None); jax.lax.cond(True, f, f, 1); jax.lax.fori_loop(0, 3, lambda i, v: v, 1)
jax.nn.softmax(); jax.nn.softmax(1, 2, 3); jax.nn.one_hot(); jax.nn.one_hot(3, 4); jax.nn.one_hot([1, 2], num_classes=None)
jax.tree.map(lambda x: x, {"a": {"b": 1}}, {}); jax.tree.map(f, None); jax.random.randint(k, (), 0, 3); jax.random.normal(k); jax.random.permutation(k, 5)
jax.random.choice(k, 5, shape=(3,)); jax.random.bernoulli(k); jax.random.truncated_normal(k, -1, 1, (3, 4)); jax.random.uniform(k, shape=(2,), minval=-1)
nn.Dense()(1); nn.Dense(features=(3, 4))(x); nn.Dense(**kw)(x); nn.Sequential(layers)(x); nn.Sequential([*a, nn.relu])(x); nn.Sequential([])(x); nnx.Sequential(*ls)(x)
class A(nn.Module):
    sub: nn.Module
    def setup(self): self.a = A(self); self.b = [nn.Dense(i) for i in unknown]
    def __call__(self, x): return self.sub(self.a(x))
A(A(None)).apply({}, 1, method=A.nothing); A().apply(); A.apply({}, 1); A(1, 2, 3).apply({}, x, mutable=flag); A().bind({})(x)
class S(flax.training.train_state.TrainState): pass
S.create(); S.create(apply_fn=None, params=1, tx=2).apply_fn(1); S(1, 2); S.nothing(3)
flax.training.train_state.TrainState.create(apply_fn=A().apply).replace(a=1).apply_gradients().apply_fn
nnx.split(1); nnx.merge(1, 2); nnx.Optimizer(); nnx.Optimizer(model).update(); g, s, t = nnx.split(A(), nnx.Param, ...)
hk.transform(); hk.transform(f).apply(1); hk.without_apply_rng(1).apply(2); hk.transform_with_state(lambda x: x).apply(p, s, None, x); hk.nets.MLP([1, 2])(x); hk.nets.MLP(sizes)(x)
eqx.nn.Linear(1, "scalar", key=k)(x); eqx.filter_value_and_grad(f, has_aux=True)(x); eqx.nn.Lambda(jax.nn.relu)(x)
optax.softmax_cross_entropy(); optax.softmax_cross_entropy(1, 2); optax.l2_loss(x); optax.huber_loss(predictions=x, targets=y, delta=1.0); optax.adam().update(); optax.chain(*t).init(p)
"""

BOOSTERS = """
import catboost
import lightgbm as lgb
import xgboost as xgb
xgb.train(); xgb.train(params); xgb.train({}, None); xgb.train([1, 2, ("a",)], d); xgb.train({"objective": f, "num_class": None}, xgb.DMatrix()); xgb.DMatrix("train.svm.txt"); xgb.cv(p, d)
d = xgb.DMatrix(X); d.set_label(y); d.get_label(); d.num_row(); lgb.Dataset(X, y).construct().create_valid(X, y); lgb.Dataset(X, label=[1, 2]).set_label(None)
b = lgb.train({**p, "objective": "binary"}, d); b.predict(X, raw_score=flag); b.predict(); b.best_iteration; b.nothing(1); xgb.Booster(model_file="a").predict(d); xgb.Booster().nothing
catboost.train(pool=catboost.Pool(X), params={"loss_function": "MultiClass"}).predict(X); catboost.CatBoost({"a": 1}).fit(catboost.Pool(X, y)).predict(X, prediction_type=t)
xgb.XGBClassifier(**p).fit(X).predict(X); xgb.XGBClassifier().fit(X, y, eval_set=[(X, y)]).get_booster().predict(d); lgb.LGBMClassifier(objective=None).fit(X, y).booster_.predict(X); xgb.XGBRanker().fit(X, y, group=g).predict(X)
"""


@pytest.mark.parametrize("text", [JAX, BOOSTERS], ids=["jax", "boosters"])
def test_odd_calls(text: str) -> None:
    assert read(text).program.bodies
