y = nd.array(data[:, 13]) / 6
dataset = gluon.data.ArrayDataset(nd.array(data[:, :13]), y)
train_data = gluon.data.DataLoader(dataset, batch_size=64, shuffle=True)

net = gluon.nn.Sequential()
net.add(gluon.nn.Dense(26, activation='relu'))
net.add(gluon.nn.Dense(6))
net.initialize()

loss_fn = gluon.loss.SoftmaxCrossEntropyLoss()
trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': .05})

for e in range(epochs):
    for x, label in train_data:
        with autograd.record():
            loss = loss_fn(net(x), label)
        loss.backward()
        trainer.step(x.shape[0])
