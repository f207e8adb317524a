"""Churn of customers, with the columns named in one place and used in another."""

from dataclasses import dataclass, field

import pandas as pd
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold
from xgboost import XGBClassifier


@dataclass
class Settings:
    path: str = "customers.csv"
    target: str = "churned"
    ignored: list = field(default_factory=lambda: ["customer_id", "signup_date"])
    folds: int = 5


class CustomerData:
    def __init__(self, settings):
        self.settings = settings
        self.frame = pd.read_csv(settings.path).dropna(subset=[settings.target])
        self.frame[settings.target] = self.frame[settings.target].map({"no": 0, "yes": 1})

    def feature_names(self):
        return [name for name in self.frame.columns if name not in [*self.settings.ignored, self.settings.target]]

    def features(self):
        return self.frame[self.feature_names()]

    def labels(self):
        return self.frame[self.settings.target]


class Experiment:
    def __init__(self, data, settings):
        self.data = data
        self.settings = settings

    def run(self):
        x, y = self.data.features(), self.data.labels()
        scores = []
        for train, held_out in StratifiedKFold(self.settings.folds, shuffle=True, random_state=7).split(x, y):
            model = XGBClassifier(n_estimators=300)
            model.fit(x.iloc[train], y.iloc[train])
            scores.append(roc_auc_score(y.iloc[held_out], model.predict_proba(x.iloc[held_out])[:, 1]))
        return scores


def main():
    settings = Settings()
    print(Experiment(CustomerData(settings), settings).run())


if __name__ == "__main__":
    main()
