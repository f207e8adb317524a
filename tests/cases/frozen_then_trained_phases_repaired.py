"""Fine-tuning a network for dog breeds in two phases."""
from tensorflow import keras
from tensorflow.keras.applications import EfficientNetB0

keras.utils.set_random_seed(1)


class Breeds:
    def __init__(self, breeds):
        self.base = EfficientNetB0(include_top=False, pooling="avg", input_shape=(224, 224, 3))
        self.base.trainable = False
        picture = keras.Input((224, 224, 3))
        features = keras.layers.Dropout(0.3)(self.base(picture, training=False))
        self.model = keras.Model(picture, keras.layers.Dense(breeds, activation="softmax")(features))
        self.compile(1e-3)

    def compile(self, rate):
        self.model.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"])

    def thaw(self, keep):
        self.base.trainable = True
        for layer in self.base.layers[:-keep]:
            layer.trainable = False


def phases(network, train, val):
    network.model.fit(train, validation_data=val, epochs=5)
    network.thaw(keep=20)
    network.compile(1e-5)
    network.model.fit(train, validation_data=val, epochs=15)


def pictures(part):
    return keras.utils.image_dataset_from_directory(f"dogs/{part}", image_size=(224, 224))


phases(Breeds(120), pictures("train"), pictures("val"))
