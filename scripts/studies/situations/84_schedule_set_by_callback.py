"""A callback puts a schedule into the optimizer when training begins."""
import keras
import numpy as np

keras.utils.set_random_seed(50)
rng = np.random.default_rng(50)
x = rng.normal(size=(320, 6)).astype("float32")
y = (x[:, :1] * 4).astype("float32")


class Schedule(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.model.optimizer.learning_rate = keras.optimizers.schedules.CosineDecay(0.0, 60, alpha=0.0, warmup_target=0.04, warmup_steps=10)


model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(1)])
model.compile(keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(1e-3, 10, 0.9)), "mse")
model.fit(x, y, batch_size=16, epochs=4, shuffle=False, callbacks=[Schedule()], verbose=0)
