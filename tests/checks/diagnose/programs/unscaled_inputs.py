import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(0)
n = 800
square_metres = rng.uniform(300, 4000, n)
year = rng.integers(1900, 2020, n)
rooms = rng.integers(1, 8, n)
x = np.stack([square_metres, year, rooms], axis=1)
y = ((square_metres / 400 + rooms) > 7).astype("int32")

model = keras.Sequential([keras.Input((3,)), layers.Dense(16, activation="relu"), layers.Dense(1, activation="sigmoid")])
model.compile(optimizer="sgd", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=20, validation_split=0.2)
