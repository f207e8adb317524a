from typing import NamedTuple

import pandas as pd
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelEncoder


class Part(NamedTuple):
    x: object
    y: object


class Encoder:
    def __init__(self):
        self._encoder = LabelEncoder()

    def train(self, labels):
        return self._encoder.fit_transform(labels)

    def test(self, labels):
        return self._encoder.fit_transform(labels)


class Split:
    def __init__(self, frame, target):
        self.frame = frame
        self.target = target

    def parts(self):
        x = self.frame.drop(columns=[self.target])
        y = self.frame[self.target]
        x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=0)
        return Part(x_train, y_train), Part(x_test, y_test)


class Pipeline:
    def __init__(self, encoder):
        self.encoder = encoder
        self.model = RandomForestClassifier(random_state=0)

    def fit(self, part):
        self.model.fit(part.x, self.encoder.train(part.y))
        return self

    def score(self, part):
        return accuracy_score(self.encoder.test(part.y), self.model.predict(part.x))


def main(path="flowers.csv"):
    train, test = Split(pd.read_csv(path), "species").parts()
    print(Pipeline(Encoder()).fit(train).score(test))


if __name__ == "__main__":
    main()
