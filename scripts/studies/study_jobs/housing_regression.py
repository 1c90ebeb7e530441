"""House prices in California: a regression with scaled features and target."""

import keras
import numpy as np

keras.utils.set_random_seed(7)
(x_train, y_train), (x_test, y_test) = keras.datasets.california_housing.load_data()
mean, std = np.nanmean(x_train, axis=0), np.nanstd(x_train, axis=0)
x_train, x_test = np.nan_to_num((x_train - mean) / std), np.nan_to_num((x_test - mean) / std)
y_train, y_test = y_train / 1e5, y_test / 1e5

inputs = keras.Input((x_train.shape[1],))
hidden = keras.layers.Dense(64, activation="relu")(inputs)
hidden = keras.layers.Dense(64, activation="relu")(hidden)
model = keras.Model(inputs, keras.layers.Dense(1)(hidden))
model.compile(optimizer="rmsprop", loss="mean_squared_error", metrics=["mae"])
model.fit(x_train, y_train, batch_size=64, epochs=30, validation_data=(x_test, y_test))
