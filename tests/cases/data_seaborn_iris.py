import seaborn as sns
from tensorflow import keras

df = sns.load_dataset("iris")
y = df["species"].astype("category").cat.codes
X = df.drop(columns="species")
m = keras.Sequential(
    [keras.layers.Dense(8, activation="relu"), keras.layers.Dense(1, activation="sigmoid")]
)
m.compile("adam", "binary_crossentropy", metrics=["accuracy"])
m.fit(X, y)
