"""Triage of rare faults."""

import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import recall_score
from sklearn.model_selection import train_test_split


class Faults:
    def __init__(self, path):
        table = pd.read_csv(path)
        self.y = table.pop("fault")
        self.x = table

    def parts(self, seed):
        x, y = self.x, self.y
        return train_test_split(x, y, test_size=0.2, random_state=seed)


class Triage:
    def __init__(self):
        self.forest = RandomForestClassifier(n_estimators=300, random_state=6)

    def learn(self, x, y):
        self.forest.fit(x, y)
        return self

    def recall(self, x, y):
        return recall_score(y, self.forest.predict(x))


def main():
    x_train, x_test, y_train, y_test = Faults("faults.csv").parts(seed=6)
    print(Triage().learn(x_train, y_train).recall(x_test, y_test))


main()
