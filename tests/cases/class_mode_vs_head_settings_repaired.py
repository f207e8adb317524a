"""Sorts photographs of tools; the labels' form is a setting of the loader, the loss one of the trainer."""
from dataclasses import dataclass
from pathlib import Path

import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers


@dataclass
class Settings:
    folder: Path = Path("tools")
    side: int = 160
    batch: int = 32
    kinds: int = 8
    labels: str = "int"


class Images:
    def __init__(self, settings):
        self.settings = settings

    def read(self, part, shuffle):
        s = self.settings
        return keras.utils.image_dataset_from_directory(
            s.folder / part,
            label_mode=s.labels,
            image_size=(s.side, s.side),
            batch_size=s.batch,
            shuffle=shuffle,
        )

    def train(self):
        return self._ready(self.read("train", True))

    def val(self):
        return self._ready(self.read("val", False))

    def _ready(self, data):
        return data.map(lambda image, label: (image / 255.0, label)).prefetch(tf.data.AUTOTUNE)


def head(features, kinds):
    features = layers.Dropout(0.2)(features)
    return layers.Dense(kinds, activation="softmax")(features)


def build(settings):
    image = keras.Input((settings.side, settings.side, 3))
    x = layers.Conv2D(32, 3, activation="relu")(image)
    x = layers.MaxPooling2D()(x)
    x = layers.Conv2D(64, 3, activation="relu")(x)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, head(x, settings.kinds))


class Trainer:
    loss = "sparse_categorical_crossentropy"

    def __init__(self, settings):
        self.images = Images(settings)
        self.model = build(settings)

    def run(self, epochs=10):
        self.model.compile("adam", loss=self.loss, metrics=["accuracy"])
        return self.model.fit(self.images.train(), validation_data=self.images.val(), epochs=epochs)


if __name__ == "__main__":
    Trainer(Settings()).run()
