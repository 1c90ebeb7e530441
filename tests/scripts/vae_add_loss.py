"""A small variational auto-encoder whose loss is all add_loss."""

import keras
import numpy as np
from keras import layers, ops
from sklearn.datasets import load_digits

LATENT = 4


class Sampling(layers.Layer):
    """Draws z and adds the KL divergence to the loss."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.seed_generator = keras.random.SeedGenerator(1337)

    def call(self, inputs):
        mean, log_var = inputs
        kl = -0.5 * ops.mean(ops.sum(1 + log_var - ops.square(mean) - ops.exp(log_var), axis=1))
        self.add_loss(kl)
        epsilon = keras.random.normal(ops.shape(mean), seed=self.seed_generator)
        return mean + ops.exp(0.5 * log_var) * epsilon


class Reconstruction(layers.Layer):
    """Passes the reconstruction on and adds its error to the loss."""

    def call(self, inputs):
        x, x_hat = inputs
        self.add_loss(ops.mean(ops.sum(keras.losses.binary_crossentropy(x[..., None], x_hat[..., None]), axis=1)))
        return x_hat


x_in = keras.Input((64,))
h = layers.Dense(48, activation="relu")(x_in)
z_mean = layers.Dense(LATENT)(h)
z_log_var = layers.Dense(LATENT)(h)
z = Sampling()([z_mean, z_log_var])
h = layers.Dense(48, activation="relu")(z)
x_out = layers.Dense(64, activation="sigmoid")(h)
x_out = Reconstruction()([x_in, x_out])
vae = keras.Model(x_in, x_out, name="vae")
encoder = keras.Model(x_in, z_mean, name="encoder")

x = (load_digits().data / 16.0).astype("float32")

vae.compile(optimizer="adam")
vae.fit(x, epochs=12, batch_size=64, verbose=2)

np.save("codes.npy", encoder.predict(x, verbose=0))
