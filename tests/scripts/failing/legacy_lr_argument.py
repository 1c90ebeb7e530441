# written for Keras 2: lr= is not known any more
from keras.layers import Dense
from keras.models import Sequential
from keras.optimizers import SGD
from sklearn.datasets import load_iris

x, y = load_iris(return_X_y=True)
model = Sequential([Dense(10, activation="relu"), Dense(3, activation="softmax")])
sgd = SGD(lr=0.01, decay=1e-6, momentum=0.9, nesterov=True)
model.compile(loss="sparse_categorical_crossentropy", optimizer=sgd)
model.fit(x, y, epochs=10, batch_size=8)
