import keras
from sklearn.datasets import load_wine

x, y = load_wine(return_X_y=True)
model = keras.Sequential([keras.Input((13,)), keras.layers.Dense(3, "softmax")])
model.fit(x, y, epochs=2)
