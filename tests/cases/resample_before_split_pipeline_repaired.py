"""Warn about machines that are about to fail."""

import pandas as pd
from imblearn.over_sampling import SMOTE
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import recall_score
from sklearn.model_selection import train_test_split

SETTINGS = {"path": "machines.csv", "target": "failed", "seed": 3, "held_out": 0.25}


class Sensors:
    def __init__(self, settings):
        self.settings = settings
        self.table = pd.read_csv(settings["path"]).dropna()

    def arrays(self):
        target = self.settings["target"]
        return self.table.drop(columns=[target]), self.table[target]


class Balancer:
    """Gives the rare class as many rows as the other has."""

    def __init__(self, seed):
        self.sampler = SMOTE(random_state=seed)

    def __call__(self, features, labels):
        return self.sampler.fit_resample(features, labels)


def parts(settings):
    features, labels = Sensors(settings).arrays()
    x_train, x_test, y_train, y_test = train_test_split(
        features, labels, test_size=settings["held_out"], random_state=settings["seed"], stratify=labels
    )
    x_train, y_train = Balancer(settings["seed"])(x_train, y_train)
    return x_train, x_test, y_train, y_test


def main():
    x_train, x_test, y_train, y_test = parts(SETTINGS)
    forest = RandomForestClassifier(n_estimators=300, random_state=SETTINGS["seed"]).fit(x_train, y_train)
    print("recall", recall_score(y_test, forest.predict(x_test)))


if __name__ == "__main__":
    main()
