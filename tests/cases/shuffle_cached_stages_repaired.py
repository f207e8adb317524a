import tensorflow as tf


def parse(line):
    fields = tf.strings.to_number(tf.strings.split(line, ","))
    return fields[:-1], fields[-1]


def read(path):
    return tf.data.TextLineDataset(path).skip(1).map(parse)


def mix(rows, buffer):
    return rows.shuffle(buffer)


def keep(rows):
    return rows.cache()


def compose(rows, *stages):
    for stage in stages:
        rows = stage(rows)
    return rows


class Regression:
    def __init__(self):
        self.model = tf.keras.Sequential([tf.keras.Input((8,)), tf.keras.layers.Dense(32, activation="relu"), tf.keras.layers.Dense(1)])
        self.model.compile("adam", "mse")

    def fit(self, rows, epochs):
        self.model.fit(rows.batch(64).prefetch(tf.data.AUTOTUNE), epochs=epochs)


rows = tf.data.TextLineDataset("houses.csv").map(parse)
Regression().fit(compose(rows, keep, lambda each: mix(each, 10000)), epochs=30)
