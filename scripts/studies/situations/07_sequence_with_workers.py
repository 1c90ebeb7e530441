"""A PyDataset with worker threads that reorders its samples when an epoch ends."""
import numpy as np
import keras
from sklearn.datasets import load_digits


class Digits(keras.utils.PyDataset):
    def __init__(self, x, y, size, **kwargs):
        super().__init__(**kwargs)
        self.x, self.y, self.size = x, y, size
        self.rng = np.random.default_rng(0)
        self.order = np.arange(len(x))

    def __len__(self):
        return len(self.x) // self.size

    def __getitem__(self, index):
        rows = self.order[index * self.size : (index + 1) * self.size]
        return self.x[rows], self.y[rows]

    def on_epoch_end(self):
        self.rng.shuffle(self.order)


keras.utils.set_random_seed(6)
x, y = load_digits(return_X_y=True)
data = Digits((x[:500] / 16).astype("float32"), y[:500], 40, workers=2, use_multiprocessing=False)
model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(48, "tanh"), keras.layers.Dense(10, "softmax")])
model.compile(keras.optimizers.SGD(0.2), "sparse_categorical_crossentropy")
model.fit(data, epochs=6, shuffle=False, verbose=0)
