import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(0)
y = rng.integers(0, 4, 400)
x = (rng.integers(0, 60, (400, 16, 16, 1)) + 45 * y[:, None, None, None]).astype("uint8")
model = keras.Sequential([keras.Input((16, 16, 1)), layers.Conv2D(8, 3, activation="relu"), layers.Flatten(), layers.Dense(4, activation="softmax")])
model.compile(optimizer="sgd", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=5)
