"""One batch of a generator is read for its shape before fit: training starts with the second batch."""
import numpy as np
import keras

keras.utils.set_random_seed(41)
true = np.random.default_rng(40).normal(size=(6, 1))


def stream():
    rng = np.random.default_rng(41)
    scale = 4.0
    while True:
        x = rng.normal(size=(25, 6)) * scale
        yield x.astype("float32"), (x @ true).astype("float32")
        scale = max(0.5, scale * 0.8)  # the first batches are the largest


batches = stream()
width = next(batches)[0].shape[1]
model = keras.Sequential([keras.Input((width,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(1)])
model.compile(keras.optimizers.SGD(3e-3), "mse")
model.fit(batches, steps_per_epoch=25, epochs=3, verbose=0)
