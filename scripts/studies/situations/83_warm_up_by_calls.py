"""A callback warms the rate up by its calls, of which there is one for every five steps (steps_per_execution)."""
import keras
import numpy as np

keras.utils.set_random_seed(50)
rng = np.random.default_rng(50)
x = rng.normal(size=(320, 6)).astype("float32")
y = (x[:, :1] * 4).astype("float32")


class WarmUp(keras.callbacks.Callback):
    calls = 0

    def on_train_batch_begin(self, batch, logs=None):
        self.calls += 1
        self.model.optimizer.learning_rate = 1e-3 * min(self.calls, 40)


model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(1)])
model.compile(keras.optimizers.Adam(1e-3), "mse", steps_per_execution=5)
model.fit(x, y, batch_size=16, epochs=4, shuffle=False, callbacks=[WarmUp()], verbose=0)
