import numpy as np
import tensorflow as tf

x = np.random.rand(100, 8)
y = np.random.rand(100, 1)
model = tf.keras.Sequential([tf.keras.layers.Dense(16, activation="relu", input_shape=(8,)), tf.keras.layers.Dense(1)])
model.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=10.0), loss="mse")
model.fit(x, y, epochs=10)
