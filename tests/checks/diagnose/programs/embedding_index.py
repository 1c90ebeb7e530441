import numpy as np
import keras
from keras import layers
model = keras.Sequential([keras.Input((5,)), layers.Embedding(100, 8), layers.Flatten(), layers.Dense(1, activation="sigmoid")])
model.compile(optimizer="adam", loss="binary_crossentropy")
model.fit(np.random.randint(0, 150, (200, 5)), np.random.randint(0, 2, 200))
