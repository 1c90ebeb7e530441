import numpy as np
import tensorflow as tf

x = np.random.rand(20, 4)
y = np.random.randint(0, 2, 20)
model = tf.keras.Sequential([tf.keras.layers.Dense(16, activation="relu", input_shape=(4,)), tf.keras.layers.Dense(1, activation="sigmoid")])
model.compile(optimizer=tf.keras.optimizers.Adam(learning_rate=1000), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=10)
