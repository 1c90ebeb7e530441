"""A PyDataset that augments with NumPy's global random state, of which a first batch was looked at before."""

import keras
import numpy as np

keras.utils.set_random_seed(3)
x = np.random.normal(size=(320, 10)).astype("float32")
y = (x[:, :1] > 0).astype("float32")


class Noisy(keras.utils.PyDataset):
    def __len__(self):
        return 10

    def __getitem__(self, i):
        rows = np.random.permutation(320)[:32]
        return x[rows] + np.random.normal(0, 0.3, (32, 10)).astype("float32"), y[rows]


data = Noisy()
print(data[0][0].shape)
model = keras.Sequential(
    [keras.Input((10,)), keras.layers.Dense(16, activation="relu"), keras.layers.Dense(1, activation="sigmoid")]
)
model.compile(optimizer=keras.optimizers.Adam(1e-2), loss="binary_crossentropy")
print(model.evaluate(data, verbose=0))
model.fit(data, epochs=10, shuffle=False, verbose=0)
