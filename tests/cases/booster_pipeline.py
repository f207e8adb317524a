"""Predict the grade of coffee lots with XGBoost and LightGBM."""

from __future__ import annotations

from dataclasses import dataclass, field

import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.metrics import accuracy_score, log_loss
from sklearn.model_selection import train_test_split

GRADES = {"husk": 1, "commodity": 2, "premium": 3, "speciality": 4}


@dataclass
class Settings:
    classes: int = len(GRADES)
    rounds: int = 300
    shared: dict = field(default_factory=lambda: {"learning_rate": 0.05, "seed": 11})


class Lots:
    """The lots with their measurements and grades."""

    measured = ["moisture", "defects", "aroma", "acidity"]

    def __init__(self, path: str) -> None:
        self.table = pd.read_csv(path).dropna(subset=["grade"])

    def features(self) -> pd.DataFrame:
        return self.table[self.measured]

    def target(self) -> pd.Series:
        return self.table["grade"].map(GRADES)

    def parts(self):
        return train_test_split(self.features(), self.target(), test_size=0.2, random_state=11)


def xgboost_parameters(settings: Settings) -> dict:
    parameters = {"objective": "multi:softprob", "num_class": settings.classes, "eval_metric": "mlogloss"}
    parameters.update(settings.shared)
    return parameters


def lightgbm_parameters(settings: Settings) -> dict:
    return {"objective": "multiclass", "num_class": settings.classes, "verbose": -1, **settings.shared}


class Grader:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.boosters: dict[str, object] = {}

    def fit(self, x, y) -> Grader:
        rounds = self.settings.rounds
        matrix = xgb.DMatrix(x, label=y)
        self.xgboost = xgb.train(xgboost_parameters(self.settings), matrix, num_boost_round=rounds)
        table = lgb.Dataset(x, label=y)
        self.lightgbm = lgb.train(lightgbm_parameters(self.settings), table, num_boost_round=rounds)
        return self

    def chances(self, x) -> np.ndarray:
        return (self.xgboost.predict(xgb.DMatrix(x)) + self.lightgbm.predict(x)) / 2


def report(grader: Grader, x, y) -> None:
    chances = grader.chances(x)
    print(f"log loss {log_loss(y, chances):.3f}, accuracy {accuracy_score(y, chances.argmax(axis=1)):.3f}")


if __name__ == "__main__":
    lots = Lots("lots.csv")
    x_train, x_test, y_train, y_test = lots.parts()
    report(Grader(Settings()).fit(x_train, y_train), x_test, y_test)
