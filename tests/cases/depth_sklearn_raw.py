import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelEncoder


class Dataset:
    def __init__(self, path):
        frame = pd.read_csv(path)
        self.raw = frame.pop("label")
        self.features = frame
        self.encoder = LabelEncoder()

    @property
    def codes(self):
        return self.encoder.fit_transform(self.raw)


class Experiment:
    def __init__(self, dataset):
        self.dataset = dataset
        self.model = LogisticRegression(max_iter=1000)

    def split(self, labels):
        return train_test_split(self.dataset.features, labels, stratify=labels, random_state=1)

    def fit(self):
        x_train, _, y_train, _ = self.split(self.dataset.codes)
        self.model.fit(x_train, y_train)

    def report(self):
        _, x_test, _, y_test = self.split(self.dataset.raw)
        return classification_report(y_test, self.model.predict(x_test))


def run(path):
    experiment = Experiment(Dataset(path))
    experiment.fit()
    return experiment.report()


if __name__ == "__main__":
    print(run("reviews.csv"))
