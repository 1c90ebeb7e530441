"""initial_epoch=10 with a schedule by epochs: training goes on at 1e-3, while 0.1 was compiled."""
import numpy as np
import keras

keras.utils.set_random_seed(40)
rng = np.random.default_rng(40)
x = rng.normal(size=(640, 8)).astype("float32")
y = (x @ rng.normal(size=(8, 1))).astype("float32")
steps = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 if epoch < 5 else 0.01 if epoch < 10 else 0.001)
model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(24, "relu"), keras.layers.Dense(1)])
model.compile(keras.optimizers.SGD(0.1, momentum=0.9), "mse")
model.fit(x, y, batch_size=32, initial_epoch=10, epochs=15, shuffle=False, callbacks=[steps], verbose=0)
