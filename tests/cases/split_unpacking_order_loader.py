"""Rents of flats, with a loader class between the file and the model."""

from dataclasses import dataclass

import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import train_test_split


@dataclass
class Settings:
    path: str = "flats.csv"
    target: str = "rent"
    share: float = 0.25
    seed: int = 11


class Flats:
    def __init__(self, settings):
        self.settings = settings
        self.table = pd.read_csv(settings.path).dropna()

    def features(self):
        return self.table.drop(columns=[self.settings.target, "id"])

    def split(self):
        return train_test_split(
            self.features(),
            self.table[self.settings.target],
            test_size=self.settings.share,
            random_state=self.settings.seed,
        )


class Experiment:
    def __init__(self, flats):
        self.x_train, self.y_train, self.x_test, self.y_test = flats.split()
        self.model = HistGradientBoostingRegressor()

    def run(self):
        self.model.fit(self.x_train, self.y_train)
        return self.model.score(self.x_test, self.y_test)


if __name__ == "__main__":
    print(Experiment(Flats(Settings())).run())
