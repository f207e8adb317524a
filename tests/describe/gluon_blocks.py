from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

net = nn.Sequential()
net.add(nn.Conv2D(20, kernel_size=5, activation="relu"))
net.add(nn.MaxPool2D(pool_size=2, strides=2))
net.add(nn.Dense(10))
net.initialize()
trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.1})
criterion = gluon.loss.SoftmaxCrossEntropyLoss()
images, labels = nd.zeros((32, 1, 28, 28)), nd.array([0, 1, 2, 3])
with autograd.record():
    loss = criterion(net(images), labels)
loss.backward()
trainer.step(32)
