import numpy as np
import pandas as pd
import keras
from keras import layers

rng = np.random.default_rng(0)
frame = pd.DataFrame({"age": rng.integers(20, 60, 90), "town": rng.choice(["Leeds", "York"], 90)})
y = rng.integers(0, 2, 90)
model = keras.Sequential([keras.Input((2,)), layers.Dense(16, activation="relu"), layers.Dense(1, activation="sigmoid")])
model.compile(optimizer="adam", loss="binary_crossentropy")
model.fit(frame.values, y, epochs=3)
