"""A tuner that is told what to search by a table."""

import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

NUMBERS, WORDS = ["age", "fare"], ["port", "deck"]
SPACES = {
    "forest": {
        "model__max_depth": [4, 8, None],
        "prepare__numbers__impute__strategy": ["mean", "median"],
    },
    "linear": {
        "model__C": [0.1, 1, 10],
        "clf__penalty": ["l1", "l2"],
    },
}
MODELS = {
    "forest": RandomForestClassifier(random_state=1),
    "linear": LogisticRegression(solver="saga", max_iter=2000),
}


def prepared():
    numbers = Pipeline([("impute", SimpleImputer()), ("scale", StandardScaler())])
    return ColumnTransformer(
        [("numbers", numbers, NUMBERS), ("words", OneHotEncoder(handle_unknown="ignore"), WORDS)]
    )


class Tuner:
    def __init__(self, name):
        self.steps = Pipeline([("prepare", prepared()), ("model", MODELS[name])])
        self.space = SPACES[name]

    def run(self, x, y):
        return GridSearchCV(self.steps, self.space, cv=5, n_jobs=-1).fit(x, y)


def main():
    ships = pd.read_csv("ships.csv")
    x_train, x_test, y_train, y_test = train_test_split(
        ships[NUMBERS + WORDS], ships["saved"], random_state=1, stratify=ships["saved"]
    )
    for name in ("forest", "linear"):
        print(name, Tuner(name).run(x_train, y_train).score(x_test, y_test))


main()
