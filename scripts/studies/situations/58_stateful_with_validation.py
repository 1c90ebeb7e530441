"""A stateful LSTM with validation data of its own: each validation leaves its state to the next epoch."""
import numpy as np
import keras

keras.utils.set_random_seed(61)
rng = np.random.default_rng(14)
series = np.cumsum(rng.normal(size=(4, 8 * 8 + 1)), axis=1).astype("float32") * 0.3
x = np.concatenate([series[:, 8 * k : 8 * k + 8, None] for k in range(8)])
y = np.concatenate([series[:, 8 * k + 8, None] for k in range(8)])
model = keras.Sequential([keras.Input(batch_shape=(4, 8, 1)), keras.layers.LSTM(8, stateful=True), keras.layers.Dense(1)])
model.compile(keras.optimizers.Adam(1e-2), "mse")
model.fit(x, y, batch_size=4, epochs=6, shuffle=False, validation_data=(-x, -y), verbose=0)
