"""Encoder and head with an optimizer each, from one persistent tape."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(12)
rng = np.random.default_rng(12)
x = rng.normal(size=(2048, 16)).astype("float32")
y = (x[:, :2].sum(axis=1) > 0).astype("float32")[:, None]

encoder = keras.Sequential([keras.Input((16,)), keras.layers.Dense(16, "relu")], name="encoder")
decoder = keras.Sequential([keras.Input((16,)), keras.layers.Dense(16)], name="decoder")
head = keras.Sequential([keras.Input((16,)), keras.layers.Dense(1)], name="head")
opt_auto = keras.optimizers.SGD(0.05)
opt_head = keras.optimizers.Adam(1e-3)
bce = keras.losses.BinaryCrossentropy(from_logits=True)


@tf.function
def train_step(xb, yb):
    with tf.GradientTape(persistent=True) as tape:
        code = encoder(xb, training=True)
        reconstruction = tf.reduce_mean((decoder(code, training=True) - xb) ** 2)
        classification = bce(yb, head(tf.stop_gradient(code), training=True))
    auto_variables = encoder.trainable_variables + decoder.trainable_variables
    auto_grads = tape.gradient(reconstruction, auto_variables)
    head_grads = tape.gradient(classification, head.trainable_variables)
    del tape
    opt_auto.apply_gradients(zip(auto_grads, auto_variables))
    opt_head.apply_gradients(zip(head_grads, head.trainable_variables))
    return reconstruction, classification


for epoch in range(10):
    order = rng.permutation(len(x))
    for i in range(0, len(x), 32):
        losses = train_step(x[order[i : i + 32]], y[order[i : i + 32]])
    print(epoch, [float(loss) for loss in losses])
encoder.save("encoder.keras")
