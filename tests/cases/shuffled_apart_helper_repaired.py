import os

import numpy as np
from PIL import Image
from tensorflow import keras
from tensorflow.keras import layers

ROOT = "leaves"
SIZE = (64, 64)


def read_images(root):
    images, labels = [], []
    for label, folder in enumerate(sorted(os.listdir(root))):
        for name in os.listdir(os.path.join(root, folder)):
            path = os.path.join(root, folder, name)
            images.append(np.asarray(Image.open(path).convert("RGB").resize(SIZE)))
            labels.append(label)
    return np.array(images, dtype="float32") / 255.0, np.array(labels)


def mix(*arrays):
    """The arrays in one random order."""
    order = np.random.permutation(len(arrays[0]))
    return [array[order] for array in arrays]


class LeafData:
    def __init__(self, root):
        images, labels = read_images(root)
        self.images, self.labels = mix(images, labels)

    def parts(self, share=0.8):
        cut = int(len(self.images) * share)
        train = self.images[:cut], self.labels[:cut]
        return train, (self.images[cut:], self.labels[cut:])


def build(classes):
    model = keras.Sequential(
        [
            keras.Input((*SIZE, 3)),
            layers.Conv2D(16, 3, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(classes, activation="softmax"),
        ]
    )
    model.compile("adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def main():
    (x, y), held_out = LeafData(ROOT).parts()
    build(12).fit(x, y, validation_data=held_out, epochs=20)


if __name__ == "__main__":
    np.random.seed(0)
    main()
