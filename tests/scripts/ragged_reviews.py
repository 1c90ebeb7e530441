"""Sentences of different lengths: a RaggedTensor through tf.data, made dense batch by batch."""

import keras
import numpy as np
import tensorflow as tf

rng = np.random.default_rng(21)
classes = rng.integers(3, size=1500)
sentences = [rng.integers(1 + 30 * c, 60 + 30 * c, size=rng.integers(3, 15)).tolist() for c in classes]
ragged = tf.ragged.constant(sentences, dtype=tf.int32)
print("ragged:", ragged.shape, "row lengths", ragged.row_lengths()[:5].numpy())


def densify(words, label):
    return words.to_tensor(default_value=0), label


dataset = tf.data.Dataset.from_tensor_slices((ragged, classes)).shuffle(1500, seed=0, reshuffle_each_iteration=False)
train = dataset.skip(300).batch(32).map(densify)
val = dataset.take(300).batch(32).map(densify)

model = keras.Sequential(
    [
        keras.layers.Embedding(130, 12, mask_zero=True),
        keras.layers.Bidirectional(keras.layers.GRU(8)),
        keras.layers.Dense(3, activation="softmax"),
    ]
)
model.compile(optimizer=keras.optimizers.Ftrl(0.1), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train, validation_data=val, epochs=3)
model.save("ragged.keras")
