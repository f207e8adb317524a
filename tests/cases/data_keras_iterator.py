import numpy as np, keras
from keras.utils import to_categorical


class Gen:
    def __init__(self, x, y, bs, n):
        self.x, self.y, self.bs, self.n, self.i = x, y, bs, n, 0

    def __iter__(self):
        return self

    def __next__(self):
        i = self.i
        self.i = (i + self.bs) % len(self.x)
        return self.x[i : i + self.bs], to_categorical(self.y[i : i + self.bs], self.n)


m = keras.Sequential([keras.layers.Dense(4, activation="softmax")])
m.compile("adam", "sparse_categorical_crossentropy")
m.fit(Gen(np.load("a.npy"), np.load("b.npy"), 32, 4), steps_per_epoch=10)
