"""Reports on a network that tells beetles apart."""
import numpy as np
from sklearn.metrics import classification_report
from tensorflow import keras

keras.utils.set_random_seed(1)

SIZE = (128, 128)


class Pictures:
    def __init__(self, root, batch=32):
        self.root, self.batch = root, batch

    def part(self, name, **options):
        return keras.utils.image_dataset_from_directory(
            f"{self.root}/{name}", image_size=SIZE, batch_size=self.batch, **options
        )


def build(kinds):
    return keras.Sequential(
        [
            keras.Input((*SIZE, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(16, 3, activation="relu"),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(kinds, activation="softmax"),
        ]
    )


def labels_of(batches):
    return np.concatenate([labels.numpy() for _, labels in batches])


def report(model, batches):
    predicted = model.predict(batches).argmax(axis=1)
    return classification_report(labels_of(batches), predicted)


if __name__ == "__main__":
    pictures = Pictures("beetles")
    train, test = pictures.part("train"), pictures.part("test", shuffle=False)
    network = build(len(train.class_names))
    network.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    network.fit(train, validation_data=pictures.part("val"), epochs=10)
    print(report(network, test))
