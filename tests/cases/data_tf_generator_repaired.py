import tensorflow as tf, numpy as np, pandas as pd

IDS = {"low": 0, "medium": 1, "high": 2}


class Pipeline:
    def __init__(self, csv, batch):
        self.frame = pd.read_csv(csv)
        self.batch = batch

    def _generator(self):
        for row in self.frame.itertuples():
            yield {"a": row.a, "b": row.b}, IDS[row.risk]

    def dataset(self, training=True):
        sig = (
            {"a": tf.TensorSpec((), tf.float32), "b": tf.TensorSpec((), tf.float32)},
            tf.TensorSpec((), tf.int32),
        )
        ds = tf.data.Dataset.from_generator(self._generator, output_signature=sig)
        ds = ds.map(self._stack)
        if training:
            ds = ds.shuffle(500).repeat()
        return ds.batch(self.batch).prefetch(2)

    @staticmethod
    def _stack(features, label):
        return tf.stack([features["a"], features["b"]]), label


pipe = Pipeline("r.csv", 32)
model = tf.keras.Sequential(
    [tf.keras.Input((2,)), tf.keras.layers.Dense(8, "relu"), tf.keras.layers.Dense(3, "softmax")]
)
model.compile(
    optimizer="adam", loss=tf.keras.losses.SparseCategoricalCrossentropy(), metrics=["accuracy"]
)
model.fit(pipe.dataset(), steps_per_epoch=100, epochs=2)
