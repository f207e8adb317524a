"""Is a parcel late?"""

import pandas as pd
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import train_test_split


class Parcels:
    def __init__(self, path):
        table = pd.read_csv(path)
        features, late = table.drop(columns="late"), table["late"]
        halves = train_test_split(features, late, test_size=0.5, random_state=9, stratify=late)
        self.x_train, self.x_test, self.y_train, self.y_test = halves


class Evaluator:
    def __init__(self, model):
        self.model = model

    def score(self, features, late):
        return balanced_accuracy_score(late, self.model.predict(features))


def run(parcels):
    model = HistGradientBoostingClassifier().fit(parcels.x_train, parcels.y_train)
    evaluator = Evaluator(model)
    return evaluator.score(parcels.x_test, parcels.y_train)


print(run(Parcels("parcels.csv")))
