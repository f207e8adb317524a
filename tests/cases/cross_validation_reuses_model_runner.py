"""How well the strength of concrete can be told from its mix, in ten folds."""
import numpy as np
import pandas as pd
from sklearn.model_selection import KFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from tensorflow import keras

keras.utils.set_random_seed(1)


class Network:
    def __init__(self, inputs):
        self.model = keras.Sequential(
            [keras.Input((inputs,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1)]
        )
        self.model.compile(keras.optimizers.Adam(1e-3), loss="mse", metrics=["mae"])

    def train(self, x, y):
        self.model.fit(x, y, epochs=50, batch_size=16, verbose=0)

    def error(self, x, y):
        return self.model.evaluate(x, y, verbose=0)[1]


class Runner:
    def __init__(self, folds=10):
        self.folds = KFold(folds, shuffle=True, random_state=8)

    def run(self, network, x, y):
        errors = []
        for train, test in self.folds.split(x):
            scaler = make_pipeline(StandardScaler()).fit(x[train])
            network.train(scaler.transform(x[train]), y[train])
            errors.append(network.error(scaler.transform(x[test]), y[test]))
        return np.mean(errors), np.std(errors)


def main():
    mixes = pd.read_csv("concrete.csv")
    x, y = mixes.drop(columns="strength").to_numpy(), mixes["strength"].to_numpy()
    print("error: %.2f +/- %.2f" % Runner().run(Network(x.shape[1]), x, y))


main()
