import tensorflow as tf
import tensorflow_datasets as tfds

NUM = 10


def preprocess(img, label):
    img = tf.image.resize(img, (96, 96)) / 255.0
    return img, label


(train, test), info = tfds.load("cifar10", split=["train", "test"], as_supervised=True, with_info=True)
train = train.map(preprocess).shuffle(5000).batch(64)
test = test.map(preprocess).batch(64)
model = tf.keras.Sequential([tf.keras.layers.Flatten(), tf.keras.layers.Dense(NUM, activation="softmax")])
model.compile("adam", loss=tf.keras.losses.CategoricalCrossentropy())
model.fit(train, validation_data=test)
