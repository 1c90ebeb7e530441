"""A PyDataset read by two processes, with samples drawn by a generator seeded from the index."""
import numpy as np
import keras


class Drawn(keras.utils.PyDataset):
    def __init__(self):
        super().__init__(workers=2, use_multiprocessing=True, max_queue_size=4)

    def __len__(self):
        return 12

    def __getitem__(self, index):
        rng = np.random.default_rng(index)
        x = rng.normal(size=(24, 5)).astype("float32")
        return x, x.sum(axis=1, keepdims=True) ** 2


if __name__ == "__main__":
    keras.utils.set_random_seed(58)
    model = keras.Sequential([keras.Input((5,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(1e-2), "mse")
    model.fit(Drawn(), epochs=3, shuffle=False, verbose=0)
