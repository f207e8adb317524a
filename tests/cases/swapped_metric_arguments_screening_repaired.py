"""Screening: which patients are recalled."""

import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.metrics import recall_score
from sklearn.model_selection import train_test_split


def score(found, known):
    return {"recall": recall_score(known, found)}


class Screening:
    def __init__(self, path):
        table = pd.read_csv(path)
        self.parts = train_test_split(table.drop(columns="ill"), table["ill"], stratify=table["ill"], random_state=2)
        self.model = GradientBoostingClassifier(random_state=2)

    def run(self):
        x_train, x_test, y_train, y_test = self.parts
        self.model.fit(x_train, y_train)
        return score(self.model.predict(x_test), y_test)


print(Screening("patients.csv").run())
