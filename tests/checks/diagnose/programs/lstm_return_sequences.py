import numpy as np
import keras
from keras import layers
x = np.random.rand(100, 8, 2)
y = np.random.rand(100, 1)
model = keras.Sequential([keras.Input((8, 2)), layers.LSTM(8, return_sequences=True), layers.Dense(1)])
model.compile(optimizer="adam", loss="mse")
model.fit(x, y)
