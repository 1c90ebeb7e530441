"""Handwritten digits with twelve narrow tanh layers: hard to train by plain gradient descent."""

import keras
from sklearn.datasets import load_digits

keras.utils.set_random_seed(3)
x, y = load_digits(return_X_y=True)
x = (x - x.mean()) / x.std()

hidden = [keras.layers.Dense(32, activation="tanh", kernel_initializer="glorot_normal") for _ in range(12)]
model = keras.Sequential([keras.Input((64,)), *hidden, keras.layers.Dense(10, activation="softmax")])
model.compile(keras.optimizers.SGD(0.05, momentum=0.9), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, batch_size=64, epochs=150, validation_split=0.25)
