from types import SimpleNamespace

import numpy as np
from mxnet import autograd, gluon, nd
from sklearn.preprocessing import StandardScaler

SETTINGS = SimpleNamespace(epochs=10, units=3, batch_size=16)
NAMES = {"low": 0, "middle": 1, "high": 2}


class Table:
    def __init__(self, rows):
        self.rows = rows

    @property
    def features(self):
        return np.array([row[:-1] for row in self.rows], dtype="float32")

    def labels(self):
        return np.array([NAMES[row[-1]] for row in self.rows])


def scaled(values):
    return StandardScaler().fit_transform(values)


def make_loader(table):
    x = scaled(table.features)
    y = table.labels()
    dataset = gluon.data.ArrayDataset(nd.array(x), nd.array(y))
    return gluon.data.DataLoader(dataset, batch_size=SETTINGS.batch_size, shuffle=True)


def make_net(units):
    net = gluon.nn.Sequential()
    net.add(gluon.nn.Dense(16, activation="relu"), gluon.nn.Dense(units))
    net.initialize()
    return net


class Fit:
    def __init__(self, net):
        self.net = net
        self.loss = gluon.loss.SoftmaxCrossEntropyLoss()
        self.trainer = gluon.Trainer(net.collect_params(), "adam")

    def batch(self, data, label):
        with autograd.record():
            loss = self.loss(self.net(data), label)
        loss.backward()
        self.trainer.step(data.shape[0])

    def __call__(self, loader):
        for _ in range(SETTINGS.epochs):
            for data, label in loader:
                self.batch(data, label)


def main(rows):
    loader = make_loader(Table(rows))
    Fit(make_net(SETTINGS.units))(loader)
