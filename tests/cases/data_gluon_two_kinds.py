import mxnet as mx, numpy as np
from mxnet import gluon, autograd, nd
from mxnet.gluon import nn

codes = {"p": 1, "q": 2}
rows = [l.split() for l in open("a.txt")]
labels = np.array([codes[r[0]] for r in rows], dtype="float32")
feats = np.array([r[1:] for r in rows], dtype="float32")
ds = gluon.data.ArrayDataset(feats, labels)
train = gluon.data.DataLoader(ds.transform_first(lambda x: x / 10), 16, shuffle=True, num_workers=2)


class Net(gluon.HybridBlock):
    def __init__(self):
        super().__init__()
        self.body = nn.Dense(16, activation="relu")
        self.out = nn.Dense(2)

    def hybrid_forward(self, F, x):
        return self.out(self.body(x))


def fit(net, data, epochs, ctx=mx.cpu()):
    net.initialize(ctx=ctx)
    loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()
    trainer = gluon.Trainer(net.collect_params(), "adam")
    for e in range(epochs):
        for x, y in data:
            xs = gluon.utils.split_and_load(x, [ctx])
            ys = gluon.utils.split_and_load(y, [ctx])
            with autograd.record():
                losses = [loss_fn(net(a), b) for a, b in zip(xs, ys)]
            autograd.backward(losses)
            trainer.step(x.shape[0])


fit(Net(), train, 3)
