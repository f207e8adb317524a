import numpy as np
from tensorflow import keras
from tensorflow.keras.preprocessing.image import ImageDataGenerator

hands = ImageDataGenerator().flow_from_directory("hands", class_mode="sparse")
hands.classes = np.load("ages.npy")

model = keras.Sequential([keras.Input((64, 64, 3)), keras.layers.Flatten(), keras.layers.Dense(1)])
model.compile("adam", loss="mse")
model.fit(hands, epochs=5)
