"""train_step without a GradientTape of one's own: compute_loss is overridden, targets are a tuple, outputs a tuple."""

import keras
import numpy as np
from keras import layers, ops
from sklearn.datasets import load_digits

x, y = load_digits(return_X_y=True)
x = (x / 16).astype("float32")
parity = (y % 2).astype("float32")[:, None]


class TwoHeads(keras.Model):
    def __init__(self):
        super().__init__()
        self.body = keras.Sequential([layers.Dense(48, "relu"), layers.Dense(24, "relu")])
        self.digit = layers.Dense(10, name="digit")
        self.odd = layers.Dense(1, name="odd")

    def call(self, x, training=None):
        h = self.body(x, training=training)
        return self.digit(h), self.odd(h)

    def compute_loss(self, x=None, y=None, y_pred=None, sample_weight=None, training=True):
        digit, odd = y_pred
        y_digit, y_odd = y
        one = keras.losses.sparse_categorical_crossentropy(y_digit, digit, from_logits=True)
        two = keras.losses.binary_crossentropy(y_odd, odd, from_logits=True)
        return ops.mean(one) + 0.3 * ops.mean(two)


model = TwoHeads()
model.compile(optimizer=keras.optimizers.Adam(2e-3))
model.fit(x[:1400], (y[:1400], parity[:1400]), batch_size=70, epochs=5, validation_data=(x[1400:], (y[1400:], parity[1400:])))
np.save("digits_logits.npy", model.predict(x[1400:])[0])
