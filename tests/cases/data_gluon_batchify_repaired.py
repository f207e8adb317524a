import mxnet as mx, numpy as np
from mxnet import gluon, autograd, nd
from mxnet.gluon import nn
from mxnet.gluon.data import ArrayDataset, DataLoader, SimpleDataset

names = ["n1", "n2", "n3"]
lines = open("x.txt").read().splitlines()
samples = []
for line in lines:
    a, name = line.split(";")
    samples.append((np.fromstring(a, sep=","), names.index(name)))
ds = SimpleDataset(samples)


def batchify(data):
    xs, ys = zip(*data)
    return nd.array(np.stack(xs)), nd.array(ys)


loader = DataLoader(ds, batch_size=8, shuffle=True, batchify_fn=batchify)
net = nn.Dense(3)
net.initialize()
loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()
trainer = gluon.Trainer(net.collect_params(), "sgd")
for x, y in loader:
    with autograd.record():
        l = loss_fn(net(x), y)
    l.backward()
    trainer.step(8)
