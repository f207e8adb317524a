import numpy as np
from tensorflow import keras

keras.utils.set_random_seed(3)


class Annealing:
    """Lowers the rate from epoch to epoch."""

    def __init__(self, start, factor):
        self.start, self.factor = start, factor

    def rate(self, epoch):
        return self.start * self.factor**epoch


class Runner:
    def __init__(self, model, plan):
        self.model, self.plan = model, plan

    def set_rate(self, epoch):
        optimizer = keras.optimizers.Adam(self.plan.rate(epoch))
        self.model.compile(optimizer=optimizer, loss="mae")

    def epoch(self, x, y, number):
        self.set_rate(number)
        history = self.model.fit(x, y, batch_size=32, verbose=0)
        return history.history["loss"][0]


def build(features):
    return keras.Sequential([
        keras.Input((features,)),
        keras.layers.Dense(64, activation="relu"),
        keras.layers.Dense(1),
    ])


def main():
    table = np.load("wind.npz")
    x, y = table["x"], table["y"]
    x = (x - x.mean(0)) / x.std(0)
    runner = Runner(build(x.shape[1]), Annealing(1e-3, 0.97))
    for number in range(100):
        print(number, runner.epoch(x, y, number))


main()
