from abc import ABC, abstractmethod

from tensorflow import keras
from tensorflow.keras import layers


class Builder(ABC):
    activation = None
    loss = None
    metrics = ["accuracy"]

    def __init__(self, features, outputs):
        self.features = features
        self.outputs = outputs

    @abstractmethod
    def head(self): ...

    def body(self):
        return [layers.Dense(64, activation="relu")]

    def build(self):
        model = keras.Sequential([layers.Input((self.features,))] + self.body() + [self.head()])
        model.compile(optimizer=keras.optimizers.Adam(1e-3), loss=self.loss, metrics=self.metrics)
        return model


class DenseBuilder(Builder):
    def head(self):
        return layers.Dense(self.outputs, activation=self.activation)


class DeepBuilder(DenseBuilder):
    def body(self):
        stack = super().body()
        stack.append(layers.Dropout(0.5))
        return stack


class TagsBuilder(DeepBuilder):
    activation = "sigmoid"
    loss = "binary_crossentropy"
    metrics = [keras.metrics.BinaryAccuracy()]


class TopicsBuilder(DeepBuilder):
    activation = "softmax"
    loss = "categorical_crossentropy"
    metrics = [keras.metrics.AUC()]


class GenresBuilder(DenseBuilder):
    activation = "softmax"
    loss = "sparse_categorical_crossentropy"


class ScoresBuilder(DenseBuilder):
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)


BUILDERS = {"tags": TagsBuilder, "topics": TopicsBuilder, "genres": GenresBuilder, "scores": ScoresBuilder}


def create(kind, features, outputs):
    return BUILDERS[kind](features, outputs).build()


def train(kind, x, y):
    model = create(kind, x.shape[1], 12)
    model.fit(x, y, epochs=10, batch_size=32)
    return model


def tags(x, y):
    return train("tags", x, y)


def topics(x, y):
    return train("topics", x, y)


def genres(x, y):
    return train("genres", x, y)


def scores(x, y):
    return train("scores", x, y)
