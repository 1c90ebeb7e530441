"""Active learning: a callback adds samples to the pool that a PyDataset draws from."""

import keras
import numpy as np

keras.utils.set_random_seed(36)
rng = np.random.default_rng(36)
x = np.sort(rng.normal(size=(400, 6)).astype("float32"), axis=0)
y = x.sum(axis=1, keepdims=True)


class Pool(keras.utils.PyDataset):
    def __init__(self):
        super().__init__()
        self.chosen = list(range(16))

    def __len__(self):
        return 10

    def __getitem__(self, index):
        picked = np.random.default_rng(index).choice(self.chosen, 16)
        return x[picked], y[picked]


class Add(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        pool.chosen.extend(range(len(pool.chosen), len(pool.chosen) + 100))


pool = Pool()
model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(1)])
model.compile(keras.optimizers.Adam(1e-2), "mse")
model.fit(pool, epochs=4, shuffle=False, callbacks=[Add()], verbose=0)
