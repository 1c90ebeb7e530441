"""Exponential moving average of the weights, swapped in for evaluation."""

import keras
from keras.callbacks import SwapEMAWeights
from sklearn.datasets import load_digits

x, y = load_digits(return_X_y=True)
x = x / 16.0

model = keras.Sequential([keras.layers.Dense(64, activation="relu"), keras.layers.Dense(10, activation="softmax")])
model.compile(
    optimizer=keras.optimizers.SGD(learning_rate=0.1, momentum=0.9, use_ema=True, ema_momentum=0.95, ema_overwrite_frequency=100),
    loss="sparse_categorical_crossentropy",
    metrics=["accuracy"],
)
model.fit(x[:1500], y[:1500], epochs=5, validation_data=(x[1500:], y[1500:]), callbacks=[SwapEMAWeights(swap_on_epoch=True)])
model.save("ema.keras")
