import typer
from pydantic import BaseModel, Field
from tensorflow import keras
from tensorflow.keras import layers


class HeadSettings(BaseModel):
    units: int = 1
    activation: str | None = None


class TrainSettings(BaseModel):
    loss: str = "mse"
    watch: list[str] = Field(default_factory=lambda: ["mae"])
    head: HeadSettings = Field(default_factory=HeadSettings)


def prices():
    (x, y), (x_test, y_test) = keras.datasets.boston_housing.load_data()
    scale = layers.Normalization()
    scale.adapt(x)
    return scale(x), y


def digits():
    (x, y), _ = keras.datasets.mnist.load_data()
    return x.reshape(-1, 784) / 255.0, y


SETTINGS = {
    "prices": (prices, TrainSettings()),
    "digits": (
        digits,
        TrainSettings(
            loss="sparse_categorical_crossentropy", watch=[], head=HeadSettings(units=10, activation="softmax")
        ),
    ),
}


class Session:
    def __init__(self, name):
        self.load, self.settings = SETTINGS[name]

    def __enter__(self):
        self.x, self.y = self.load()
        self.model = self.make(self.settings.head)
        return self

    def __exit__(self, *error):
        keras.backend.clear_session()

    def make(self, head):
        model = keras.Sequential()
        model.add(layers.Dense(32, activation="relu"))
        model.add(layers.Dense(head.units, activation=head.activation))
        return model

    def fit(self):
        self.model.compile("adam", loss=self.settings.loss, metrics=self.settings.watch)
        self.model.fit(self.x, self.y, epochs=3)


def main(name: str = typer.Option("prices")):
    with Session(name) as session:
        session.fit()


def compare():
    for name in SETTINGS:
        with Session(name) as session:
            session.fit()


if __name__ == "__main__":
    compare()
