"""Synchronous training on all devices with tf.distribute."""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import tensorflow as tf
from sklearn.datasets import load_digits


def get_compiled_model():
    inputs = keras.Input(shape=(64,))
    x = keras.layers.Dense(64, activation="relu")(inputs)
    x = keras.layers.Dense(64, activation="relu")(x)
    outputs = keras.layers.Dense(10)(x)
    model = keras.Model(inputs, outputs)
    model.compile(
        optimizer=keras.optimizers.Adam(learning_rate=2e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=[keras.metrics.SparseCategoricalAccuracy()],
    )
    return model


def get_dataset(batch_size):
    x, y = load_digits(return_X_y=True)
    x = x.astype("float32") / 16
    return (
        tf.data.Dataset.from_tensor_slices((x[:1200], y[:1200])).batch(batch_size),
        tf.data.Dataset.from_tensor_slices((x[1200:1500], y[1200:1500])).batch(batch_size),
        tf.data.Dataset.from_tensor_slices((x[1500:], y[1500:])).batch(batch_size),
    )


strategy = tf.distribute.MirroredStrategy()
print("Number of devices: {}".format(strategy.num_replicas_in_sync))

with strategy.scope():
    model = get_compiled_model()

    batch_size = 32 * strategy.num_replicas_in_sync
    train_dataset, val_dataset, test_dataset = get_dataset(batch_size)
    model.fit(train_dataset, epochs=4, validation_data=val_dataset)
    model.evaluate(test_dataset)

model.save("mirrored.keras")
