import keras
import numpy as np
from sklearn.datasets import load_wine
from sklearn.preprocessing import scale

x, y = load_wine(return_X_y=True)
x = scale(x)
model = keras.Sequential([keras.layers.Dense(16, "relu"), keras.layers.Dense(3, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
for i in range(100):
    rows = np.random.choice(len(x), 32)
    loss, acc = model.train_on_batch(x[rows], y[rows])
print(loss, acc)
model.save("batchwise.keras")
