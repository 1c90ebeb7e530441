"""MirroredStrategy over two devices: each gets half of a batch, and batch normalization sees its half only."""
import numpy as np
import tensorflow as tf
import keras

cpu = tf.config.list_physical_devices("CPU")[0]
tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
keras.utils.set_random_seed(51)
rng = np.random.default_rng(5)
x = rng.normal(2, 3, size=(640, 10)).astype("float32")
y = (x[:, :1] * x[:, 1:2] > 4).astype("float32")
strategy = tf.distribute.MirroredStrategy(["/cpu:0", "/cpu:1"])
with strategy.scope():
    model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(16, "relu"), keras.layers.BatchNormalization(), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(1e-2), keras.losses.BinaryCrossentropy(from_logits=True))
data = tf.data.Dataset.from_tensor_slices((x, y)).batch(64)
model.fit(data, epochs=4, verbose=0)
