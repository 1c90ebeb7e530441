"""Each training runs in a process of its own, so that memory is free again after it."""

import multiprocessing


def train(units):
    import keras
    import numpy as np

    keras.utils.set_random_seed(20)
    rng = np.random.default_rng(20)
    x = rng.normal(size=(160, 6)).astype("float32")
    y = (x[:, :1] * 4).astype("float32")
    model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(units, "relu"), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(1e-2), "mse")
    model.fit(x, y, batch_size=16, epochs=4, verbose=0)


if __name__ == "__main__":
    for units in (16, 32):
        process = multiprocessing.Process(target=train, args=(units,))
        process.start()
        process.join()
