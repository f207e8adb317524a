import numpy as np
from sklearn.preprocessing import LabelBinarizer, MinMaxScaler
from tensorflow.keras import Sequential, layers, utils


class Step:
    def __init__(self, function):
        self.function = function

    def __call__(self, values):
        return self.function(values)


class Chain:
    def __init__(self, *steps):
        self.steps = steps

    def __call__(self, values):
        for step in self.steps:
            values = step(values)
        return values


def binarise(labels):
    return LabelBinarizer().fit_transform(labels)


def one_hot(labels):
    return utils.to_categorical(labels)


def target_chain():
    return Chain(Step(binarise))


def species(n):
    rng = np.random.default_rng(0)
    return rng.normal(size=(n, 4)), np.array(["cat", "dog", "owl"])[rng.integers(0, 3, size=n)]


class Model:
    def __init__(self, units=3):
        self.net = Sequential([layers.Dense(16, activation="relu"), layers.Dense(units, activation="softmax")])

    def compiled(self):
        self.net.compile("adam", "categorical_crossentropy")
        return self.net


def main():
    x, names = species(300)
    y = target_chain()(names)
    Model().compiled().fit(MinMaxScaler().fit_transform(x), y, epochs=5)


main()
