"""compute_loss divides each loss by its running size, kept in a metric that fit resets with every epoch of sixteen steps."""

import keras
import numpy as np

keras.utils.set_random_seed(328)
rng = np.random.default_rng(328)
x = rng.normal(size=(256, 8)).astype("float32")
y = 3 * x[:, :1] + 1


class Scaled(keras.Model):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.size = keras.metrics.Mean(name="size")

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        loss = super().compute_loss(x, y, y_pred, sample_weight, training)
        self.size.update_state(loss)
        return loss / keras.ops.stop_gradient(self.size.result())


inputs = keras.Input((8,))
model = Scaled(inputs, keras.layers.Dense(1)(keras.layers.Dense(16, "relu")(inputs)))
model.compile(keras.optimizers.SGD(3e-2), "mse")
model.fit(x, y, batch_size=16, epochs=5, shuffle=False, verbose=0)
