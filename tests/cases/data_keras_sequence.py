import numpy as np
from tensorflow import keras
from tensorflow.keras.utils import Sequence, to_categorical


class Gen(Sequence):
    def __init__(self, images, labels, batch_size=32, n_classes=7):
        self.images, self.labels, self.batch_size, self.n_classes = (
            images,
            labels,
            batch_size,
            n_classes,
        )
        self.indexes = np.arange(len(images))

    def __len__(self):
        return int(np.ceil(len(self.images) / self.batch_size))

    def on_epoch_end(self):
        np.random.shuffle(self.indexes)

    def __getitem__(self, index):
        idx = self.indexes[index * self.batch_size : (index + 1) * self.batch_size]
        return self.__generate(idx)

    def __generate(self, idx):
        X = self.images[idx]
        y = to_categorical(self.labels[idx], num_classes=self.n_classes)
        return X, y


images, labels = np.load("x.npy"), np.load("y.npy")
gen = Gen(images, labels)
model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(7, activation="softmax")])
model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
model.fit(gen, epochs=10)
