"""Weights that belong to no layer."""

import keras
import numpy as np
import tensorflow as tf

rng = np.random.default_rng(17)
x = tf.constant(rng.normal(size=(512, 6)), tf.float32)
y = tf.constant(np.exp(-np.square(x).sum(axis=1, keepdims=True) / 6), tf.float32)

W1 = tf.Variable(rng.normal(0, 0.5, size=(6, 24)), dtype=tf.float32)
b1 = tf.Variable(tf.zeros([24]))
W2 = tf.Variable(rng.normal(0, 0.2, size=(24, 1)), dtype=tf.float32)
b2 = tf.Variable(tf.zeros([1]))
params = [W1, b1, W2, b2]
opt = keras.optimizers.SGD(0.05)


@tf.function
def step():
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((tf.tanh(x @ W1 + b1) @ W2 + b2 - y) ** 2)
    opt.apply_gradients(zip(tape.gradient(loss, params), params))
    return loss


for i in range(800):
    loss = step()
    if i % 200 == 0:
        print(i, loss.numpy())
np.savez("raw.npz", *[p.numpy() for p in params])
