"""Clothes, told apart by a small network."""
from tensorflow import keras

keras.utils.set_random_seed(1)


class Data:
    def __init__(self):
        (self.x, self.y), (self.x_test, self.y_test) = keras.datasets.fashion_mnist.load_data()
        self.x, self.x_test = self.x / 255.0, self.x_test / 255.0


def build(width):
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            keras.layers.Flatten(),
            keras.layers.Dense(width, activation="relu"),
            keras.layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def scores(model, data):
    return model.evaluate(data.x_test, data.y_test, verbose=0)


def summary(width, result):
    print(f"{width} units: test accuracy {result[1]:.3f}")


def main():
    data = Data()
    for width in (32, 64, 128):
        model = build(width)
        model.fit(data.x, data.y, epochs=5, validation_split=0.1)
        summary(width, scores(model, data))


main()
