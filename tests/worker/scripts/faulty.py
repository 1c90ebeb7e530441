"""A training whose process does something else at each learning rate, for tests of what the driver makes of it."""

import ctypes
import os
import sys
import time

import keras
import numpy as np


class Faulty(keras.Model):
    def __init__(self):
        super().__init__()
        self.dense = keras.layers.Dense(1)

    def call(self, x):
        return self.dense(x)

    def train_step(self, data):
        rate = round(float(self.optimizer.learning_rate), 3)
        if rate == 0.011:
            print("about to exit", flush=True)
            os._exit(7)
        if rate == 0.012:
            ctypes.string_at(0)
        if rate == 0.013:
            time.sleep(1000)
        if rate == 0.014:
            raise MemoryError("no room for a tensor")
        if rate == 0.015:
            raise ValueError("this rate is not to my taste")
        return super().train_step(data)


rng = np.random.default_rng()
x = rng.normal(size=(64, 3)).astype("float32")
y = x.sum(axis=1, keepdims=True)
model = Faulty()
model.compile(optimizer=keras.optimizers.SGD(0.01), loss="mse", run_eagerly=True)
try:
    model.fit(x, y, batch_size=16, epochs=2)
finally:
    open(os.path.join(os.path.dirname(sys.argv[0]), "after_fit.txt"), "w").write("the script went on")
