# the batch dimension is part of the model: an exported program for a device wants it so
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from tensorflow import keras

BATCH = 50
images, labels = load_digits(return_X_y=True)
images = np.float32(images / 16.0)

inp = keras.Input(batch_shape=(BATCH, 64))
x = keras.layers.Dense(40, activation="relu")(inp)
x = keras.ops.reshape(x, (BATCH, 4, 10))
x = keras.ops.mean(x, axis=1)
out = keras.layers.Dense(10, activation="softmax")(x)
model = keras.Model(inp, out)

train = tf.data.Dataset.from_tensor_slices((images[:1500], labels[:1500])).shuffle(1500).batch(BATCH, drop_remainder=True)
test = tf.data.Dataset.from_tensor_slices((images[1500:], labels[1500:])).batch(BATCH, drop_remainder=True)

model.compile(optimizer=keras.optimizers.SGD(learning_rate=0.2, momentum=0.9), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train, epochs=5, validation_data=test)
model.save("device.keras")
