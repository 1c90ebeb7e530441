"""Masked-feature pre-training: the target is made inside train_step, so fit gets x alone."""

import keras
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.preprocessing import minmax_scale


class MaskedModel(keras.Model):
    """Predicts the pixels that were hidden from it."""

    def __init__(self, hide=0.3):
        super().__init__()
        self.hide = hide
        self.net = keras.Sequential(
            [
                keras.layers.Dense(128, activation="relu"),
                keras.layers.Dense(64, activation="relu"),
                keras.layers.Dense(64),
            ]
        )
        self.loss_tracker = keras.metrics.Mean(name="loss")

    @property
    def metrics(self):
        return [self.loss_tracker]

    def call(self, inputs):
        return self.net(inputs)

    def train_step(self, images):
        mask = tf.cast(tf.random.uniform(tf.shape(images)) < self.hide, images.dtype)
        with tf.GradientTape() as tape:
            filled = self(images * (1.0 - mask), training=True)
            loss = tf.reduce_sum(mask * tf.square(filled - images)) / (tf.reduce_sum(mask) + 1e-6)
        weights = self.trainable_weights
        self.optimizer.apply(tape.gradient(loss, weights), weights)
        self.loss_tracker.update_state(loss)
        return {"loss": self.loss_tracker.result()}


images = minmax_scale(load_digits().data).astype("float32")

model = MaskedModel()
model.compile(optimizer=keras.optimizers.Adam(1e-3))
model.fit(images, epochs=10, batch_size=128)
model.save_weights("masked.weights.h5")
