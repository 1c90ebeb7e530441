"""The model is saved with its optimizer, loaded again and trained on: Adam's moments and step count are those kept."""
import sys
import numpy as np
import keras

keras.utils.set_random_seed(24)
rng = np.random.default_rng(24)
x = rng.normal(size=(640, 8)).astype("float32")
y = (x @ rng.normal(size=(8, 1)) + 3).astype("float32")
if "first" in sys.argv:
    model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(24, "relu"), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(2e-2, beta_2=0.99), "mse")
    model.fit(x, y, batch_size=32, epochs=2, shuffle=False, verbose=0)
    model.save("half_way.keras")
else:
    model = keras.models.load_model("half_way.keras")
    model.fit(x, y, batch_size=32, initial_epoch=2, epochs=8, shuffle=False, verbose=0)
