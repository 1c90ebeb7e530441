"""EarlyStopping that restores the best weights; validation from validation_split of rows sorted by their target."""
import numpy as np
import keras

keras.utils.set_random_seed(43)
rng = np.random.default_rng(43)
x = rng.normal(size=(400, 8)).astype("float32")
y = (x @ rng.normal(size=(8, 1))).astype("float32")
order = np.argsort(y[:, 0])
x, y = x[order], y[order]
stop = keras.callbacks.EarlyStopping(patience=2, restore_best_weights=True, start_from_epoch=1)
model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(24, "relu"), keras.layers.Dense(1)])
model.compile(keras.optimizers.Adam(5e-3), "mse")
model.fit(x, y, batch_size=40, epochs=30, shuffle=False, validation_split=0.25, callbacks=[stop], verbose=0)
