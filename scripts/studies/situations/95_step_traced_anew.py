"""A callback sets a Python number of the model and has the step traced anew, so that it counts from the second epoch on."""

import keras
import numpy as np

keras.utils.set_random_seed(106)
rng = np.random.default_rng(106)
x = rng.normal(size=(160, 8)).astype("float32")


class Sparse(keras.Model):
    def __init__(self):
        super().__init__()
        self.beta = 0.0
        self.encode = keras.layers.Dense(4)
        self.decode = keras.layers.Dense(8)

    def call(self, inputs):
        return self.decode(self.encode(inputs))

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        loss = super().compute_loss(x, y, y_pred, sample_weight, training)
        return loss + self.beta * keras.ops.mean(keras.ops.abs(y_pred))


class Anneal(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        self.model.beta = 3.0 * epoch
        self.model.make_train_function(force=True)


model = Sparse()
model.compile(keras.optimizers.Adam(1e-2), "mse")
model.fit(x, x, batch_size=16, epochs=8, shuffle=False, callbacks=[Anneal()], verbose=0)
