import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(0)
y = rng.integers(0, 3, 120)
x = rng.random((120, 16, 16, 1)) * 0.2 + y[:, None, None, None] * 0.2
model = keras.Sequential([keras.Input((16, 16, 1)), layers.Conv2D(8, 3, activation="relu"), layers.Flatten(), layers.Dense(3, activation="softmax")])
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
model.fit(x, y, epochs=2)
image = x[5]
print(np.argmax(model.predict(image)))
