"""A plain training without anything of one backend; the argument is the precision."""

import sys

import keras
import numpy as np

keras.mixed_precision.set_dtype_policy(sys.argv[1])
x = np.random.normal(size=(120, 6)).astype("float32")
y = (x.sum(axis=1) > 0).astype("int32")
model = keras.Sequential(
    [
        keras.Input((6,)),
        keras.layers.Dense(16, activation="relu"),
        keras.layers.Dropout(0.2),
        keras.layers.Dense(2, dtype="float32"),
    ]
)
model.compile("rmsprop", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(x, y, batch_size=16, epochs=5, validation_split=0.25)
