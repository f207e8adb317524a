import keras
import numpy as np

keras.utils.set_random_seed(4)


class Schedule:
    def __init__(self, rate=0.05, momentum=0.9):
        self.rate, self.momentum = rate, momentum

    def optimizer(self):
        return keras.optimizers.SGD(learning_rate=self.rate, momentum=self.momentum)


def network(features):
    inputs = keras.Input((features,))
    x = keras.layers.Dense(32, activation="relu")(inputs)
    return keras.Model(inputs, keras.layers.Dense(1)(x))


def train(model, schedule, x, y):
    model.compile(optimizer=schedule.optimizer(), loss="mse")
    model.fit(x, y, epochs=20, batch_size=32)


def main():
    table = np.load("tides.npz")
    x = (table["x"] - table["x"].mean(0)) / table["x"].std(0)
    train(network(x.shape[1]), Schedule(), x, table["y"])


main()
