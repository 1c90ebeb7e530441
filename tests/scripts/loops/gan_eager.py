"""A GAN with two optimizers, eager: two tapes, two updates per step."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

keras.utils.set_random_seed(7)
data = np.random.default_rng(7).normal(3.0, 1.0, size=(512, 1)).astype("float32")
generator = keras.Sequential([keras.Input((4,)), layers.Dense(8, "relu"), layers.Dense(1)], name="generator")
critic = keras.Sequential([keras.Input((1,)), layers.Dense(8, "relu"), layers.Dense(1)], name="discriminator")
cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)
g_opt = keras.optimizers.Adam(1e-3)
d_opt = keras.optimizers.Adam(4e-3)
dataset = tf.data.Dataset.from_tensor_slices(data).shuffle(512, seed=7).batch(64)


def train_step(real):
    noise = tf.random.normal([tf.shape(real)[0], 4])
    with tf.GradientTape() as gen_tape, tf.GradientTape() as disc_tape:
        fake = generator(noise, training=True)
        real_out, fake_out = critic(real, training=True), critic(fake, training=True)
        gen_loss = cross_entropy(tf.ones_like(fake_out), fake_out)
        disc_loss = cross_entropy(tf.ones_like(real_out), real_out) + cross_entropy(tf.zeros_like(fake_out), fake_out)
    g_grads = gen_tape.gradient(gen_loss, generator.trainable_variables)
    d_grads = disc_tape.gradient(disc_loss, critic.trainable_variables)
    g_opt.apply_gradients(zip(g_grads, generator.trainable_variables))
    d_opt.apply_gradients(zip(d_grads, critic.trainable_variables))
    return gen_loss, disc_loss


for epoch in range(50):
    for batch in dataset:
        g, d = train_step(batch)
print(float(g), float(d))
