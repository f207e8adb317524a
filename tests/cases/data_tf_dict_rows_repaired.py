import tensorflow as tf

(x, y), _ = tf.keras.datasets.mnist.load_data()


def to_ds(x, y, bs):
    opt = tf.data.Options()
    ds = tf.data.Dataset.from_tensor_slices({"image": x, "label": y})
    ds = ds.map(lambda d: (tf.cast(d["image"], tf.float32) / 255.0, d["label"]))
    ds = ds.apply(lambda d: d.shuffle(100))
    return ds.batch(bs).with_options(opt)


strategy = tf.distribute.MirroredStrategy()
with strategy.scope():
    m = tf.keras.Sequential(
        [tf.keras.layers.Flatten(), tf.keras.layers.Dense(10, activation="softmax")]
    )
    m.compile(
        "adam", loss="sparse_categorical_crossentropy", metrics=["sparse_categorical_accuracy"]
    )
m.fit(to_ds(x, y, 32))
