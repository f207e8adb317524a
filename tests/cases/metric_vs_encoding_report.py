"""Compares classifiers on customers who leave; the report asks for curves of what the evaluation hands over."""
import pandas as pd
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, average_precision_score, roc_auc_score
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

MODELS = {
    "forest": RandomForestClassifier(n_estimators=300, random_state=0),
    "boosting": GradientBoostingClassifier(random_state=0),
    "linear": make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)),
}


def load(path):
    table = pd.read_csv(path).dropna()
    return train_test_split(table.drop(columns="left"), table["left"], test_size=0.25, random_state=0)


class Evaluation:
    def __init__(self, model, x, y):
        self.model, self.x, self.y = model, x, y

    def guesses(self):
        return self.model.predict(self.x)

    def scores(self):
        return self.model.predict_proba(self.x)[:, 1]


def report(name, evaluation):
    guessed = evaluation.guesses()
    return {
        "model": name,
        "accuracy": accuracy_score(evaluation.y, guessed),
        "auc": roc_auc_score(evaluation.y, guessed),
        "ap": average_precision_score(evaluation.y, evaluation.scores()),
    }


def main():
    x_train, x_test, y_train, y_test = load("customers.csv")
    rows = []
    for name, model in MODELS.items():
        model.fit(x_train, y_train)
        rows.append(report(name, Evaluation(model, x_test, y_test)))
    print(pd.DataFrame(rows))


if __name__ == "__main__":
    main()
