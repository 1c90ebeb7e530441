"""Gradients of four small batches are added up by hand before each update, eagerly."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(10)
rng = np.random.default_rng(10)
x = rng.normal(size=(512, 6)).astype("float32")
y = (x.sum(axis=1, keepdims=True) > 0).astype("float32")
model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(12, "relu"), keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam(2e-3)
loss_fn = keras.losses.BinaryCrossentropy(from_logits=True)
ACCUMULATE = 4

accumulated = [tf.zeros_like(v) for v in model.trainable_variables]
count = 0
for epoch in range(15):
    for start in range(0, len(x), 8):
        with tf.GradientTape() as tape:
            loss = loss_fn(y[start : start + 8], model(x[start : start + 8], training=True)) / ACCUMULATE
        grads = tape.gradient(loss, model.trainable_variables)
        accumulated = [a + g for a, g in zip(accumulated, grads)]
        count += 1
        if count % ACCUMULATE == 0:
            optimizer.apply_gradients(zip(accumulated, model.trainable_variables))
            accumulated = [tf.zeros_like(v) for v in model.trainable_variables]
    print(epoch, float(loss) * ACCUMULATE)
