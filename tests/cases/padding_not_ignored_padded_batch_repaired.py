"""Tags in batches that tf.data fills up, and a mask."""

import tensorflow as tf


def pairs():
    for words, tags in read_conll("train.txt"):
        yield words, tags


ds = tf.data.Dataset.from_generator(pairs, output_types=(tf.int32, tf.int32), output_shapes=([None], [None]))
ds = ds.shuffle(1000).padded_batch(32, padded_shapes=([None], [None]))

model = tf.keras.Sequential(
    [
        tf.keras.layers.Embedding(20000, 128, mask_zero=True),
        tf.keras.layers.Bidirectional(tf.keras.layers.LSTM(64, return_sequences=True)),
        tf.keras.layers.Dense(17),
    ]
)
model.compile(optimizer="adam", loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(ds, epochs=3)
