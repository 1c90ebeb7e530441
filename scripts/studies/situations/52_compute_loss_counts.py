"""compute_loss is overridden: a weight of the model counts steps, and a second term grows with it; x is looked at too."""
import numpy as np
import keras

keras.utils.set_random_seed(54)
rng = np.random.default_rng(8)
x = rng.normal(size=(400, 7)).astype("float32")
y = np.abs(x[:, :1]).astype("float32")


class Ramped(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden, self.out = keras.layers.Dense(16, "tanh"), keras.layers.Dense(1)
        self.count = self.add_weight(shape=(), initializer="zeros", trainable=False)

    def call(self, x):
        return self.out(self.hidden(x))

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        self.count.assign_add(1.0)
        loss = super().compute_loss(x=x, y=y, y_pred=y_pred, sample_weight=sample_weight, training=training)
        smooth = keras.ops.mean((self(x + 0.1) - y_pred) ** 2)
        return loss + keras.ops.minimum(self.count / 10, 3.0) * smooth


model = Ramped()
model.compile(keras.optimizers.Adam(1e-2), "mse")
model.fit(x, y, batch_size=40, epochs=4, shuffle=False, verbose=0)
