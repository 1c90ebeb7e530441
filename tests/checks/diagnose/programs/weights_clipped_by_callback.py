import keras
import numpy as np

x = np.random.default_rng(0).normal(size=(400, 8)).astype("float32")
y = x @ np.linspace(-0.5, 0.5, 8)[:, None].astype("float32")


class Clip(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        for weight in self.model.trainable_weights:
            weight.assign(np.clip(weight.numpy(), -0.1, 0.1))


model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
model.compile(keras.optimizers.SGD(0.05), loss="mse")
model.fit(x, y, batch_size=32, epochs=3, callbacks=[Clip()], verbose=0)
