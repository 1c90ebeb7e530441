"""Functions run eagerly by tf.config, and a callback turns a Python switch of the model on after the first epoch of ten batches."""

import keras
import numpy as np
import tensorflow as tf

tf.config.run_functions_eagerly(True)
keras.utils.set_random_seed(541)
rng = np.random.default_rng(541)
x = rng.normal(size=(160, 8)).astype("float32")
y = np.abs(x[:, :1])


class Weighted(keras.Model):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.strength = 0.0

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        loss = super().compute_loss(x, y, y_pred, sample_weight, training)
        return loss + self.strength * tf.reduce_mean(tf.abs(y_pred))


class Stronger(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.model.strength = 2.0 * epoch


inputs = keras.Input((8,))
model = Weighted(inputs, keras.layers.Dense(1)(keras.layers.Dense(16, "relu")(inputs)))
model.compile(keras.optimizers.Adam(1e-2), "mse")
model.fit(x, y, batch_size=16, epochs=4, shuffle=False, callbacks=[Stronger()], verbose=0)
