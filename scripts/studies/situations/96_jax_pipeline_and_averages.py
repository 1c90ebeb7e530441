"""JAX: a repeated pipeline, batch normalization, a clipped global norm, accumulated gradients and averages of the weights."""

import os

os.environ["KERAS_BACKEND"] = "jax"
import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(433)
rng = np.random.default_rng(433)
x = rng.normal(size=(300, 8)).astype("float32")
y = (x[:, :1] * x[:, 1:2] > 0).astype("float32")
data = tf.data.Dataset.from_tensor_slices((x, y, np.linspace(0.2, 2, 300, dtype="float32"))).shuffle(300, seed=3).repeat().batch(20)
model = keras.Sequential(
    [
        keras.Input((8,)),
        keras.layers.Dense(24),
        keras.layers.BatchNormalization(momentum=0.8),
        keras.layers.Activation("swish"),
        keras.layers.GaussianDropout(0.2, seed=4),
        keras.layers.Dense(1, "sigmoid"),
    ]
)
optimizer = keras.optimizers.AdamW(1e-2, global_clipnorm=0.5, gradient_accumulation_steps=2, use_ema=True, ema_overwrite_frequency=3)
model.compile(optimizer, "binary_crossentropy", weighted_metrics=["accuracy"])
model.fit(data, steps_per_epoch=7, epochs=6, verbose=0)
