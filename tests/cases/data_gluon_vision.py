import mxnet as mx
from mxnet import gluon, autograd, init
from mxnet.gluon import nn
from mxnet.gluon.data.vision import datasets, transforms


def loaders(bs):
    aug = transforms.Compose([transforms.RandomFlipLeftRight(), transforms.ToTensor()])
    train = datasets.CIFAR10(train=True).transform_first(aug)
    test = datasets.CIFAR10(train=False).transform_first(transforms.ToTensor())
    return gluon.data.DataLoader(
        train, bs, shuffle=True, last_batch="discard"
    ), gluon.data.DataLoader(test, bs)


class Net(nn.HybridBlock):
    def __init__(self, classes, **kw):
        super().__init__(**kw)
        with self.name_scope():
            self.c = nn.Conv2D(8, 3)
            self.d = nn.Dense(classes)

    def hybrid_forward(self, F, x):
        return self.d(F.relu(self.c(x)))


net = Net(8)
net.initialize(init.Xavier())
tr, te = loaders(32)
ce = gluon.loss.SoftmaxCrossEntropyLoss()
trainer = gluon.Trainer(net.collect_params(), "sgd")
for data, label in tr:
    with autograd.record():
        loss = ce(net(data), label).mean()
    loss.backward()
    trainer.step(1)
