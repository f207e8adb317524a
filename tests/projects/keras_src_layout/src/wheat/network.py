from tensorflow import keras
from wheat.settings import settings


def network(features: int) -> keras.Model:
    model = keras.Sequential([
        keras.layers.Input((features,)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(settings.classes, activation="softmax"),
    ])
    model.compile("adam", loss=settings.loss)
    return model
