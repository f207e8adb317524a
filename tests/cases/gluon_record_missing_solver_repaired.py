import mxnet as mx
from mxnet import autograd, gluon
from mxnet.gluon import nn

mx.random.seed(11)


class Net(gluon.HybridBlock):
    def __init__(self, classes, **kwargs):
        super().__init__(**kwargs)
        with self.name_scope():
            self.hidden = nn.Dense(64, activation="relu")
            self.head = nn.Dense(classes)

    def hybrid_forward(self, F, x):
        return self.head(self.hidden(x))


class Solver:
    batch_size = 64

    def __init__(self, net):
        self.net = net
        self.criterion = gluon.loss.SoftmaxCrossEntropyLoss()
        self.trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 1e-3})

    def objective(self, x, y):
        return self.criterion(self.net(x), y)

    def update(self, x, y):
        with autograd.record():
            loss = self.objective(x, y)
        loss.backward()
        self.trainer.step(self.batch_size)
        return loss.mean().asscalar()


def main(path):
    loader = gluon.data.DataLoader(gluon.data.vision.ImageFolderDataset(path), Solver.batch_size, shuffle=True)
    net = Net(4)
    net.initialize(mx.init.Xavier())
    solver = Solver(net)
    for epoch in range(10):
        for x, y in loader:
            solver.update(x.astype("float32") / 255, y)
