import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(0)
x = rng.normal(size=(300, 4)).astype("float32")
y = np.digitize(x[:, 0], [-0.5, 0.5])
model = keras.Sequential([keras.Input((4,)), layers.Dense(16, activation="relu"), layers.Dense(1, activation="sigmoid")])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=3)
