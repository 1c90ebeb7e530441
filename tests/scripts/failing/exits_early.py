import sys

import keras
from sklearn.datasets import load_iris

x, y = load_iris(return_X_y=True)
if keras.backend.backend() != "paddle":
    print("this script needs the paddle backend", file=sys.stderr)
    sys.exit(3)

model = keras.Sequential([keras.layers.Dense(3, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(x, y)
