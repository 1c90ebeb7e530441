import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(0)
x = rng.normal(size=(300, 6)).astype("float32")
y = x[:, 0] * 2.0 + rng.normal(size=300) * 0.1
model = keras.Sequential([keras.Input((6,)), layers.Dense(16, activation="relu"), layers.Dense(10, activation="softmax")])
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, np.abs(y), epochs=3)
