"""A warm-up by hand: the loop sets the rate before each of the first updates."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(14)
rng = np.random.default_rng(14)
x = rng.normal(size=(2048, 10)).astype("float32")
y = (np.abs(x).sum(axis=1, keepdims=True) - 8).astype("float32")
BASE_LR, WARMUP_STEPS, STEPS = 5e-3, 200, 600

model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(64, "gelu"), keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam(BASE_LR)


@tf.function
def train_step(xb, yb):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean((model(xb, training=True) - yb) ** 2)
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
    return loss


for step in range(STEPS):
    optimizer.learning_rate = BASE_LR * min(1.0, (step + 1) / WARMUP_STEPS)
    rows = rng.integers(0, len(x), 32)
    loss = train_step(x[rows], y[rows])
    if step % 100 == 0:
        print(step, float(optimizer.learning_rate), float(loss))
model.save("warmed_up.keras")
