"""The same model is trained three times from the same weights, which are taken out and put back between the runs."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(33)
rng = np.random.default_rng(33)
x = rng.normal(size=(256, 6)).astype("float32")
y = np.sign(x[:, :1])
model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(12, "relu"), keras.layers.Dense(1, "tanh")])
start_weights = model.get_weights()
results = []
for run in range(3):
    model.set_weights(start_weights)
    optimizer = keras.optimizers.Adam(2e-3)
    for step in range(150):
        rows = rng.choice(256, 32)
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(model(x[rows], training=True) - y[rows]))
        optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
    results.append(float(loss))
print(results)
