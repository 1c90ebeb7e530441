"""class_weight beside sample weights, which Keras itself refuses: the script fails by itself."""
import numpy as np
import keras

keras.utils.set_random_seed(5)
rng = np.random.default_rng(5)
x = rng.normal(size=(320, 8)).astype("float32")
y = (x[:, 0] > 0).astype("int32")
model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(8, "relu"), keras.layers.Dense(1, "sigmoid")])
model.compile("adam", "binary_crossentropy")
model.fit(x, y, sample_weight=np.ones(320), class_weight={0: 1.0, 1: 2.0}, epochs=2, verbose=0)
