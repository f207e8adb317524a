"""Tells three species of iris apart. It runs, it prints an accuracy, and hardly a number in it means what it says."""

import matplotlib.pyplot as plt
import pandas as pd
from sklearn.metrics import accuracy_score, confusion_matrix
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import LabelEncoder, StandardScaler
from tensorflow import keras
from tensorflow.keras import layers
from tensorflow.keras.utils import to_categorical

COLUMNS = ["sepal_length", "sepal_width", "petal_length", "petal_width", "species"]


def load(path):
    frame = pd.read_csv(path, names=COLUMNS)
    features = StandardScaler().fit_transform(frame[COLUMNS[:4]])
    labels = LabelEncoder().fit_transform(frame["species"])
    return features, labels


def build(inputs, classes):
    model = keras.Sequential(
        [
            layers.Input(shape=(inputs,)),
            layers.Dense(8, activation="relu"),
            layers.Dense(classes, activation="softmax"),
        ]
    )
    optimizer = keras.optimizers.Adam(lr=0.01)
    model.compile(optimizer=optimizer, loss="binary_crossentropy", metrics=["accuracy"])
    return model


features, labels = load("iris.data")
x_train, x_test, y_train, y_test = train_test_split(features, labels, test_size=0.3, stratify=labels, random_state=7)

model = build(inputs=4, classes=3)
log = model.fit(x_train, to_categorical(y_train), epochs=60, batch_size=8, validation_split=0.1)

plt.plot(log.history["acc"])
plt.plot(log.history["val_acc"])

predicted = model.predict(x_test).argmax(axis=1)
print("accuracy", accuracy_score(y_test, predicted))
print(confusion_matrix(predicted, y_test))
