from keras import Sequential, layers
from sklearn.datasets import load_wine

x, y = load_wine(return_X_y=True)
x_train, y_train = x[:140], y[:150]

model = Sequential([layers.Dense(8, "relu"), layers.Dense(3, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy")
model.fit(x_train, y_train, epochs=2)
