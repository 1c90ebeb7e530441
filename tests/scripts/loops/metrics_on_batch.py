"""train_on_batch with return_dict and a learning rate that falls by hand, evaluated with test_on_batch."""

import keras
import numpy as np

keras.utils.set_random_seed(40)
rng = np.random.default_rng(40)
x = rng.normal(size=(400, 8)).astype("float32")
y = (x[:, :1] > 0).astype("float32")
model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(1, "sigmoid")])
model.compile(keras.optimizers.Adam(2e-3), "binary_crossentropy", metrics=["accuracy"])
for epoch in range(40):
    model.reset_metrics()
    for start in range(0, 400, 40):
        logs = model.train_on_batch(x[start : start + 40], y[start : start + 40], return_dict=True)
    print(epoch, logs, model.test_on_batch(x, y, return_dict=True))
