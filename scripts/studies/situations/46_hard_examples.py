"""Hard examples: the generator asks the model itself which of many samples have the largest error, and yields those."""
import numpy as np
import keras

keras.utils.set_random_seed(48)
rng = np.random.default_rng(3)
x = rng.normal(size=(1000, 6)).astype("float32")
y = np.sin(2 * x[:, :1]) + x[:, 1:2] ** 2
model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(1)])


def hardest():
    while True:
        pool = rng.choice(len(x), 128, replace=False)
        error = np.abs(model(x[pool]).numpy() - y[pool])[:, 0]
        chosen = pool[np.argsort(-error)[:32]]
        yield x[chosen], y[chosen].astype("float32")


model.compile(keras.optimizers.Adam(2e-2), "mse")
model.fit(hardest(), steps_per_epoch=20, epochs=5, verbose=0)
