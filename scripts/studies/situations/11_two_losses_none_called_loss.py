"""A train step that trains on a sum and reports only its two parts under names of their own."""
import numpy as np
import tensorflow as tf
import keras

keras.utils.set_random_seed(12)
rng = np.random.default_rng(12)
x = rng.normal(size=(600, 10)).astype("float32")
y = (x[:, 0] * x[:, 1] > 0).astype("int32")


class Model(keras.Model):
    def __init__(self):
        super().__init__()
        self.body = keras.layers.Dense(32, "relu")
        self.classes = keras.layers.Dense(2)
        self.copy = keras.layers.Dense(10)

    def call(self, x):
        hidden = self.body(x)
        return self.classes(hidden), self.copy(hidden)

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            logits, copy = self(x, training=True)
            ce = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(y, logits))
            mse = tf.reduce_mean((copy - x) ** 2)
            total = ce + 0.5 * mse
        grads = tape.gradient(total, self.trainable_variables)
        self.optimizer.apply_gradients(zip(grads, self.trainable_variables))
        return {"classification": ce, "reconstruction": mse}


model = Model()
model.compile(keras.optimizers.Adam(5e-3))
model.fit(tf.data.Dataset.from_tensor_slices((x, y)).batch(30), epochs=4, verbose=0)
