"""A physics-informed network for u'' = -u: the loss is made of derivatives in train_step, endless collocation points."""

import keras
import numpy as np
import tensorflow as tf


class Oscillator(keras.Model):
    def __init__(self, network, **kwargs):
        super().__init__(**kwargs)
        self.network = network
        self.loss_tracker = keras.metrics.Mean(name="loss")

    def call(self, t):
        return self.network(t)

    @tf.function
    def train_step(self, data):
        t = data
        with tf.GradientTape() as weights_tape:
            with tf.GradientTape() as second:
                second.watch(t)
                with tf.GradientTape() as first:
                    first.watch(t)
                    u = self.network(t)
                du = first.gradient(u, t)
            ddu = second.gradient(du, t)
            start = tf.zeros((1, 1))
            with tf.GradientTape() as at_zero:
                at_zero.watch(start)
                u0 = self.network(start)
            du0 = at_zero.gradient(u0, start)
            loss = tf.reduce_mean((ddu + u) ** 2) + tf.reduce_sum((u0 - 1.0) ** 2) + tf.reduce_sum(du0**2)
        grads = weights_tape.gradient(loss, self.trainable_variables)
        self.optimizer.apply_gradients(zip(grads, self.trainable_variables))
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}

    @property
    def metrics(self):
        return [self.loss_tracker]


def points():
    rng = np.random.default_rng(0)
    while True:
        yield rng.uniform(0, 3, size=(1,)).astype("float32")


ds = tf.data.Dataset.from_generator(points, output_signature=tf.TensorSpec((1,), tf.float32)).batch(64)
net = keras.Sequential([keras.Input((1,)), keras.layers.Dense(20, "tanh"), keras.layers.Dense(20, "tanh"), keras.layers.Dense(1)])
model = Oscillator(net)
model.compile(optimizer=keras.optimizers.Adam(5e-3))
model.fit(ds, epochs=4, steps_per_epoch=100, verbose=2)
np.save("u.npy", model.predict(np.linspace(0, 3, 50, dtype="float32")[:, None], verbose=0))
