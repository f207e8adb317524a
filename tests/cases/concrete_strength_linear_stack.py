"""Strength of concrete from its mix: a network built from a configuration."""

from dataclasses import dataclass, field

import pandas as pd
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from tensorflow import keras
from tensorflow.keras import layers


@dataclass
class NetConfig:
    hidden: list = field(default_factory=lambda: [96, 48, 24])
    activation: str = None
    dropout: float = 30
    epochs: int = 120


def dense_block(x, units, config):
    x = layers.Dense(units, activation=config.activation)(x)
    return x


def regularise(x, config):
    x = layers.Dropout(config.dropout)(x)
    return layers.BatchNormalization()(x)


class StrengthModel:
    def __init__(self, width, config):
        self.config = config
        inputs = keras.Input(shape=(width,))
        x = inputs
        for units in config.hidden:
            x = dense_block(x, units, config)
        x = layers.ReLU()(x)
        x = regularise(x, config)
        self.net = keras.Model(inputs, layers.Dense(1)(x))

    def train(self, x, y, x_val, y_val):
        self.net.compile(optimizer="adam", loss="mse", metrics=["mae"])
        return self.net.fit(x, y, validation_data=(x_val, y_val), epochs=self.config.epochs, verbose=0)


def main():
    mix = pd.read_csv("concrete.csv")
    target = mix.pop("strength").to_numpy()
    x_train, x_val, y_train, y_val = train_test_split(mix.to_numpy(), target, test_size=0.25, random_state=3)
    scaler = StandardScaler().fit(x_train)
    model = StrengthModel(8, NetConfig())
    model.train(scaler.transform(x_train), y_train, scaler.transform(x_val), y_val)


if __name__ == "__main__":
    main()
