from sklearn.datasets import fetch_openml
from tensorflow import keras

X, y = fetch_openml("mnist_784", version=1, return_X_y=True, as_frame=False)
y = y.astype("int")
X = X / 255.0
m = keras.Sequential(
    [keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10, activation="softmax")]
)
m.compile("sgd", "sparse_categorical_crossentropy")
m.fit(X, y)
