import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(0)
x = rng.normal(size=(400, 10))
labels = (x[:, 0] > 0).astype(int)
y = keras.utils.to_categorical(labels, 2)
model = keras.Sequential([keras.Input((10,)), layers.Dense(16, activation="relu"), layers.Dense(2, activation="softmax")])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=5)
