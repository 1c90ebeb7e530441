from sklearn.datasets import load_breast_cancer
from sklearn.utils import shuffle
import keras
import numpy as np


def batch_generator(X, y, batch_size):
    while True:
        X, y = shuffle(X, y)
        for start in range(0, len(X) - batch_size + 1, batch_size):
            noise = np.random.normal(0, 0.05, (batch_size, X.shape[1]))
            yield X[start:start + batch_size] + noise, y[start:start + batch_size]


X, y = load_breast_cancer(return_X_y=True)
X = (X - X.mean(0)) / X.std(0)
y = y.reshape(-1, 1)
n = 456
bs = 24

model = keras.Sequential()
model.add(keras.layers.Input(shape=(30,)))
model.add(keras.layers.Dense(16, activation='relu'))
model.add(keras.layers.Dense(1, activation='sigmoid'))
model.compile(loss='binary_crossentropy', optimizer=keras.optimizers.Adadelta(learning_rate=1.0), metrics=['accuracy'])

h = model.fit(
    batch_generator(X[:n], y[:n], bs),
    steps_per_epoch=n // bs,
    epochs=6,
    validation_data=batch_generator(X[n:], y[n:], bs),
    validation_steps=(len(X) - n) // bs,
    verbose=2,
)
open('generator_acc.txt', 'w').write(str(h.history['val_accuracy']))
