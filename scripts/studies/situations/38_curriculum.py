"""Curriculum: a callback makes the samples of a PyDataset harder with every epoch of six batches."""
import numpy as np
import keras

keras.utils.set_random_seed(39)


class Tasks(keras.utils.PyDataset):
    noise = 0.0

    def __len__(self):
        return 6

    def __getitem__(self, index):
        rng = np.random.default_rng(index)
        x = rng.normal(size=(32, 5)).astype("float32")
        y = x.sum(1, keepdims=True) + self.noise * rng.normal(size=(32, 1))
        return x, y.astype("float32")


class Harder(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        tasks.noise = 2.0 * epoch


tasks = Tasks()
model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(1)])
model.compile(keras.optimizers.Adam(1e-2), "mse")
model.fit(tasks, epochs=10, callbacks=[Harder()], verbose=0)
