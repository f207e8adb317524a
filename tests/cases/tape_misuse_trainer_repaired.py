import numpy as np
import tensorflow as tf
from tensorflow import keras

keras.utils.set_random_seed(5)


class Forecaster:
    """Predicts tomorrow's demand from four weeks."""

    def __init__(self, window=28):
        self.net = keras.Sequential([
            keras.Input((window,)),
            keras.layers.Dense(32, activation="relu"),
            keras.layers.Dense(1),
        ])
        self.criterion = keras.losses.Huber()
        self.optimizer = keras.optimizers.Adam(1e-3)

    def predict(self, x):
        return self.net(x, training=True)

    def loss(self, y, predicted):
        return self.criterion(y, predicted)

    def step(self, x, y):
        with tf.GradientTape() as tape:
            predicted = self.predict(x)
            value = self.loss(y, predicted)
        gradients = tape.gradient(value, self.net.trainable_variables)
        self.optimizer.apply_gradients(zip(gradients, self.net.trainable_variables))
        return float(value)


def windows(series, length):
    x = np.stack([series[i:i + length] for i in range(len(series) - length)])
    return x.astype("float32"), series[length:].astype("float32")[:, None]


def main():
    x, y = windows(np.load("demand.npy"), 28)
    batches = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(1024).batch(64)
    forecaster = Forecaster()
    for epoch in range(20):
        losses = [forecaster.step(bx, by) for bx, by in batches]
        print(epoch, sum(losses) / len(losses))


main()
