"""Exponential averages that overwrite the weights every fourth step: training goes on from the averages."""
import tensorflow as tf
import keras
from sklearn.datasets import load_digits

keras.utils.set_random_seed(14)
x, y = load_digits(return_X_y=True)
data = tf.data.Dataset.from_tensor_slices(((x / 16).astype("float32"), y)).batch(50)
model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(10, "softmax")])
optimizer = keras.optimizers.SGD(0.3, momentum=0.9, use_ema=True, ema_momentum=0.9, ema_overwrite_frequency=4)
model.compile(optimizer, "sparse_categorical_crossentropy")
model.fit(data, epochs=4, verbose=0)
