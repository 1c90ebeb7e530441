"""The same training function for two sizes of network."""

import keras
from sklearn.datasets import load_wine
from sklearn.preprocessing import scale

x, y = load_wine(return_X_y=True)
x = scale(x)


def train(width):
    print(f"--- width {width}")
    model = keras.Sequential([keras.Input((13,)), keras.layers.Dense(width, "relu"), keras.layers.Dense(3, "softmax")])
    model.compile(keras.optimizers.SGD(0.05, momentum=0.5), "sparse_categorical_crossentropy")
    history = model.fit(x, y, epochs=10, batch_size=16, verbose=0)
    model.save(f"wine_{width}.keras")
    return history.history["loss"][-1]


small = train(8)
large = train(64)
print(small, large, small > large)
