"""Functions that give a compiled model and data, in each form that sweeper takes."""

import keras
import tensorflow as tf
from sklearn.datasets import load_digits, load_wine
from sklearn.preprocessing import scale


def _wine_model():
    model = keras.Sequential([keras.Input((13,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(3, "softmax")])
    model.compile(keras.optimizers.SGD(0.05), "sparse_categorical_crossentropy")
    return model


def model_and_arrays():
    x, y = load_wine(return_X_y=True)
    return _wine_model(), scale(x), y


def model_and_dataset():
    x, y = load_wine(return_X_y=True)
    return _wine_model(), tf.data.Dataset.from_tensor_slices((scale(x), y)).shuffle(200, seed=1).batch(16)


def model_and_fit_arguments():
    x, y = load_digits(return_X_y=True)
    model = keras.Sequential([keras.layers.Dense(32, "relu"), keras.layers.Dense(10, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model, {"x": x[:1500] / 16, "y": y[:1500], "batch_size": 50, "validation_data": (x[1500:] / 16, y[1500:])}
