import numpy as np
import keras
from keras import layers

x = np.random.rand(100, 28, 28)
y = np.random.randint(0, 10, 100)
model = keras.Sequential([keras.Input((28, 28, 3)), layers.Conv2D(8, 3, activation="relu"), layers.GlobalAveragePooling2D(), layers.Dense(10, activation="softmax")])
model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
model.fit(x, y, epochs=2)
