import keras
import numpy as np
import tensorflow as tf
from keras import layers

keras.utils.set_random_seed(7)
rng = np.random.default_rng(7)
points = rng.normal([1.0, -1.0], 0.3, size=(4096, 2)).astype("float32")
dataset = tf.data.Dataset.from_tensor_slices(points).shuffle(4096, seed=7).batch(64, drop_remainder=True)

generator = keras.Sequential([keras.Input((8,)), layers.Dense(32), layers.LeakyReLU(), layers.Dense(2)])
discriminator = keras.Sequential([keras.Input((2,)), layers.Dense(32), layers.LeakyReLU(), layers.Dense(1)])
cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)
generator_optimizer = keras.optimizers.Adam(1e-4)
discriminator_optimizer = keras.optimizers.Adam(4e-4)


def discriminator_loss(real_output, fake_output):
    real_loss = cross_entropy(tf.ones_like(real_output), real_output)
    fake_loss = cross_entropy(tf.zeros_like(fake_output), fake_output)
    return real_loss + fake_loss


def generator_loss(fake_output):
    return cross_entropy(tf.ones_like(fake_output), fake_output)


@tf.function
def train_step(real):
    noise = tf.random.normal([64, 8])
    with tf.GradientTape() as gen_tape, tf.GradientTape() as disc_tape:
        fake = generator(noise, training=True)
        real_output = discriminator(real, training=True)
        fake_output = discriminator(fake, training=True)
        gen_loss = generator_loss(fake_output)
        disc_loss = discriminator_loss(real_output, fake_output)
    gen_grads = gen_tape.gradient(gen_loss, generator.trainable_variables)
    disc_grads = disc_tape.gradient(disc_loss, discriminator.trainable_variables)
    generator_optimizer.apply_gradients(zip(gen_grads, generator.trainable_variables))
    discriminator_optimizer.apply_gradients(zip(disc_grads, discriminator.trainable_variables))
    return gen_loss, disc_loss


for epoch in range(8):
    for batch in dataset:
        gen_loss, disc_loss = train_step(batch)
    print(epoch, float(gen_loss), float(disc_loss))
generator.save("gan.keras")
