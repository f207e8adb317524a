from tensorflow import keras
from tensorflow.keras.applications import resnet, xception
from tensorflow.keras.preprocessing.image import ImageDataGenerator

BACKBONES = {
    "small": (keras.applications.Xception, xception.preprocess_input),
}


class Folder:
    def __init__(self, root, prepare):
        self.root = root
        self.generator = ImageDataGenerator(preprocessing_function=prepare, horizontal_flip=True)

    def flow(self, part):
        return self.generator.flow_from_directory(f"{self.root}/{part}", target_size=(299, 299), class_mode="sparse")


def network(kind, classes):
    body = BACKBONES[kind][0](include_top=False, weights="imagenet", pooling="avg")
    body.trainable = False
    inputs = keras.Input((299, 299, 3))
    return keras.Model(inputs, keras.layers.Dense(classes, activation="softmax")(body(inputs, training=False)))


def main():
    data = Folder("flowers", resnet.preprocess_input)
    model = network("small", 5)
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(data.flow("train"), epochs=5)


main()
