import tensorflow as tf

SIZE = 160


class Settings:
    batch_size = 32
    buffer = 2048
    classes = 5


class Pictures:
    """Reads pictures listed in a file; each stage is a method of its own."""

    def __init__(self, listing, settings):
        self.settings = settings
        lines = [line.split(",") for line in open(listing).read().splitlines()]
        self.rows = tf.data.Dataset.from_tensor_slices(([p for p, _ in lines], [int(k) for _, k in lines]))

    @staticmethod
    def decode(path, label):
        image = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
        return tf.image.resize(image, (SIZE, SIZE)), label

    def batched(self):
        rows = self.rows.map(self.decode, num_parallel_calls=tf.data.AUTOTUNE)
        return rows.batch(self.settings.batch_size)

    def training(self):
        return self.mixed(self.batched()).prefetch(tf.data.AUTOTUNE)

    def mixed(self, rows):
        return rows.shuffle(self.settings.buffer)


def build(settings):
    model = tf.keras.Sequential([
        tf.keras.Input((SIZE, SIZE, 3)),
        tf.keras.layers.Rescaling(1 / 255),
        tf.keras.layers.Conv2D(16, 3, activation="relu"),
        tf.keras.layers.GlobalAveragePooling2D(),
        tf.keras.layers.Dense(settings.classes, activation="softmax"),
    ])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


settings = Settings()
build(settings).fit(Pictures("train.csv", settings).training(), epochs=10)
