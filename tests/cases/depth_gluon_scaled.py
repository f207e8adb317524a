import numpy as np
from mxnet import autograd, gluon, nd
from sklearn.preprocessing import MinMaxScaler


class Normaliser:
    def __init__(self):
        self.scaler = MinMaxScaler()

    def __call__(self, table):
        return self.scaler.fit_transform(table)


class Source:
    def __init__(self, path, normalise):
        self.path = path
        self.normalise = normalise

    def table(self):
        return self.normalise(np.loadtxt(self.path, delimiter=","))

    def split(self):
        table = self.table()
        return table[:, :-1], table[:, -1]


def network(outputs=1, last="softmax"):
    net = gluon.nn.HybridSequential()
    with net.name_scope():
        net.add(gluon.nn.Dense(32, activation="relu"))
        net.add(gluon.nn.Dense(outputs))
        if last == "softmax":
            net.add(gluon.nn.HybridLambda(lambda F, x: F.softmax(x)))
    net.initialize()
    return net


def train(net, source, loss=gluon.loss.SoftmaxCrossEntropyLoss()):
    x, y = source.split()
    trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
    data = gluon.data.DataLoader(gluon.data.ArrayDataset(nd.array(x), nd.array(y)), 32, shuffle=True)
    for epoch in range(20):
        for features, label in data:
            with autograd.record():
                value = loss(net(features), label)
            value.backward()
            trainer.step(32)


def main():
    train(network(outputs=4, last=None), Source("data.csv", Normaliser()))
