"""A training with every kind of state that could leak from one probe into the next, and nothing seeded."""

import keras
import numpy as np
import tensorflow as tf

calls = tf.Variable(0.0)


class Noisy(keras.Model):
    def __init__(self):
        super().__init__()
        self.noise = keras.layers.GaussianNoise(0.1)
        self.norm = keras.layers.BatchNormalization()
        self.drop = keras.layers.Dropout(0.3)
        self.hidden = keras.layers.Dense(8, activation="relu")
        self.out = keras.layers.Dense(1)

    def call(self, x, training=False):
        x = self.norm(self.noise(x, training=training), training=training)
        return self.out(self.drop(self.hidden(x), training=training))

    def train_step(self, data):
        x, y = data
        calls.assign_add(1.0)
        x = x + tf.random.normal(tf.shape(x), stddev=0.05) + 0.01 * keras.random.normal(keras.ops.shape(x))
        with tf.GradientTape() as tape:
            loss = self.compute_loss(y=y, y_pred=self(x, training=True)) + 0.001 * calls
        self.optimizer.apply(tape.gradient(loss, self.trainable_variables), self.trainable_variables)
        return {"loss": loss}


x = np.random.normal(size=(200, 5)).astype("float32")
y = x @ np.random.normal(size=(5, 1)).astype("float32")
model = Noisy()
model.compile(optimizer="rmsprop", loss="mse")
model.fit(x, y, batch_size=16, epochs=3, validation_split=0.2)
