"""A weight of the loss that a callback raises with every batch: the penalty grows from 0 to 2 in twenty steps."""
import numpy as np
import tensorflow as tf
import keras

keras.utils.set_random_seed(23)
x = np.random.default_rng(23).normal(size=(480, 12)).astype("float32")


class Auto(keras.Model):
    def __init__(self):
        super().__init__()
        self.encode = keras.layers.Dense(6)
        self.decode = keras.layers.Dense(12)
        self.beta = self.add_weight(name="beta", shape=(), initializer="zeros", trainable=False)

    def call(self, x):
        code = self.encode(x)
        self.add_loss(self.beta * tf.reduce_mean(code**2))
        return self.decode(code)


class Anneal(keras.callbacks.Callback):
    def __init__(self):
        super().__init__()
        self.seen = 0

    def on_train_batch_begin(self, batch, logs=None):
        self.model.beta.assign(min(2.0, self.seen * 0.1))
        self.seen += 1


model = Auto()
model.compile(keras.optimizers.Adam(1e-2), "mse")
model.fit(tf.data.Dataset.from_tensor_slices((x, x)).batch(24), epochs=4, callbacks=[Anneal()], verbose=0)
