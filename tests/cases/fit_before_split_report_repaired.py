"""Concrete strength: the table is scaled inside of the pipeline."""

import pandas as pd
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def load(path):
    table = pd.read_csv(path)
    return table.drop(columns="strength"), table["strength"]


class Report:
    def __init__(self, model):
        self.model = model

    def judge(self, features, strength):
        x_train, x_test, y_train, y_test = train_test_split(features, strength, test_size=0.25, random_state=5)
        self.model.fit(x_train, y_train)
        return mean_absolute_error(y_test, self.model.predict(x_test))


def main():
    features, strength = load("concrete.csv")
    print(Report(make_pipeline(StandardScaler(), Ridge())).judge(features, strength))


main()
