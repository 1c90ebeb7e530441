import numpy as np
import keras
from keras import layers

rng = np.random.default_rng(0)
x = rng.normal(size=(300, 4))
y = (x[:, 0] > 0).astype(int)
model = keras.Sequential([keras.Input((4,))])
for _ in range(10):
    model.add(layers.Dense(16, activation="sigmoid"))
model.add(layers.Dense(1, activation="sigmoid"))
model.compile(optimizer="sgd", loss="binary_crossentropy")
model.fit(x, y, epochs=2)
