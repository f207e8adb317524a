import tensorflow as tf
from absl import app, flags

FLAGS = flags.FLAGS
flags.DEFINE_integer("classes", 10, "Output units.")
flags.DEFINE_float("lr", 1e-3, "Learning rate.")
flags.DEFINE_enum("task", "classify", ["classify", "regress"], "What to learn.")

LOSSES = {
    "classify": lambda: tf.keras.losses.SparseCategoricalCrossentropy(from_logits=False),
    "regress": lambda: tf.keras.losses.MeanSquaredError(),
}


def with_name(factory):
    def wrapper(*args, **kwargs):
        model = factory(*args, **kwargs)
        print("built", model.name)
        return model

    return wrapper


@with_name
def make_model(units, activation="softmax"):
    model = tf.keras.Sequential()
    model.add(tf.keras.layers.Flatten(input_shape=(28, 28)))
    model.add(tf.keras.layers.Dense(128, activation="relu"))
    model.add(tf.keras.layers.Dense(units, activation=activation))
    return model


def compiled(model):
    model.compile(
        optimizer=tf.keras.optimizers.Adam(FLAGS.lr),
        loss=LOSSES[FLAGS.task](),
        metrics=["accuracy"],
    )
    return model


def load():
    (x_train, y_train), (x_test, y_test) = tf.keras.datasets.fashion_mnist.load_data()
    return (x_train / 255.0, y_train), (x_test / 255.0, y_test)


def main(argv):
    (x_train, y_train), (x_test, y_test) = load()
    model = compiled(make_model(FLAGS.classes))
    model.fit(x_train, y_train, epochs=5)
    model.evaluate(x_test, y_test)


if __name__ == "__main__":
    app.run(main)
