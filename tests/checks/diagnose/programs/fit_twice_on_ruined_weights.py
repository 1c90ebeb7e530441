import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(0)
x = rng.normal(size=(200, 4))
y = x[:, :1] * 2.0
model = keras.Sequential([keras.Input((4,)), layers.Dense(8, activation="tanh"), layers.Dense(1)])
model.set_weights([weight * np.nan for weight in model.get_weights()])
model.compile(optimizer="sgd", loss="mse")
model.fit(x, y, epochs=2)
