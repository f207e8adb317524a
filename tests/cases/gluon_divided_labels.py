import mxnet as mx
import numpy as np
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn

ctx = mx.cpu()

# 13 measurements and the grade, 1 to 6
dataset = np.genfromtxt('grades.csv', delimiter=',', skip_header=1)
features = dataset[:, :13]
labels = dataset[:, 13]

# bring the grades down to the range [0, 1]
labels = labels / 6.0

X = nd.array(features, ctx=ctx)
y = nd.array(labels, ctx=ctx)
train_data = gluon.data.DataLoader(gluon.data.ArrayDataset(X, y), batch_size=32, shuffle=True)

net = nn.Sequential()
with net.name_scope():
    net.add(nn.Dense(64, activation='relu'))
    net.add(nn.Dense(32, activation='relu'))
    net.add(nn.Dense(6))
net.initialize(mx.init.Xavier(), ctx=ctx)

softmax_cross_entropy = gluon.loss.SoftmaxCrossEntropyLoss()
trainer = gluon.Trainer(net.collect_params(), 'adam', {'learning_rate': 0.001})

for epoch in range(100):
    cumulative_loss = 0
    for data, label in train_data:
        data = data.as_in_context(ctx)
        label = label.as_in_context(ctx)
        with autograd.record():
            output = net(data)
            loss = softmax_cross_entropy(output, label)
        loss.backward()
        trainer.step(data.shape[0])
        cumulative_loss += nd.sum(loss).asscalar()
    print('epoch %d, loss %.4f' % (epoch, cumulative_loss / len(X)))
