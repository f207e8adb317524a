from sklearn.datasets import fetch_20newsgroups
from sklearn.feature_extraction.text import TfidfVectorizer
from tensorflow import keras

tr = fetch_20newsgroups(subset="train")
vec = TfidfVectorizer(max_features=5000)
X = vec.fit_transform(tr.data).toarray()
m = keras.Sequential(
    [keras.layers.Dense(128, activation="relu"), keras.layers.Dense(20, activation="softmax")]
)
m.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
m.fit(X, tr.target, epochs=5)
