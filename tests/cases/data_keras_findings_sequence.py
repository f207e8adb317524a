import numpy as np, pandas as pd, os
from tensorflow import keras
from tensorflow.keras.utils import Sequence


class XRaySequence(Sequence):
    FINDINGS = {"normal": 1, "bacterial": 2, "viral": 3}

    def __init__(self, frame, folder, batch=16, size=(128, 128), shuffle=True):
        self.frame, self.folder, self.batch, self.size, self.shuffle = (
            frame,
            folder,
            batch,
            size,
            shuffle,
        )
        self.on_epoch_end()

    def __len__(self):
        return int(np.floor(len(self.frame) / self.batch))

    def on_epoch_end(self):
        self.order = np.arange(len(self.frame))
        if self.shuffle:
            np.random.shuffle(self.order)

    def __getitem__(self, index):
        ids = [self.order[k] for k in range(index * self.batch, (index + 1) * self.batch)]
        return self._load(ids)

    def _load(self, ids):
        X = np.empty((self.batch, *self.size, 1))
        y = np.empty((self.batch), dtype=int)
        for i, k in enumerate(ids):
            row = self.frame.iloc[k]
            X[i,] = np.load(os.path.join(self.folder, row["file"]))
            y[i] = self.FINDINGS[row["finding"]]
        return X, y


df = pd.read_csv("x.csv")
model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(3, activation="softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(XRaySequence(df, "img"), epochs=3)
