"""Progression of diabetes, on its original scale: a regression whose target nobody scaled."""

import keras
from sklearn.datasets import load_diabetes

keras.utils.set_random_seed(6)
x, y = load_diabetes(return_X_y=True, scaled=False)
normalization = keras.layers.Normalization()
normalization.adapt(x)

model = keras.Sequential(
    [normalization, keras.layers.Dense(32, activation="relu"), keras.layers.Dense(16, "relu"), keras.layers.Dense(1)]
)
model.compile(optimizer=keras.optimizers.Adam(0.01), loss="mse", metrics=["mae"])
model.fit(x, y, batch_size=32, epochs=300, validation_split=0.2)
