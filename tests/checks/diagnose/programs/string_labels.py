import numpy as np
import pandas as pd
import keras
from keras import layers

rng = np.random.default_rng(0)
frame = pd.DataFrame(rng.normal(size=(90, 4)), columns=list("abcd"))
frame["species"] = rng.choice(["setosa", "virginica"], 90)
x, y = frame[list("abcd")], frame["species"]
model = keras.Sequential([keras.Input((4,)), layers.Dense(16, activation="relu"), layers.Dense(1, activation="sigmoid")])
model.compile(optimizer="adam", loss="binary_crossentropy")
model.fit(x, y, epochs=3)
