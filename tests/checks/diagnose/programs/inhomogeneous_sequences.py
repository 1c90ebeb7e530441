import numpy as np
import keras
from keras import layers

sequences = [[1, 2, 3], [4, 5], [6, 7, 8, 9], [1], [2, 2, 2]]
labels = [0, 1, 1, 0, 1]
x = np.array(sequences)
y = np.array(labels)
model = keras.Sequential([layers.Embedding(10, 8), layers.LSTM(8), layers.Dense(1, activation="sigmoid")])
model.compile(optimizer="adam", loss="binary_crossentropy")
model.fit(x, y, epochs=2)
