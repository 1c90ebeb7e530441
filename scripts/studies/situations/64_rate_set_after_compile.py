"""A learning rate that is assigned after compile, and a layer that is frozen after compile without compiling again."""

import keras
import numpy as np

keras.utils.set_random_seed(3)
rng = np.random.default_rng(0)
x = rng.normal(size=(320, 10)).astype("float32")
y = x.sum(axis=1, keepdims=True).astype("float32")
model = keras.Sequential(
    [
        keras.Input((10,)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dense(1),
    ]
)
model.compile(optimizer=keras.optimizers.Adam(), loss="mse")
model.optimizer.learning_rate = 0.02
model.layers[0].trainable = False
model.fit(x, y, batch_size=32, epochs=10, verbose=0)
