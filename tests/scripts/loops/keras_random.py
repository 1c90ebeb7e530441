"""Noise from keras.random: a SeedGenerator of the script's own, and the layers' own."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(24)
rng = np.random.default_rng(24)
x = rng.normal(size=(2000, 16)).astype("float32")
seeds = keras.random.SeedGenerator(24)

autoencoder = keras.Sequential(
    [keras.Input((16,)), keras.layers.Dense(8, "relu"), keras.layers.Dropout(0.1), keras.layers.Dense(16)]
)
optimizer = keras.optimizers.Nadam(1e-3)


@tf.function
def train_step(batch):
    noisy = batch + 0.3 * keras.random.normal(tf.shape(batch), seed=seeds)
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((autoencoder(noisy, training=True) - batch) ** 2)
    grads = tape.gradient(loss, autoencoder.trainable_variables)
    optimizer.apply_gradients(zip(grads, autoencoder.trainable_variables))
    return loss


for epoch in range(10):
    rng.shuffle(x)
    for start in range(0, len(x), 40):
        loss = train_step(x[start : start + 40])
    print(epoch, float(loss))
autoencoder.save("denoising.keras")
