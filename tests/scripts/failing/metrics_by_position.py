# the third argument of compile is loss_weights in Keras 3, no longer metrics
from keras import Sequential, layers
from sklearn.datasets import load_iris

x, y = load_iris(return_X_y=True)
model = Sequential([layers.Dense(8, "relu"), layers.Dense(3, "softmax")])
model.compile("adam", "sparse_categorical_crossentropy", ["accuracy"])
model.fit(x, y, epochs=2)
