"""An eager train step asks an object of the script, which keeps means of earlier losses and a flag, how to weigh two losses."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(543)
rng = np.random.default_rng(543)
x = rng.normal(size=(160, 8)).astype("float32")
y = np.abs(x[:, :1])


class Balance:
    def __init__(self):
        self.means, self.warm = None, False

    def weights(self, losses):
        now = np.array([float(loss) for loss in losses])
        self.means = now if self.means is None else 0.8 * self.means + 0.2 * now
        if not self.warm:
            self.warm = True
            return np.array([1.0, 0.0])
        return self.means.sum() / (2 * self.means)


class Two(keras.Model):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.balance = Balance()

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            out = self(x, training=True)
            parts = [tf.reduce_mean(tf.square(y - out)), tf.reduce_mean(tf.abs(out))]
            one, two = self.balance.weights(parts)
            loss = one * parts[0] + two * parts[1]
        self.optimizer.apply(tape.gradient(loss, self.trainable_variables), self.trainable_variables)
        return {"loss": loss}


inputs = keras.Input((8,))
model = Two(inputs, keras.layers.Dense(1)(keras.layers.Dense(16, "relu")(inputs)))
model.compile(keras.optimizers.Adam(1e-2), "mse", run_eagerly=True)
model.fit(x, y, batch_size=16, epochs=4, shuffle=False, verbose=0)
