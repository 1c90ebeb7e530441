import numpy as np
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Dense

model = Sequential()
model.add(Dense(12, input_shape=(8,), activation="relu"))
model.add(Dense(8, input_shape=(8,), activation="relu"))
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
X = np.random.default_rng(1).random((200, 8))
Y = (X.sum(axis=1) > 4).astype(int)
model.fit(X, Y, epochs=5, batch_size=10)
