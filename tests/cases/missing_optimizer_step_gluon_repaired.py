"""Leaf classification with gluon: the batch loop and the fit loop are functions of their own."""

from mxnet import autograd, gluon, init, nd
from mxnet.gluon import nn


def build(classes):
    net = nn.HybridSequential()
    net.add(nn.Dense(64, activation="relu"), nn.Dense(classes))
    net.initialize(init.Xavier())
    return net


class Fitter:
    def __init__(self, net, rate):
        self.net = net
        self.criterion = gluon.loss.SoftmaxCrossEntropyLoss()
        self.trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": rate})

    def batch(self, x, y):
        with autograd.record():
            loss = self.criterion(self.net(x), y)
        loss.backward()
        self.trainer.step(x.shape[0])
        return loss.mean().asscalar()

    def epoch(self, loader):
        return sum(self.batch(x, y) for x, y in loader) / len(loader)


def main():
    leaves, species = nd.load("leaves.nd")
    loader = gluon.data.DataLoader(gluon.data.ArrayDataset(leaves, species), batch_size=32, shuffle=True)
    fitter = Fitter(build(36), 1e-3)
    for epoch in range(20):
        print(epoch, fitter.epoch(loader))


main()
