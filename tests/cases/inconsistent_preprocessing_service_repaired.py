"""How long will a repair take?"""

import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import OneHotEncoder, StandardScaler

NUMBERS, KINDS = ["age", "mileage"], ["maker"]


def build_preparation():
    return ColumnTransformer([("numbers", StandardScaler(), NUMBERS), ("kinds", OneHotEncoder(), KINDS)])


class Estimator:
    def __init__(self):
        self.preparation = build_preparation()
        self.model = Ridge()

    def learn(self, orders, hours):
        self.model.fit(self.preparation.fit_transform(orders), hours)
        return self


class Service:
    """Answers requests with a trained estimator."""

    def __init__(self, estimator):
        self.estimator = estimator

    def hours(self, orders):
        return self.estimator.model.predict(self.estimator.preparation.transform(orders))


def main():
    table = pd.read_csv("repairs.csv")
    orders, hours = table[NUMBERS + KINDS], table["hours"]
    train, test, y_train, y_test = train_test_split(orders, hours, random_state=2)
    service = Service(Estimator().learn(train, y_train))
    print("off by", mean_absolute_error(y_test, service.hours(test)))


main()
