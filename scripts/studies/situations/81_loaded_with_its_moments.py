"""A compiled model is saved after a first training and loaded with its optimizer, whose moments and steps go on."""

import keras
import numpy as np

keras.utils.set_random_seed(11)
rng = np.random.default_rng(11)
x = rng.normal(size=(160, 6)).astype("float32")
y = (x[:, :1] * 4).astype("float32")
first = keras.Sequential([keras.Input((6,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(1)])
first.compile(keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(3e-2, 10, 0.5)), "mse")
for start in range(0, 160, 16):
    first.train_on_batch(x[start : start + 16], y[start : start + 16])
first.save("kept.keras")
model = keras.saving.load_model("kept.keras")
model.fit(x, y, batch_size=16, epochs=3, shuffle=False, verbose=0)
