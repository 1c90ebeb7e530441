"""A recurrent network over long sequences from a tf.data pipeline that batches by itself."""

import argparse

import keras
import numpy as np
import tensorflow as tf

parser = argparse.ArgumentParser()
parser.add_argument("--batch-size", type=int, default=32)
parser.add_argument("--epochs", type=int, default=10)
arguments = parser.parse_args()

rng = np.random.default_rng(0)
x = rng.normal(size=(4_000, 100, 8)).astype("float32")
y = x.mean(axis=(1, 2))

training = tf.data.Dataset.from_tensor_slices((x[:3_600], y[:3_600])).shuffle(3_600).batch(arguments.batch_size)
validation = tf.data.Dataset.from_tensor_slices((x[3_600:], y[3_600:])).batch(arguments.batch_size)

model = keras.Sequential(
    [
        keras.Input((100, 8)),
        keras.layers.LSTM(96, return_sequences=True),
        keras.layers.LSTM(96),
        keras.layers.Dense(1),
    ]
)
model.compile("rmsprop", "mse")
model.fit(training.prefetch(2), validation_data=validation, epochs=arguments.epochs, verbose=2)
