"""Gradients of four batches are added up in variables before each update."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(9)
rng = np.random.default_rng(9)
x = rng.normal(size=(4096, 10)).astype("float32")
y = (x @ rng.normal(size=(10, 1))).astype("float32")
data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(4096, seed=9).repeat().batch(16).take(2000)

model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam(2e-3)
accumulated = [tf.Variable(tf.zeros_like(v), trainable=False) for v in model.trainable_variables]
counter = tf.Variable(0, dtype=tf.int32, trainable=False)
EVERY = 4


@tf.function
def train_step(xb, yb):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(xb, training=True) - yb) ** 2)
    for total, grad in zip(accumulated, tape.gradient(loss, model.trainable_variables)):
        total.assign_add(grad / EVERY)
    counter.assign_add(1)
    if counter % EVERY == 0:
        optimizer.apply_gradients(zip([a.value() for a in accumulated], model.trainable_variables))
        for total in accumulated:
            total.assign(tf.zeros_like(total))
    return loss


for i, (xb, yb) in enumerate(data):
    loss = train_step(xb, yb)
    if i % 400 == 0:
        print(i, float(loss))
model.save("accumulated.keras")
