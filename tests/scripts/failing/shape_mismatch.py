"""Ten classes, but the last layer has eight units and the input expects 28x28."""

import keras
from sklearn.datasets import load_digits

digits = load_digits()
model = keras.Sequential(
    [keras.Input((28, 28)), keras.layers.Flatten(), keras.layers.Dense(32, "relu"), keras.layers.Dense(8, "softmax")]
)
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(digits.images, digits.target, epochs=3)
model.save("never.keras")
