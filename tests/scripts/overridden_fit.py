"""A model with its own fit(), which standardises and then calls the real one."""

import keras
import numpy as np
from sklearn.datasets import load_diabetes


class StandardizedRegressor(keras.Model):
    def __init__(self, width=24):
        super().__init__()
        self.hidden = keras.layers.Dense(width, activation="relu")
        self.out = keras.layers.Dense(1)

    def call(self, x):
        return self.out(self.hidden(x))

    def fit(self, x, y, epochs=10, **kwargs):
        self.x_mean, self.x_std = x.mean(axis=0), x.std(axis=0)
        self.y_mean, self.y_std = y.mean(), y.std()
        x = (x - self.x_mean) / self.x_std
        y = (y - self.y_mean) / self.y_std
        print("standardised", len(x), "rows")
        return super().fit(x, y, epochs=epochs, **kwargs)

    def predict(self, x, **kwargs):
        z = super().predict((x - self.x_mean) / self.x_std, **kwargs)
        return z * self.y_std + self.y_mean


x, y = load_diabetes(return_X_y=True)
model = StandardizedRegressor()
model.compile(keras.optimizers.Adam(0.01), loss="mse")
model.fit(x, y, batch_size=64, verbose=0)
np.save("progress.npy", model.predict(x, verbose=0))
