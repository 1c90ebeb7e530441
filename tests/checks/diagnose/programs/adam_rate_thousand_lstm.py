import numpy as np
import tensorflow as tf

x = np.random.rand(20, 10, 3)
y = np.random.rand(20, 1)
model = tf.keras.Sequential([tf.keras.layers.LSTM(16, input_shape=(10, 3)), tf.keras.layers.Dense(1)])
model.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=1000.0), loss="mse")
model.fit(x, y, epochs=10)
