import keras
from sklearn.datasets import load_iris

x, y = load_iris(return_X_y=True)
model = keras.Sequential([keras.layers.Dense(3, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy"
model.fit(x, y, epochs=2)
