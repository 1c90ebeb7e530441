"""Many steps in one call by tf.range, with an iterator that the graph reads; full batches of one linear problem."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(4)
rng = np.random.default_rng(4)
x = rng.normal(size=(64, 6)).astype("float32")
y = x @ rng.normal(size=(6, 2)).astype("float32")
iterator = iter(tf.data.Dataset.from_tensors((x, y)).repeat())

model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(12, "relu"), keras.layers.Dense(2)])
optimizer = keras.optimizers.SGD(0.05)


@tf.function
def train(iterator, steps):
    loss = tf.constant(0.0)
    for _ in tf.range(steps):
        inputs, targets = next(iterator)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(keras.losses.mean_squared_error(targets, model(inputs, training=True)))
        grads = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(grads, model.trainable_variables))
    return loss


for block in range(8):
    print("after", (block + 1) * 60, "steps:", float(train(iterator, tf.constant(60))))
np.save("range_in_graph.npy", model.get_weights()[0])
