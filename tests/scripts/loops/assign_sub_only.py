"""Gradient descent by assign_sub, without any optimizer."""

import numpy as np
import tensorflow as tf

rng = np.random.default_rng(35)
x = tf.constant(rng.normal(size=(100, 3)), tf.float32)
y = x @ tf.constant([[1.0], [-2.0], [0.5]])
w = tf.Variable(tf.zeros((3, 1)))
for step in range(400):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((x @ w - y) ** 2)
    w.assign_sub(0.05 * tape.gradient(loss, w))
print(w.numpy().ravel())
