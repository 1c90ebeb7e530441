"""run_eagerly with a counter in Python: every third step trains on another loss, and reports that."""
import numpy as np
import tensorflow as tf
import keras

keras.utils.set_random_seed(29)
rng = np.random.default_rng(29)
x = rng.normal(size=(600, 6)).astype("float32")
y = (x @ rng.normal(size=(6, 1))).astype("float32")


class Alternating(keras.Model):
    def __init__(self):
        super().__init__()
        self.net = keras.Sequential([keras.layers.Dense(16, "relu"), keras.layers.Dense(1)])
        self.turn = 0

    def call(self, x):
        return self.net(x)

    def train_step(self, data):
        x, y = data
        self.turn += 1
        with tf.GradientTape() as tape:
            error = self(x, training=True) - y
            loss = 10 * tf.reduce_mean(tf.abs(error)) if self.turn % 3 == 0 else tf.reduce_mean(error**2)
        self.optimizer.apply_gradients(zip(tape.gradient(loss, self.trainable_variables), self.trainable_variables))
        return {"loss": loss}


model = Alternating()
model.compile(keras.optimizers.Adam(5e-3), run_eagerly=True)
model.fit(x, y, batch_size=30, epochs=3, shuffle=False, verbose=0)
