"""WGAN with gradient penalty: five critic steps for one of the generator."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

keras.utils.set_random_seed(8)
rng = np.random.default_rng(8)
real_data = np.concatenate([rng.normal(-1, 0.2, (1000, 2)), rng.normal(1, 0.2, (1000, 2))]).astype("float32")

critic = keras.Sequential([keras.Input((2,)), layers.Dense(32, "relu"), layers.Dense(32, "relu"), layers.Dense(1)])
generator = keras.Sequential([keras.Input((4,)), layers.Dense(32, "relu"), layers.Dense(2)])
c_opt = keras.optimizers.Adam(2e-4, beta_1=0.0, beta_2=0.9)
g_opt = keras.optimizers.Adam(2e-4, beta_1=0.0, beta_2=0.9)
N_CRITIC, BATCH, GP_WEIGHT = 5, 32, 10.0


def gradient_penalty(real, fake):
    alpha = tf.random.uniform([BATCH, 1])
    mixed = real + alpha * (fake - real)
    with tf.GradientTape() as gp_tape:
        gp_tape.watch(mixed)
        score = critic(mixed, training=True)
    slope = tf.norm(gp_tape.gradient(score, mixed), axis=1)
    return tf.reduce_mean((slope - 1.0) ** 2)


@tf.function
def critic_step(real):
    noise = tf.random.normal([BATCH, 4])
    with tf.GradientTape() as tape:
        fake = generator(noise, training=True)
        loss = tf.reduce_mean(critic(fake)) - tf.reduce_mean(critic(real)) + GP_WEIGHT * gradient_penalty(real, fake)
    c_opt.apply_gradients(zip(tape.gradient(loss, critic.trainable_variables), critic.trainable_variables))
    return loss


@tf.function
def generator_step():
    with tf.GradientTape() as tape:
        loss = -tf.reduce_mean(critic(generator(tf.random.normal([BATCH, 4]), training=True)))
    g_opt.apply_gradients(zip(tape.gradient(loss, generator.trainable_variables), generator.trainable_variables))
    return loss


for iteration in range(300):
    for _ in range(N_CRITIC):
        c_loss = critic_step(real_data[rng.integers(0, len(real_data), BATCH)])
    g_loss = generator_step()
    if iteration % 50 == 0:
        print(iteration, float(c_loss), float(g_loss))
generator.save_weights("wgan.weights.h5")
