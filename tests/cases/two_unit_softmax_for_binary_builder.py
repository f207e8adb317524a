"""Predicts whether a customer orders again; the builder is written for any number of classes."""
import pandas as pd
from sklearn.model_selection import train_test_split
from tensorflow import keras
from tensorflow.keras import layers


def head(body, classes):
    return layers.Dense(classes, activation="softmax")(body)


def build(columns, classes):
    inputs = keras.Input((columns,))
    hidden = layers.Dense(32, activation="relu")(inputs)
    return keras.Model(inputs, head(hidden, classes))


def main():
    orders = pd.read_csv("orders.csv")
    x, y = orders.drop(columns="again"), orders["again"]
    x_train, x_test, y_train, y_test = train_test_split(x, y, stratify=y)
    model = build(x.shape[1], 2)
    model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(x_train, y_train, epochs=10)
    print(model.evaluate(x_test, y_test))


main()
