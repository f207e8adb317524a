import pandas as pd
from keras.models import Sequential
from keras.layers import Dense

tr = pd.read_csv("phish_train.csv")
va = pd.read_csv("phish_val.csv")
for part in (tr, va):
    part["Result"] = part["Result"].replace({"phishing": -1, "legit": 1})
net = Sequential()
net.add(Dense(30, activation="relu", input_shape=(30,)))
net.add(Dense(1, activation="sigmoid"))
net.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
net.fit(tr.drop(columns="Result"), tr["Result"], validation_data=(va.drop(columns="Result"), va["Result"]), epochs=10)
