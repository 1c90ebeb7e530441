"""Gradients gathered by hand: an eager train step counts in Python and applies the mean of every third."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(107)
rng = np.random.default_rng(107)
x = rng.normal(size=(128, 8)).astype("float32")
y = (x[:, :1] > 0).astype("float32")


class Gathers(keras.Model):
    n_acum_step = 0
    kept = None

    def train_step(self, data):
        x, y = data
        with tf.GradientTape() as tape:
            loss = self.compute_loss(x=x, y=y, y_pred=self(x, training=True))
        gradients = tape.gradient(loss, self.trainable_variables)
        self.kept = gradients if self.kept is None else [a + b for a, b in zip(self.kept, gradients)]
        self.n_acum_step += 1
        if self.n_acum_step == 3:
            self.optimizer.apply_gradients([(g / 3.0, v) for g, v in zip(self.kept, self.trainable_variables)])
            self.n_acum_step, self.kept = 0, None
        return {"loss": loss}


inputs = keras.Input((8,))
model = Gathers(inputs, keras.layers.Dense(1, "sigmoid")(keras.layers.Dense(16, "relu")(inputs)))
model.compile(keras.optimizers.Adam(3e-2), "binary_crossentropy", run_eagerly=True)
model.fit(x, y, batch_size=16, epochs=4, shuffle=False, verbose=0)
