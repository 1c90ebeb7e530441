"""Contrastive learning with a momentum encoder and a queue of keys, both kept by the train step (MoCo)."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(3)
rng = np.random.default_rng(0)
x = rng.normal(size=(512, 12)).astype("float32")


def encoder():
    return keras.Sequential([keras.Input((12,)), keras.layers.Dense(24, activation="relu"), keras.layers.Dense(8)])


class Moco(keras.Model):
    def __init__(self):
        super().__init__()
        self.query, self.key = encoder(), encoder()
        self.key.set_weights(self.query.get_weights())
        self.key.trainable = False
        self.queue = self.add_weight(
            shape=(96, 8), initializer=keras.initializers.RandomNormal(seed=5), trainable=False
        )
        self.at = self.add_weight(shape=(), dtype="int32", initializer="zeros", trainable=False)

    def call(self, x):
        return self.query(x)

    def train_step(self, data):
        noise = tf.random.normal(tf.shape(data), stddev=0.1)
        with tf.GradientTape() as tape:
            q = tf.math.l2_normalize(self.query(data + noise, training=True), axis=1)
            k = tf.stop_gradient(tf.math.l2_normalize(self.key(data, training=True), axis=1))
            positive = tf.reduce_sum(q * k, axis=1, keepdims=True)
            negative = q @ tf.transpose(tf.math.l2_normalize(self.queue, axis=1))
            logits = tf.concat([positive, negative], axis=1) / 0.2
            loss = tf.reduce_mean(
                tf.nn.sparse_softmax_cross_entropy_with_logits(tf.zeros(tf.shape(q)[0], tf.int32), logits)
            )
        variables = self.query.trainable_variables
        self.optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        for mine, its in zip(self.key.variables, self.query.variables):
            mine.assign(0.9 * mine + 0.1 * its)
        n = tf.shape(k)[0]
        rows = (self.at + tf.range(n)) % 96
        self.queue.assign(tf.tensor_scatter_nd_update(self.queue.value, rows[:, None], k))
        self.at.assign((self.at + n) % 96)
        return {"loss": loss}


model = Moco()
model.build((None, 12))
model.compile(optimizer=keras.optimizers.SGD(0.05, momentum=0.9))
model.fit(x, batch_size=32, epochs=10, verbose=0)
