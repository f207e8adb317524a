import itertools

from easydict import EasyDict
from keras.layers import Dense, Input
from keras.models import Sequential
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

cfg = EasyDict(
    {"model": {"widths": [32, 16], "units": 3}, "train": {"loss": "sparse_categorical_crossentropy", "epochs": 50}}
)


def features_and_labels():
    data = load_wine()
    return data.data, data.target


def split(seed=7):
    x, y = features_and_labels()
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.25, random_state=seed)
    scaler = StandardScaler().fit(x_train)
    return dict(train=(scaler.transform(x_train), y_train), test=(scaler.transform(x_test), y_test))


def stack(widths, units):
    head = [Dense(units, activation="sigmoid" if units == 1 else "softmax")]
    return list(itertools.chain([Input((13,))], (Dense(width, activation="relu") for width in widths), head))


def compile_with(settings):
    def decorate(make):
        def made(*args, **kwargs):
            model = make(*args, **kwargs)
            model.compile(optimizer="rmsprop", loss=settings.loss)
            return model

        return made

    return decorate


@compile_with(cfg.train)
def network(widths, units):
    return Sequential(stack(widths, units))


def main():
    parts = split()
    model = network(**cfg.model)
    model.fit(*parts["train"], epochs=cfg.train.epochs)
    print(model.evaluate(*parts["test"]))


main()
