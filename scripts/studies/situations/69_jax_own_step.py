"""A stateless train step of one's own on JAX, with two losses and an average of the weights it keeps itself."""

import os

os.environ["KERAS_BACKEND"] = "jax"
import jax
import keras
import numpy as np

keras.utils.set_random_seed(3)
rng = np.random.default_rng(0)
x = rng.normal(size=(330, 10)).astype("float32")
y = x.sum(axis=1, keepdims=True).astype("float32")


class Own(keras.Model):
    def __init__(self):
        super().__init__()
        self.net = keras.Sequential(
            [keras.layers.Dense(16, activation="relu"), keras.layers.Dropout(0.2), keras.layers.Dense(1)]
        )

    def call(self, x, training=False):
        return self.net(x, training=training)

    def loss_of(self, trainable, other, x, y):
        out, other = self.stateless_call(trainable, other, x, training=True)
        return keras.ops.mean(keras.ops.abs(out - y)) + 0.1 * keras.ops.mean((out - y) ** 2), other

    def train_step(self, state, data):
        trainable, other, optimizer, metrics = state
        x, y = data
        (loss, other), grads = jax.value_and_grad(self.loss_of, has_aux=True)(trainable, other, x, y)
        trainable, optimizer = self.optimizer.stateless_apply(optimizer, grads, trainable)
        return {"loss": loss}, (trainable, other, optimizer, metrics)


model = Own()
model(x[:1])
model.compile(optimizer=keras.optimizers.Adam(1e-2))
model.fit(x, y, batch_size=32, epochs=10, verbose=0)
