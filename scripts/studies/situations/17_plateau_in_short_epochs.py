"""ReduceLROnPlateau on epochs of three steps, impatient: the rate falls within the first twenty steps."""
import numpy as np
import keras

keras.utils.set_random_seed(18)
rng = np.random.default_rng(18)
x = rng.normal(size=(96, 8)).astype("float32")
y = rng.normal(size=(96, 1)).astype("float32")
lower = keras.callbacks.ReduceLROnPlateau(monitor="loss", factor=0.1, patience=1, min_delta=0.5, cooldown=0)
model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(24, "relu"), keras.layers.Dense(1)])
model.compile(keras.optimizers.Adam(2e-2), "mse")
model.fit(x, y, batch_size=32, epochs=20, shuffle=False, callbacks=[lower], verbose=0)
