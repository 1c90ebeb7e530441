"""The loop runs in a thread while the main thread waits, as programs with a window do."""

import threading

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(31)
x = np.random.default_rng(31).normal(size=(96, 6)).astype("float32")
y = x[:, :1] ** 2
model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(16, "relu"), keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam(2e-3)
losses = []


def train():
    for _ in range(400):
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(model(x, training=True) - y))
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
        losses.append(float(loss))


worker = threading.Thread(target=train)
worker.start()
worker.join()
print(losses[0], losses[-1])
