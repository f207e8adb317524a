"""Forecasts of a load curve from windows of past hours."""

import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPRegressor


class LoadCurve:
    def __init__(self, path, hours=48):
        self.hours = hours
        self.values = pd.read_csv(path)["megawatt"].to_numpy()

    def windows(self):
        inputs, targets = [], []
        for start in range(len(self.values) - self.hours):
            stop = start + self.hours
            inputs.append(self.values[start:stop])
            targets.append(self.values[stop])
        return np.array(inputs), np.array(targets)


def held_out(inputs, targets):
    return train_test_split(inputs, targets, test_size=0.2, shuffle=False)


def main():
    x_train, x_test, y_train, y_test = held_out(*LoadCurve("load.csv").windows())
    model = MLPRegressor(random_state=8).fit(x_train, y_train)
    print(model.score(x_test, y_test))


main()
