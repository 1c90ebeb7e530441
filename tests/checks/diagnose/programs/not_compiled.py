import numpy as np
import keras
from keras import layers
model = keras.Sequential([keras.Input((5,)), layers.Dense(1, activation="sigmoid")])
model.fit(np.random.rand(20, 5), np.random.randint(0, 2, 20))
