"""Which of several models tells species apart best."""

import numpy as np
from sklearn.datasets import load_iris
from sklearn.model_selection import KFold, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.tree import DecisionTreeClassifier


class Contest:
    def __init__(self, folds):
        self.folds = folds
        self.entries = {}

    def enter(self, name, model):
        self.entries[name] = model
        return self

    def scores(self, x, y):
        return {name: np.mean(cross_val_score(model, x, y, cv=self.folds)) for name, model in self.entries.items()}


def folds(count):
    return KFold(n_splits=count)


def main():
    flowers = load_iris()
    contest = Contest(folds(3)).enter("tree", DecisionTreeClassifier(random_state=0)).enter("bayes", GaussianNB())
    print(contest.scores(flowers.data, flowers.target))


main()
