"""Takes gradients to look at them, and never updates anything."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(34)
x = tf.constant(np.random.default_rng(34).normal(size=(32, 6)), tf.float32)
model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(1)])
for _ in range(40):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(x) - 1.0))
    grads = tape.gradient(loss, model.trainable_variables)
print("saliency", float(tf.linalg.global_norm(grads)))
