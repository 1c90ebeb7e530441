"""Ends the program itself where the loss is no number any more."""

import sys

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(23)
rng = np.random.default_rng(23)
x = rng.normal(size=(1600, 12)).astype("float32")
y = (x**2).sum(axis=1, keepdims=True)
model = keras.Sequential([keras.Input((12,)), keras.layers.Dense(48, "relu"), keras.layers.Dense(1)])
optimizer = keras.optimizers.SGD(1e-3)


@tf.function
def train_step(xb, yb):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(xb, training=True) - yb) ** 2)
    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
    return loss


data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(1600, seed=23).batch(32)
for epoch in range(10):
    for xb, yb in data:
        loss = train_step(xb, yb)
        if not np.isfinite(loss):
            print("the loss is not a number, stopping", file=sys.stderr)
            sys.exit(1)
    print(epoch, float(loss))
model.save("finite.keras")
