"""Which settings tell bees from wasps best?"""

import pandas as pd
from sklearn.model_selection import RandomizedSearchCV, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC


def load(path):
    table = pd.read_csv(path)
    return table.drop(columns=["species"]), table["species"]


def pipeline():
    return Pipeline([("scale", StandardScaler()), ("svm", SVC())])


class Tuner:
    GRID = {"svm__C": [0.1, 1, 10, 100], "svm__gamma": [0.001, 0.01, 0.1]}

    def __init__(self, tries):
        self.search = RandomizedSearchCV(pipeline(), self.GRID, n_iter=tries, cv=5, random_state=1)

    def tune(self, features, species):
        self.search.fit(features, species)
        return self.search


def describe(search):
    print(search.best_params_)
    print("accuracy", search.best_score_)


features, species = load("insects.csv")
x_train, x_test, y_train, y_test = train_test_split(features, species, random_state=1, stratify=species)
search = Tuner(8).tune(x_train, y_train)
describe(search)
print("accuracy on other insects", search.score(x_test, y_test))
