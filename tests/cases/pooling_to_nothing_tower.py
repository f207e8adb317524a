"""Road signs: a tower of pooling layers for pictures that are too small for it."""

from tensorflow import keras
from tensorflow.keras import layers

SETTINGS = {"shape": (32, 32, 3), "filters": [32, 64, 128], "pool": 4}


def tower(x, filters, pool):
    for count in filters:
        x = layers.Conv2D(count, 3, padding="same", activation="relu")(x)
        x = layers.MaxPooling2D(pool)(x)
    return x


def build(settings):
    inputs = keras.Input(settings["shape"])
    x = tower(inputs, settings["filters"], settings["pool"])
    outputs = layers.Dense(43, activation="softmax")(layers.Flatten()(x))
    return keras.Model(inputs, outputs)


def train(model, images, signs):
    model.compile("adam", loss="sparse_categorical_crossentropy")
    model.fit(images, signs, epochs=10)


train(build(SETTINGS), images, signs)
