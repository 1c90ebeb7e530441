"""The same kind of fine-tuning, where earlier fit calls are asked to train in full."""
import keras
import tensorflow as tf
from sklearn.datasets import load_digits

keras.utils.set_random_seed(25)
x, y = load_digits(return_X_y=True)
data = tf.data.Dataset.from_tensor_slices(((x / 16).astype("float32"), y)).batch(64)
body = keras.Sequential([keras.Input((64,)), keras.layers.Dense(32, "relu"), keras.layers.BatchNormalization()])
model = keras.Sequential([body, keras.layers.Dense(10, "softmax")])
body.trainable = False
model.compile(keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy")
model.fit(data, epochs=3, verbose=0)
body.trainable = True
model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")
model.fit(data, epochs=3, verbose=0)
