"""Raises where the loss is not a number, as tf.debugging and hand-written guards do."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(36)
x = tf.constant(np.random.default_rng(36).normal(size=(64, 6)), tf.float32)
y = x[:, :1] * 3
model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(1)])
optimizer = keras.optimizers.SGD(0.02)


@tf.function
def step():
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(x, training=True) - y))
    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
    return tf.debugging.check_numerics(loss, "loss")


for number in range(400):
    loss = step()
    if not np.isfinite(loss):
        raise ValueError(f"loss is {loss} at step {number}")
print(float(loss))
