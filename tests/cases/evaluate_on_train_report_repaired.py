"""How sure is the grade of a batch of steel?"""

import pandas as pd
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split


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
    x_train, x_test, y_train, y_test = train_test_split(features, grades, random_state=0, stratify=grades)
    grader = Grader(200).train(x_train, y_train)
    print(report(grader, x_train, y_train), report(grader, x_test, y_test))


main()
