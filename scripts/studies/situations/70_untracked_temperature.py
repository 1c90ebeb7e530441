"""A temperature that lives in a tf.Variable outside the model, which a callback lowers after every batch."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(3)
rng = np.random.default_rng(0)
x = rng.normal(size=(320, 10)).astype("float32")
y = rng.integers(0, 3, 320)
temperature = tf.Variable(5.0, trainable=False)


class Lower(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        temperature.assign(tf.maximum(temperature * 0.8, 0.5))


def loss(target, logits):
    return keras.losses.sparse_categorical_crossentropy(target, logits / temperature, from_logits=True)


model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(3)])
model.compile(optimizer=keras.optimizers.Adam(1e-2), loss=loss)
model.fit(x, y, batch_size=32, epochs=10, callbacks=[Lower()], verbose=0)
