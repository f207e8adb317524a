from collections import OrderedDict

import pandas as pd
from sklearn.preprocessing import LabelEncoder, MinMaxScaler
from tensorflow.keras import Input, Model
from tensorflow.keras.layers import BatchNormalization, Dense


class Column:
    registry = OrderedDict()

    def __init_subclass__(cls, key=None, **kwargs):
        super().__init_subclass__(**kwargs)
        Column.registry[key] = cls

    def __init__(self, series):
        self.series = series

    def values(self):
        raise NotImplementedError

    def normalised(self):
        return MinMaxScaler().fit_transform(self.values())


class Numbers(Column, key="numbers"):
    def values(self):
        return self.series.to_numpy().reshape(-1, 1)


class Classes(Column, key="classes"):
    def values(self):
        return LabelEncoder().fit_transform(self.series).reshape(-1, 1)

    def normalised(self):
        return self.values()


def column(frame, name, kind):
    return Column.registry[kind](frame[name]).normalised()


def read(path):
    frame = pd.read_csv(path)
    return column(frame, "age", "numbers"), column(frame, "disease", "classes")


def make(units):
    x = inputs = Input((1,))
    for layer in (Dense(32, activation="relu"), BatchNormalization(), Dense(units, activation="softmax")):
        x = layer(x)
    return Model(inputs, x)


def train(path="patients.csv"):
    x, y = read(path)
    model = make(units=6)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x, y, epochs=30)
    return model


if __name__ == "__main__":
    train()
