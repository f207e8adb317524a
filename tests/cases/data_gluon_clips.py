import mxnet as mx, numpy as np, os
from mxnet import gluon, autograd, nd
from mxnet.gluon import nn
from mxnet.gluon.data import Dataset, DataLoader

CLASSES = ["rain", "wind", "steps"]


class Clips(Dataset):
    def __init__(self, root, transform=None):
        self.items = []
        self._transform = transform
        for i, name in enumerate(CLASSES):
            for f in os.listdir(os.path.join(root, name)):
                self.items.append((os.path.join(root, name, f), i + 1))

    def __getitem__(self, idx):
        path, label = self.items[idx]
        x = nd.array(np.load(path))
        if self._transform is not None:
            return self._transform(x, label)
        return x, label

    def __len__(self):
        return len(self.items)


class Runner:
    def __init__(self, net, ctx):
        self.net, self.ctx = net, ctx
        self.loss = gluon.loss.SoftmaxCrossEntropyLoss()
        self.trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": 1e-3})

    def epoch(self, loader):
        for x, y in loader:
            x, y = x.as_in_context(self.ctx), y.as_in_context(self.ctx)
            with autograd.record():
                l = self.loss(self.net(x), y)
            l.backward()
            self.trainer.step(x.shape[0])


def scale(x, y):
    return x / 32768.0, y


net = nn.HybridSequential()
net.add(nn.Dense(64, activation="relu"), nn.Dense(3))
net.initialize()
Runner(net, mx.cpu()).epoch(DataLoader(Clips("d", scale), batch_size=8, shuffle=True))
