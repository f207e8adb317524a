import dataclasses

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelEncoder
from tensorflow.keras.layers import Dense, Input
from tensorflow.keras.models import Model
from tensorflow.keras.utils import to_categorical


@dataclasses.dataclass
class Config:
    hidden: tuple = (64, 32)
    classes: int = 4
    loss: str = "sparse_categorical_crossentropy"
    epochs: int = 20
    seed: int = 0


class Labels:
    def __init__(self, classes):
        self.classes = classes
        self.encoder = LabelEncoder()

    def __call__(self, raw):
        codes = self.encoder.fit_transform(raw)
        return self.one_hot(codes)

    def one_hot(self, codes):
        return to_categorical(codes, num_classes=self.classes)


def hidden_layers(x, sizes):
    for size in sizes:
        x = Dense(size, activation="relu")(x)
    return x


def build(config, features):
    inputs = Input(shape=(features,))
    outputs = Dense(config.classes, activation="softmax")(hidden_layers(inputs, config.hidden))
    return Model(inputs, outputs)


class Runner:
    def __init__(self, config=None):
        self.config = config or Config()
        self.labels = Labels(self.config.classes)
        self.model = None

    def prepare(self, path):
        table = np.genfromtxt(path, delimiter=",", dtype=str)
        x, y = table[:, :-1].astype("float32"), self.labels(table[:, -1])
        return train_test_split(x, y, test_size=0.2, random_state=self.config.seed)

    def compile(self, features):
        self.model = build(self.config, features)
        self.model.compile("adam", loss=self.config.loss, metrics=["accuracy"])
        return self.model

    def run(self, path):
        x_train, x_test, y_train, y_test = self.prepare(path)
        model = self.compile(x_train.shape[1])
        model.fit(x_train, y_train, epochs=self.config.epochs, validation_split=0.1)
        return model.evaluate(x_test, y_test)


if __name__ == "__main__":
    Runner().run("data.csv")
