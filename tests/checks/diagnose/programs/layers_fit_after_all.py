import numpy as np
from tensorflow.keras.models import Sequential
from tensorflow.keras.layers import Conv1D, MaxPooling1D, Flatten, Dense, LSTM

rng = np.random.default_rng(3)
x = rng.normal(size=(300, 50, 4))
y = (x[:, :, 0].mean(axis=1) > 0).astype("float32")
model = Sequential()
model.add(Conv1D(16, 5, activation="relu", input_shape=(50, 4)))
model.add(MaxPooling1D(2))
model.add(LSTM(16))
model.add(Dense(1, activation="sigmoid"))
model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(x, y, epochs=3, validation_split=0.2)
