"""How sure is the grade of a batch of steel?"""

import pandas as pd
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import accuracy_score


def load(path):
    table = pd.read_csv(path)
    return table.drop(columns="grade"), table["grade"]


class Grader:
    def __init__(self, trees):
        self.model = ExtraTreesClassifier(n_estimators=trees, random_state=0)

    def train(self, features, grades):
        self.model.fit(features, grades)
        return self

    def grades(self, features):
        return self.model.predict(features)


def report(grader, features, grades):
    found = grader.grades(features)
    return f"accuracy {accuracy_score(grades, found):.3f}"


def main():
    features, grades = load("steel.csv")
    grader = Grader(200).train(features, grades)
    print(report(grader, features, grades))


main()
