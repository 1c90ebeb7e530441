"""A pipeline of dict inputs, dict labels and dict weights, shuffled with a seed and repeated."""
import numpy as np
import tensorflow as tf
import keras

keras.utils.set_random_seed(44)
rng = np.random.default_rng(44)
rows = 600
x = {"age": rng.uniform(20, 70, (rows, 1)).astype("float32"), "city": rng.integers(0, 9, (rows, 1))}
y = {"income": (x["age"] / 30 + x["city"] % 2).astype("float32"), "moves": (x["city"] > 4).astype("float32")}
w = {"income": rng.uniform(0, 2, rows).astype("float32"), "moves": np.where(x["city"][:, 0] > 4, 3.0, 1.0).astype("float32")}
data = tf.data.Dataset.from_tensor_slices((x, y, w)).shuffle(600, seed=3).repeat().batch(30)
age, city = keras.Input((1,), name="age"), keras.Input((1,), dtype="int32", name="city")
both = keras.layers.concatenate([keras.layers.Rescaling(1 / 50)(age), keras.layers.Flatten()(keras.layers.Embedding(9, 4)(city))])
hidden = keras.layers.Dense(16, "relu")(both)
outputs = {"income": keras.layers.Dense(1)(hidden), "moves": keras.layers.Dense(1, "sigmoid")(hidden)}
model = keras.Model({"age": age, "city": city}, outputs)
model.compile(keras.optimizers.Adam(1e-2), {"income": "mse", "moves": "binary_crossentropy"})
model.fit(data, steps_per_epoch=12, epochs=4, verbose=0)
