import matplotlib.pyplot as plt
from tensorflow import keras


def plot(history, key):
    plt.plot(history.history[key], label="train")
    plt.plot(history.history["val_" + key], label="val")
    plt.legend()
    plt.show()


(x, y), (xt, yt) = keras.datasets.imdb.load_data(num_words=10000)
x = keras.preprocessing.sequence.pad_sequences(x, maxlen=200)
xt = keras.preprocessing.sequence.pad_sequences(xt, maxlen=200)
m = keras.Sequential(
    [
        keras.layers.Embedding(10000, 16),
        keras.layers.GlobalAveragePooling1D(),
        keras.layers.Dense(1, activation="sigmoid"),
    ]
)
m.compile("rmsprop", "binary_crossentropy", metrics=["accuracy"])
h = m.fit(x, y, epochs=10, batch_size=512, validation_split=0.2)
for k in ("loss", "acc"):
    plot(h, k)
