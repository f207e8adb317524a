import mxnet as mx
import pandas as pd
from mxnet import autograd, gluon, nd

GRADES = {'very good': 1, 'good': 2, 'satisfactory': 3, 'fair': 4, 'poor': 5, 'fail': 6}

df = pd.read_csv('essays.csv')
y = df['grade'].map(GRADES).values
X = df.drop(columns=['grade']).values  # 13 columns

train_set = gluon.data.ArrayDataset(nd.array(X), nd.array(y - 1))
loader = gluon.data.DataLoader(train_set, 32, shuffle=True)


class Net(gluon.nn.Block):
    def __init__(self, classes, **kwargs):
        super(Net, self).__init__(**kwargs)
        with self.name_scope():
            self.hidden = gluon.nn.Dense(40, activation='relu')
            self.out = gluon.nn.Dense(classes)

    def forward(self, x):
        return self.out(self.hidden(x))


net = Net(6)
net.collect_params().initialize(mx.init.Xavier())
criterion = gluon.loss.SoftmaxCrossEntropyLoss()
trainer = gluon.Trainer(net.collect_params(), 'sgd', {'learning_rate': 0.1})

for epoch in range(20):
    for features, target in loader:
        with autograd.record():
            loss = criterion(net(features), target)
        loss.backward()
        trainer.step(features.shape[0])
