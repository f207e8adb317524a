import mxnet as mx
from mxnet import gluon, autograd
from mxnet.gluon import nn
from mxnet.gluon.model_zoo import vision as models
from mxnet.gluon.data.vision import transforms


def get_model(ctx, classes=10):
    pretrained = models.resnet18_v2(pretrained=True, ctx=ctx)
    net = nn.HybridSequential()
    with net.name_scope():
        net.add(pretrained.features)
        net.add(nn.Dense(256, activation="relu"))
        net.add(nn.Dropout(0.5))
        net.add(nn.Dense(classes))
        net.add(nn.HybridLambda(lambda F, x: F.softmax(x)))
    net[1:].initialize(mx.init.Xavier(), ctx=ctx)
    return net


def evaluate(net, data, ctx):
    metric = mx.metric.Accuracy()
    for batch in data:
        X = gluon.utils.split_and_load(batch[0], ctx_list=ctx, batch_axis=0)
        Y = gluon.utils.split_and_load(batch[1], ctx_list=ctx, batch_axis=0)
        metric.update(Y, [net(x) for x in X])
    return metric.get()[1]


def train(batch_size=64, epochs=5, lr=0.001):
    ctx = [mx.gpu(i) for i in range(mx.context.num_gpus())] or [mx.cpu()]
    tf = transforms.Compose([transforms.Resize(224), transforms.ToTensor()])
    train_data = gluon.data.DataLoader(
        gluon.data.vision.CIFAR10(train=True).transform_first(tf), batch_size=batch_size, shuffle=True
    )
    net = get_model(ctx)
    trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": lr})
    criterion = gluon.loss.SoftmaxCELoss()
    for epoch in range(epochs):
        cumulative = 0
        for batch in train_data:
            data = gluon.utils.split_and_load(batch[0], ctx_list=ctx, batch_axis=0)
            label = gluon.utils.split_and_load(batch[1], ctx_list=ctx, batch_axis=0)
            with autograd.record():
                outputs = [net(X) for X in data]
                losses = [criterion(yhat, y) for yhat, y in zip(outputs, label)]
            for l in losses:
                l.backward()
            trainer.step(batch_size)
            cumulative += sum([l.mean().asscalar() for l in losses])
        print(epoch, cumulative)


train()
