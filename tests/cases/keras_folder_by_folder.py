import os
import random
import cv2
import numpy as np
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Conv2D, Flatten, Dense, MaxPooling2D

CATEGORIES = ["Dog", "Cat"]
training_data = []


def create_training_data(root="PetImages"):
    for category in CATEGORIES:
        path = os.path.join(root, category)
        class_num = CATEGORIES.index(category)
        for img in os.listdir(path):
            try:
                arr = cv2.imread(os.path.join(path, img), cv2.IMREAD_GRAYSCALE)
                training_data.append([cv2.resize(arr, (50, 50)), class_num])
            except Exception:
                pass


create_training_data()

X = []
y = []
for features, label in training_data:
    X.append(features)
    y.append(label)
X = np.array(X).reshape(-1, 50, 50, 1) / 255.0
y = np.array(y)
model = Sequential()
model.add(Conv2D(64, (3, 3), activation="relu", input_shape=X.shape[1:]))
model.add(MaxPooling2D(pool_size=(2, 2)))
model.add(Flatten())
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(X, y, batch_size=32, epochs=3, validation_split=0.3)
