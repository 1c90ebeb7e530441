"""A training loop of its own that never ends."""

import keras, tensorflow as tf, numpy as np
m = keras.Sequential([keras.layers.Dense(1)]); o = keras.optimizers.Adam(1e-3)
x = np.random.rand(32, 4).astype("float32"); y = x.sum(1, keepdims=True)
m(x)
@tf.function
def step(a, b):
    with tf.GradientTape() as t:
        l = tf.reduce_mean((m(a) - b) ** 2)
    o.apply_gradients(zip(t.gradient(l, m.trainable_variables), m.trainable_variables))
    return l
while True:
    step(x, y)
