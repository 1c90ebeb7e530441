"""An RNN whose state is carried from batch to batch through one long series."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(23)
series = np.sin(np.arange(16 * 810) * 0.1).astype("float32").reshape(16, 810, 1)
cell = keras.layers.GRUCell(12)
rnn = keras.layers.RNN(cell, return_sequences=True, return_state=True)
head = keras.layers.Dense(1)
rnn.build((16, 8, 1))
head.build((16, 8, 12))
weights = rnn.trainable_variables + head.trainable_variables
optimizer = keras.optimizers.Adam(5e-3, clipnorm=1.0)


@tf.function
def step(x, y, state):
    with tf.GradientTape() as tape:
        hidden, state = rnn(x, initial_state=[state], training=True)
        loss = tf.reduce_mean(tf.square(head(hidden) - y))
    optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
    return loss, state


for epoch in range(4):
    state = tf.zeros((16, 12))
    for start in range(0, 800, 8):
        loss, state = step(series[:, start : start + 8], series[:, start + 1 : start + 9], state)
    print(epoch, float(loss))
