"""Whether a customer will leave."""
import numpy as np
from tensorflow import keras

keras.utils.set_random_seed(1)


def callbacks(patience):
    return [keras.callbacks.EarlyStopping(monitor="val_loss", patience=patience)]


class Churn:
    def __init__(self, columns):
        self.model = keras.Sequential(
            [keras.Input((columns,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1, activation="sigmoid")]
        )
        self.model.compile("adam", loss="binary_crossentropy", metrics=["accuracy"])

    def train(self, x, y, later):
        return self.model.fit(x, y, validation_data=later, epochs=100, callbacks=callbacks(patience=8))


data = np.load("customers.npz")
Churn(24).train(data["x"], data["y"], (np.load("later_x.npy"), np.load("later_y.npy")))
