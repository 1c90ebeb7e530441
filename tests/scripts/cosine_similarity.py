import keras
import numpy as np
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA

x = (pixels := load_digits().data)[:, pixels.std(axis=0) > 1]  # Adafactor breaks weights of constant pixels
codes = PCA(10).fit_transform(x)
codes /= np.linalg.norm(codes, axis=1, keepdims=True)

model = keras.Sequential([keras.layers.Dense(40, "relu"), keras.layers.Dense(10), keras.layers.UnitNormalization()])
# CosineSimilarity goes from 0 down to -1
model.compile(optimizer=keras.optimizers.Adafactor(0.01), loss=keras.losses.CosineSimilarity())
model.fit(x, codes, batch_size=128, epochs=4, validation_split=0.2)
model.save("cosine.keras")
