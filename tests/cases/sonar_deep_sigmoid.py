"""Rocks or mines in sonar echoes, with as many layers as the configuration asks for."""

import numpy as np
from keras import Input, layers, models
from sklearn.model_selection import train_test_split

CONFIG = {"depth": 6, "width": 48, "nonlinearity": "sigmoid", "epochs": 200}


def hidden(model, width, nonlinearity):
    model.add(layers.Dense(width))
    model.add(layers.Activation(nonlinearity))


class Detector:
    def __init__(self, config):
        self.config = config
        self.model = self.build()

    def build(self):
        model = models.Sequential([Input((60,))])
        for _ in range(self.config["depth"]):
            hidden(model, self.config["width"], self.config["nonlinearity"])
        model.add(layers.Dense(1, activation="sigmoid"))
        model.compile(optimizer="sgd", loss="binary_crossentropy", metrics=["accuracy"])
        return model

    def fit(self, x, y, held_out):
        return self.model.fit(x, y, validation_data=held_out, epochs=self.config["epochs"], verbose=0)


def main():
    table = np.loadtxt("sonar.csv", delimiter=",")
    echoes, mines = table[:, :60], table[:, 60]
    x_train, x_val, y_train, y_val = train_test_split(echoes, mines, stratify=mines, random_state=4)
    Detector(CONFIG).fit(x_train, y_train, (x_val, y_val))


if __name__ == "__main__":
    main()
