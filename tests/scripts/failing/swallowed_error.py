"""The script hides its own error and ends well, without any training."""

import keras
from sklearn.datasets import load_iris


def main():
    x, y = load_iris(return_X_y=True)
    try:
        model = keras.Sequential([keras.layers.Dense(3, "softmax")])
        model.compile("adamm", "sparse_categorical_crossentropy")
        model.fit(x, y)
    except Exception as error:
        print("something went wrong:", error)


main()
