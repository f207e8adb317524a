from wheat import data
from wheat.network import network

x, y = data.load("wheat.csv")
model = network(x.shape[1])
model.fit(x, y, epochs=20)
