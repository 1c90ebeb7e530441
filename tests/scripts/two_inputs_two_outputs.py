#!/usr/bin/env python
# inputs and outputs as lists
import numpy as np
from keras.layers import Concatenate, Dense, Input
from keras.models import Model
from sklearn.datasets import load_diabetes

data = load_diabetes()
body = data.data[:, :4] * 20
blood = data.data[:, 4:] * 20
progress = (data.target / 100).reshape(-1, 1)
severe = (data.target > 150).astype("float32").reshape(-1, 1)

in_a = Input((4,), name="body")
in_b = Input((6,), name="blood")
a = Dense(16, activation="relu")(in_a)
b = Dense(16, activation="relu")(in_b)
h = Concatenate()([a, b])
h = Dense(16, activation="relu")(h)
out_1 = Dense(1, name="progress")(h)
out_2 = Dense(1, activation="sigmoid", name="severe")(h)

m = Model([in_a, in_b], [out_1, out_2])
m.compile("adam", loss=["mse", "binary_crossentropy"], loss_weights=[1.0, 0.5], metrics=[["mae"], ["accuracy"]])
hist = m.fit([body, blood], [progress, severe], batch_size=20, epochs=20, validation_split=0.2, verbose=0)
print({k: round(v[-1], 4) for k, v in hist.history.items()})
np.savetxt("loss.txt", hist.history["loss"])
