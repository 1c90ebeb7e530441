# Dense network against convolutional network on the same digits
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
from sklearn.datasets import load_digits
from tensorflow import keras
from tensorflow.keras import layers

digits = load_digits()
X = digits.images / 16.0
y = digits.target

# ---------------------------------------------------------------- dense
dense = keras.Sequential([layers.Flatten(input_shape=(8, 8)), layers.Dense(32, activation="relu"), layers.Dense(10, activation="softmax")])
dense.compile(optimizer=keras.optimizers.SGD(0.1), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
dense_history = dense.fit(X, y, epochs=5, validation_split=0.2, verbose=0)

# ---------------------------------------------------------------- convolutional
conv = keras.Sequential(
    [
        layers.Input((8, 8)),
        layers.Reshape((8, 8, 1)),
        layers.Conv2D(16, 3, activation="relu"),
        layers.GlobalAveragePooling2D(),
        layers.Dense(10, activation="softmax"),
    ]
)
conv.compile(optimizer=keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
conv_history = conv.fit(X, y, epochs=5, batch_size=64, validation_split=0.2, verbose=0)

fig, ax = plt.subplots()
ax.plot(dense_history.history["val_accuracy"], label="dense")
ax.plot(conv_history.history["val_accuracy"], label="conv")
ax.legend()
fig.savefig("comparison.png")
