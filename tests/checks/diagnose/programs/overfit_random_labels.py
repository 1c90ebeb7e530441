import numpy as np
import keras
from keras import layers
np.random.seed(0)
x = np.random.random((1000, 20))
y = keras.utils.to_categorical(np.random.randint(10, size=(1000, 1)), num_classes=10)
x_val = np.random.random((100, 20))
y_val = keras.utils.to_categorical(np.random.randint(10, size=(100, 1)), num_classes=10)
model = keras.Sequential([keras.Input((20,)), layers.Dense(64, activation="relu"), layers.Dense(64, activation="relu"), layers.Dense(10, activation="softmax")])
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(x, y, epochs=100, batch_size=128, validation_data=(x_val, y_val))
