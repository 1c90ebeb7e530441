"""Self-attention whose memory grows with the square of the sequence; sequences of many lengths, padded by batch."""

import argparse

import keras
import numpy as np
import tensorflow as tf

parser = argparse.ArgumentParser()
parser.add_argument("--batch-size", type=int, default=16)
parser.add_argument("--epochs", type=int, default=10)
arguments = parser.parse_args()

rng = np.random.default_rng(0)
lengths = rng.integers(20, 192, size=3_000)
tokens = [rng.integers(1, 500, size=length) for length in lengths]
labels = rng.integers(0, 2, size=3_000)


def pipeline(start, stop):
    """Padded batches of the samples from start to stop."""
    data = tf.data.Dataset.from_generator(
        lambda: zip(tokens[start:stop], labels[start:stop], strict=True),
        output_signature=(tf.TensorSpec([None], tf.int32), tf.TensorSpec([], tf.int32)),
    )
    return data.padded_batch(arguments.batch_size)


inputs = keras.Input((None,), dtype="int32")
hidden = keras.layers.Embedding(500, 64)(inputs)
hidden = keras.layers.MultiHeadAttention(4, 16)(hidden, hidden)
hidden = keras.layers.GlobalAveragePooling1D()(hidden)
model = keras.Model(inputs, keras.layers.Dense(2)(hidden))
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(pipeline(0, 2_600), validation_data=pipeline(2_600, 3_000), epochs=arguments.epochs, verbose=2)
