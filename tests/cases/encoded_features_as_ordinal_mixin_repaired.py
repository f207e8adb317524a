"""Prices of flats: the table is prepared by one class and learnt from by another."""

import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

CATEGORIES = ["district", "heating"]


class Preparation:
    def __init__(self, path):
        self.frame = pd.read_csv(path).dropna()

    def encode(self, names):
        self.frame = pd.get_dummies(self.frame, columns=names)
        return self

    def parts(self, target):
        features = self.frame.drop(columns=[target])
        return train_test_split(features, self.frame[target], test_size=0.25, random_state=3)


class Pricing:
    def __init__(self, alpha):
        self.scaler = StandardScaler()
        self.model = Ridge(alpha=alpha)

    def learn(self, features, prices):
        self.model.fit(self.scaler.fit_transform(features), prices)
        return self

    def score(self, features, prices):
        return self.model.score(self.scaler.transform(features), prices)


def main():
    preparation = Preparation("flats.csv").encode(CATEGORIES)
    x_train, x_test, y_train, y_test = preparation.parts("rent")
    print(Pricing(0.5).learn(x_train, y_train).score(x_test, y_test))


if __name__ == "__main__":
    main()
