"""Two updates by hand, to try the step out, and then model.fit."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(32)
rng = np.random.default_rng(32)
x = rng.normal(size=(320, 6)).astype("float32")
y = x[:, :1]
model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam(1e-3)
for _ in range(2):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(x[:32]) - y[:32]))
    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
print("the step works:", float(loss))
model.compile(keras.optimizers.Adam(1e-3), "mse")
model.fit(x, y, batch_size=32, epochs=40, verbose=0)
