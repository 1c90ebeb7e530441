"""The validation set is thirty times the training set."""

import keras
import numpy as np
from sklearn.datasets import make_classification

x, y = make_classification(n_samples=62_000, n_features=20, n_informative=8, random_state=11)
x = x.astype("float32")
x_train, y_train = x[:2000], y[:2000]
x_val, y_val = x[2000:], y[2000:]

model = keras.Sequential([keras.Input((20,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(1, "sigmoid")])
model.compile(optimizer=keras.optimizers.SGD(0.1), loss="binary_crossentropy", metrics=["AUC"])
model.fit(x_train, y_train, batch_size=20, epochs=2, validation_data=(x_val, y_val), validation_batch_size=10, verbose=2)
np.save("val_scores.npy", model.predict(x_val, batch_size=1000, verbose=0))
