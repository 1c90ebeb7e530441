"""A callback raises the weight of a penalty with each of its calls, of which there is one for every five steps."""
import keras
import numpy as np

keras.utils.set_random_seed(50)
rng = np.random.default_rng(50)
x = rng.normal(size=(320, 6)).astype("float32")
y = (x[:, :1] * 4).astype("float32")


class Penalized(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden, self.out = keras.layers.Dense(16, "relu"), keras.layers.Dense(1)
        self.beta = self.add_weight(shape=(), initializer="zeros", trainable=False, name="beta")

    def call(self, x):
        code = self.hidden(x)
        self.add_loss(self.beta * keras.ops.mean(code**2))
        return self.out(code)


class Anneal(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        self.model.beta.assign(self.model.beta + 0.5)


model = Penalized()
model.compile(keras.optimizers.Adam(1e-2), "mse", steps_per_execution=5)
model.fit(x, y, batch_size=16, epochs=4, shuffle=False, callbacks=[Anneal()], verbose=0)
