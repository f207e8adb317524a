import tensorflow as tf
import tensorflow_datasets as tfds

builder = tfds.builder("oxford_flowers102")
builder.download_and_prepare()
train = builder.as_dataset(split="train", as_supervised=True)


def augment(image, label):
    image = tf.image.random_flip_left_right(image)
    return image, label


train = (
    train.map(lambda i, l: (tf.image.resize(i, (224, 224)), l))
    .cache()
    .map(augment)
    .shuffle(500)
    .batch(16)
)
m = tf.keras.Sequential([tf.keras.layers.GlobalAveragePooling2D(), tf.keras.layers.Dense(102)])
m.compile("adam", tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
m.fit(train, epochs=1)
