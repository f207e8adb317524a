import keras
import numpy as np
from keras import initializers, layers

keras.utils.set_random_seed(8)


class Plan:
    """How the layers of a network are made."""

    start = initializers.HeNormal()
    activation = "relu"


def stack(x, widths, plan):
    for width in widths:
        x = layers.Dense(width, activation=plan.activation, kernel_initializer=plan.start)(x)
    return x


class Regressor:
    def __init__(self, features, plan):
        inputs = keras.Input((features,))
        self.model = keras.Model(inputs, layers.Dense(1)(stack(inputs, (64, 32), plan)))
        self.model.compile(optimizer="adam", loss="mse")

    def fit(self, x, y):
        return self.model.fit(x, y, epochs=40, batch_size=32)


def main():
    table = np.load("ozone.npz")
    x = (table["x"] - table["x"].mean(0)) / table["x"].std(0)
    Regressor(x.shape[1], Plan).fit(x, table["y"])


main()
