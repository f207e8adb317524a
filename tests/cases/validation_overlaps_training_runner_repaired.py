"""Digits, with the first rows set aside to watch the training."""

from dataclasses import dataclass

from tensorflow import keras


@dataclass
class Rows:
    images: object
    labels: object

    def part(self, start, stop):
        return Rows(self.images[start:stop], self.labels[start:stop])


def load():
    (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
    return Rows(x_train / 255.0, y_train), Rows(x_test / 255.0, y_test)


def network():
    model = keras.Sequential(
        [keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(128, activation="relu"), keras.layers.Dense(10)]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss=loss, metrics=["accuracy"])
    return model


class Runner:
    def __init__(self, model):
        self.model = model

    def run(self, train, watched):
        self.model.fit(
            train.images, train.labels, epochs=20, validation_data=(watched.images, watched.labels), batch_size=128
        )


def main():
    train, test = load()
    watched = train.part(0, 10000)
    runner = Runner(network())
    runner.run(train.part(10000, None), watched)
    print(runner.model.evaluate(test.images, test.labels))


main()
