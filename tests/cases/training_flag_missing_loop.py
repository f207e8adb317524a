import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers

keras.utils.set_random_seed(1)


def encoder(width, rate):
    inputs = keras.Input((128,))
    x = layers.Dense(width, activation="relu")(inputs)
    x = layers.Dropout(rate)(x)
    return keras.Model(inputs, x, name="encoder")


def classifier(classes, width=64, rate=0.4):
    inputs = keras.Input((128,))
    outputs = layers.Dense(classes)(encoder(width, rate)(inputs))
    return keras.Model(inputs, outputs)


class Loop:
    def __init__(self, model, rate):
        self.model = model
        self.optimizer = keras.optimizers.Adam(rate)
        self.criterion = keras.losses.SparseCategoricalCrossentropy(from_logits=True)

    def forward(self, x):
        return self.model(x)

    @tf.function
    def step(self, x, y):
        with tf.GradientTape() as tape:
            loss = self.criterion(y, self.forward(x))
        variables = self.model.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return loss


def run(batches, epochs=10):
    loop = Loop(classifier(5), 1e-3)
    for epoch in range(epochs):
        mean = keras.metrics.Mean()
        for x, y in batches:
            mean.update_state(loop.step(x, y))
        print(epoch, float(mean.result()))
