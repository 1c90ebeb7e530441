"""A stateful GRU over consecutive windows; a callback resets its states when an epoch ends."""
import numpy as np
import keras

keras.utils.set_random_seed(4)
series = np.cumsum(np.random.default_rng(4).normal(size=20 * 16 * 6)).astype("float32")
series = (series - series.mean()) / series.std()
rows = series.reshape(16, -1)  # 16 streams side by side, cut into windows of 6 that follow each other
windows = np.concatenate([rows[:, i : i + 6] for i in range(0, rows.shape[1] - 6, 6)])[..., None]
targets = np.concatenate([rows[:, i + 6] for i in range(0, rows.shape[1] - 6, 6)])[:, None]


class ResetStates(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        self.model.layers[0].reset_states()


model = keras.Sequential([
    keras.Input(batch_shape=(16, 6, 1)),
    keras.layers.GRU(12, stateful=True),
    keras.layers.Dense(1),
])
model.compile(keras.optimizers.Adam(1e-2), "mse")
model.fit(windows, targets, batch_size=16, epochs=4, shuffle=False, callbacks=[ResetStates()], verbose=0)
