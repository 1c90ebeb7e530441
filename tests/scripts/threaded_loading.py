# files are read by a pool of threads while training goes on; a queue is between them
import os
import queue
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor

import keras
import numpy as np
from sklearn.datasets import load_digits

folder = tempfile.mkdtemp()
digits = load_digits()
paths = []
for part in range(20):
    path = os.path.join(folder, f"part-{part:02d}.npz")
    chunk = slice(part * 80, part * 80 + 80)
    np.savez(path, x=digits.data[chunk] / 16, y=digits.target[chunk])
    paths.append(path)


def load(path):
    with np.load(path) as f:
        return f["x"].astype("float32"), f["y"]


class ThreadedReader:
    """Endless batches; a daemon thread keeps the queue full."""

    def __init__(self, paths, batch_size):
        self.paths = paths
        self.batch_size = batch_size
        self.queue = queue.Queue(maxsize=10)
        threading.Thread(target=self._fill, daemon=True).start()

    def _fill(self):
        with ThreadPoolExecutor(4) as pool:
            while True:
                for x, y in pool.map(load, np.random.permutation(self.paths)):
                    for i in range(0, len(x), self.batch_size):
                        self.queue.put((x[i : i + self.batch_size], y[i : i + self.batch_size]))

    def __iter__(self):
        return self

    def __next__(self):
        return self.queue.get()


reader = ThreadedReader(paths, batch_size=40)

with ThreadPoolExecutor() as pool:
    val = list(pool.map(load, paths[:2]))
x_val, y_val = (np.concatenate(part) for part in zip(*val))

model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(64, "relu"), keras.layers.Dense(10, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit((batch for batch in reader), steps_per_epoch=40, epochs=3, validation_data=(x_val, y_val))
model.save("threaded.keras")
