import keras
from keras import layers

words = keras.Input(shape=(120,))
x = layers.Embedding(20000, 64)(words)
x = layers.Bidirectional(layers.LSTM(32, return_sequences=True))(x)
pooled = layers.GlobalAveragePooling1D()(x)
last = layers.LSTM(16)(x)
x = layers.Concatenate()([pooled, last])
score = layers.Dense(1, activation="sigmoid")(x)
model = keras.Model(words, score)
model.compile("rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
