"""Bootstrapped targets: a second network is copied from the first every fifth step, by the optimizer's count of steps."""
import numpy as np
import tensorflow as tf
import keras

keras.utils.set_random_seed(37)
rng = np.random.default_rng(37)
states = rng.normal(size=(640, 4)).astype("float32")
rewards = states[:, :1] * 2 + 1
following = (states * 0.9 + 0.1).astype("float32")


def network():
    return keras.Sequential([keras.Input((4,)), keras.layers.Dense(24, "relu"), keras.layers.Dense(1)])


class Value(keras.Model):
    def __init__(self):
        super().__init__()
        self.online, self.target = network(), network()
        self.target.trainable = False
        self.target.set_weights(self.online.get_weights())

    def call(self, x):
        return self.online(x)

    def train_step(self, data):
        (now, after), reward = data
        wanted = reward + 0.95 * self.target(after)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean((self.online(now, training=True) - wanted) ** 2)
        weights = self.online.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
        copy = tf.cast(tf.equal(self.optimizer.iterations.value % 5, 0), tf.float32)
        for one, other in zip(self.target.variables, self.online.variables):
            one.assign(copy * other + (1 - copy) * one)
        return {"loss": loss}


model = Value()
model.compile(keras.optimizers.Adam(1e-2))
model.fit(tf.data.Dataset.from_tensor_slices(((states, following), rewards)).batch(32), epochs=4, verbose=0)
