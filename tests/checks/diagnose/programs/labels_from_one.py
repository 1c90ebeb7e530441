import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(0)
y = rng.integers(1, 6, 300)
x = rng.normal(size=(300, 4)) + y[:, None]
model = keras.Sequential([keras.Input((4,)), layers.Dense(16, activation="relu"), layers.Dense(5, activation="softmax")])
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=3)
