"""The level of a river tomorrow, from the last thirty days at four gauges."""

import numpy as np
from tensorflow.keras import Input, Model
from tensorflow.keras.layers import LSTM, Dense, Dropout, LayerNormalization

STEPS, GAUGES = 30, 4


def recurrent(x, units, dropout, last):
    x = LSTM(units, return_sequences=last)(x)
    return Dropout(dropout)(x)


class LevelForecast:
    def __init__(self, sizes=(64, 32)):
        self.sizes = sizes

    def build(self):
        inputs = Input((STEPS, GAUGES))
        x = LayerNormalization()(inputs)
        for number, units in enumerate(self.sizes):
            x = recurrent(x, units, 0.2, last=number == len(self.sizes) - 1)
        model = Model(inputs, Dense(1)(x))
        model.compile(optimizer="adam", loss="mse")
        return model


def windows(levels):
    starts = range(len(levels) - STEPS)
    return np.stack([levels[s : s + STEPS] for s in starts]), np.stack([levels[s + STEPS, 0] for s in starts])


levels = np.load("levels.npy")
x, y = windows(levels[:2000])
model = LevelForecast().build()
model.fit(x, y, epochs=30, validation_data=windows(levels[2000:]))
