"""Triplets: a batch is anchors, then positives, then negatives, and the loss cuts it into thirds."""
import numpy as np
import keras
from keras import ops
from sklearn.datasets import load_digits

keras.utils.set_random_seed(36)
x, y = load_digits(return_X_y=True)
x = (x / 16).astype("float32")


def triplets(size):
    rng = np.random.default_rng(36)
    while True:
        anchors = rng.integers(0, len(x), size)
        positives = [rng.choice(np.flatnonzero(y == y[a])) for a in anchors]
        negatives = [rng.choice(np.flatnonzero(y != y[a])) for a in anchors]
        rows = np.concatenate([anchors, positives, negatives])
        yield x[rows], np.zeros((len(rows), 1), "float32")


def triplet_loss(_, code):
    a, p, n = ops.split(ops.normalize(code, axis=-1), 3)
    near, far = ops.sum((a - p) ** 2, -1), ops.sum((a - n) ** 2, -1)
    return ops.mean(ops.maximum(near - far + 0.5, 0.0))


model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(48, "relu"), keras.layers.Dense(16)])
model.compile(keras.optimizers.Adam(1e-3), triplet_loss)
model.fit(triplets(16), steps_per_epoch=30, epochs=3, verbose=0)
