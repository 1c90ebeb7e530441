"""What KerasTuner users have: build_model(hp), a HyperModel class, and a function that loads the data."""

import keras
import keras_tuner
from sklearn.datasets import load_digits


def load_data():
    x, y = load_digits(return_X_y=True)
    return x[:1500] / 16, y[:1500]


def load_fit_arguments():
    x, y = load_digits(return_X_y=True)
    return {"x": x[:1500] / 16, "y": y[:1500], "validation_data": (x[1500:] / 16, y[1500:]), "batch_size": 64}


def build_model(hp):
    model = keras.Sequential([keras.Input((64,))])
    for i in range(hp.Int("layers", 1, 3)):
        model.add(keras.layers.Dense(hp.Int(f"units_{i}", 16, 64, step=16, default=32), activation="relu"))
    model.add(keras.layers.Dense(10, activation="softmax"))
    model.compile(
        optimizer=keras.optimizers.Adam(hp.Float("learning_rate", 1e-4, 1e-1, sampling="log", default=1e-3)),
        loss="sparse_categorical_crossentropy",
    )
    return model


class DigitsHyperModel(keras_tuner.HyperModel):
    def __init__(self, classes=10, **kwargs):
        super().__init__(**kwargs)
        self.classes = classes

    def build(self, hp):
        model = keras.Sequential(
            [
                keras.layers.Dense(hp.Choice("units", [24, 48]), activation=hp.Choice("activation", ["tanh", "relu"])),
                keras.layers.Dropout(hp.Float("dropout", 0.0, 0.5, step=0.1)),
                keras.layers.Dense(self.classes, activation="softmax"),
            ]
        )
        model.compile(keras.optimizers.RMSprop(hp.Choice("rate", [1e-3, 1e-2])), "sparse_categorical_crossentropy")
        return model

    def fit(self, hp, model, *args, **kwargs):
        return model.fit(*args, batch_size=hp.Choice("batch_size", [32, 64]), **kwargs)
