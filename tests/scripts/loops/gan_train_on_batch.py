"""The old way to write a GAN: the discriminator is frozen inside the combined model."""

import keras
import numpy as np
from keras import layers

keras.utils.set_random_seed(6)
rng = np.random.default_rng(6)
LATENT = 4
BATCH = 32
real_data = rng.normal(2.0, 0.5, size=(2000, 2)).astype("float32")

discriminator = keras.Sequential([keras.Input((2,)), layers.Dense(16, "relu"), layers.Dense(1, "sigmoid")])
discriminator.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(2e-4, beta_1=0.5))

generator = keras.Sequential([keras.Input((LATENT,)), layers.Dense(16, "relu"), layers.Dense(2)])
discriminator.trainable = False
z = keras.Input((LATENT,))
combined = keras.Model(z, discriminator(generator(z)))
combined.compile(loss="binary_crossentropy", optimizer=keras.optimizers.Adam(2e-4, beta_1=0.5))

ones, zeros = np.ones((BATCH, 1)), np.zeros((BATCH, 1))
for step in range(500):
    real = real_data[rng.integers(0, len(real_data), BATCH)]
    fake = generator.predict_on_batch(rng.normal(size=(BATCH, LATENT)).astype("float32"))
    discriminator.trainable = True
    d_loss = 0.5 * (discriminator.train_on_batch(real, ones) + discriminator.train_on_batch(fake, zeros))
    discriminator.trainable = False
    g_loss = combined.train_on_batch(rng.normal(size=(BATCH, LATENT)).astype("float32"), ones)
    if step % 100 == 0:
        print(step, d_loss, g_loss)
generator.save("old_gan.keras")
