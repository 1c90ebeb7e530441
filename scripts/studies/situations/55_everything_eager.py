"""tf.config.run_functions_eagerly: a loss that keeps a list in Python and weighs each batch by the one before it."""
import numpy as np
import tensorflow as tf
import keras

tf.config.run_functions_eagerly(True)
keras.utils.set_random_seed(57)
rng = np.random.default_rng(11)
x = rng.normal(size=(300, 6)).astype("float32")
y = (x @ rng.normal(size=(6, 1))).astype("float32")
past = []


def relative(y_true, y_pred):
    now = tf.reduce_mean((y_true - y_pred) ** 2)
    before = past[-1] if past else 1.0
    past.append(float(now))
    return now * (1 + 1 / (1 + before))


model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(12, "relu"), keras.layers.Dense(1)])
model.compile(keras.optimizers.SGD(1e-2), relative)
model.fit(x, y, batch_size=30, epochs=3, shuffle=False, verbose=0)
