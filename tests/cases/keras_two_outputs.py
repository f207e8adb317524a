from tensorflow import keras
from tensorflow.keras import layers


def towers(n_age, n_tags):
    img = keras.Input((96, 96, 3), name="img")
    x = layers.Conv2D(16, 3, activation="relu")(img)
    x = layers.GlobalAveragePooling2D()(x)
    age = layers.Dense(n_age, activation="softmax", name="age")(x)
    tags = layers.Dense(n_tags, activation="sigmoid", name="tags")(x)
    return keras.Model(img, [age, tags])


m = towers(8, 30)
m.compile(
    optimizer="adam",
    loss={"age": "sparse_categorical_crossentropy", "tags": "binary_crossentropy"},
    metrics={"age": "accuracy", "tags": "accuracy"},
)
