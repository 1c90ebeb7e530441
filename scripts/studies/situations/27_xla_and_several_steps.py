"""jit_compile together with steps_per_execution=5."""
import numpy as np
import keras

keras.utils.set_random_seed(28)
rng = np.random.default_rng(28)
x = rng.normal(size=(800, 10)).astype("float32")
y = np.tanh(x @ rng.normal(size=(10, 3))).astype("float32")
model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(32, "gelu"), keras.layers.LayerNormalization(), keras.layers.Dense(3)])
model.compile(keras.optimizers.Lion(1e-3), "huber", jit_compile=True, steps_per_execution=5)
model.fit(x, y, batch_size=40, epochs=4, shuffle=False, verbose=0)
