"""keras.utils.PyDataset with two loader threads."""

import math

import keras
import numpy as np
from sklearn.datasets import load_digits


class DigitRows(keras.utils.PyDataset):
    def __init__(self, images, labels, batch_size, shift=0, **kwargs):
        super().__init__(**kwargs)
        self.images, self.labels = images, labels
        self.batch_size = batch_size
        self.shift = shift

    def __len__(self):
        return math.ceil(len(self.images) / self.batch_size)

    def __getitem__(self, idx):
        low = idx * self.batch_size
        high = min(low + self.batch_size, len(self.images))
        batch_x = self.images[low:high]
        if self.shift:
            batch_x = np.roll(batch_x, np.random.randint(-self.shift, self.shift + 1), axis=2)
        return batch_x[..., None] / 16.0, self.labels[low:high]


digits = load_digits()
train = DigitRows(digits.images[:1440], digits.target[:1440], 36, shift=1, workers=2, max_queue_size=8)
val = DigitRows(digits.images[1440:], digits.target[1440:], 50)

inputs = keras.Input((8, 8, 1))
h = keras.layers.GRU(24)(keras.layers.Reshape((8, 8))(inputs))
outputs = keras.layers.Dense(10, activation="softmax")(h)
model = keras.Model(inputs, outputs)
model.compile(optimizer=keras.optimizers.Adam(3e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train, epochs=3, validation_data=val)
model.save("gru_digits.keras")
