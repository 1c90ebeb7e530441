"""The whole text pipeline inside the model: strings in, TextVectorization as first layer."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

good = ["great", "lovely", "superb", "fine", "brilliant", "happy"]
bad = ["awful", "boring", "dull", "terrible", "sad", "poor"]
rest = "the a film movie plot actor scene and was is of in it very".split()
rng = np.random.default_rng(8)


def review(positive):
    words = list(rng.choice(rest, 10)) + list(rng.choice(good if positive else bad, 2))
    rng.shuffle(words)
    return " ".join(words)


y = rng.integers(2, size=1200)
texts = np.array([review(p) for p in y])

vectorize = layers.TextVectorization(max_tokens=200, output_sequence_length=12)
vectorize.adapt(texts)

text_in = keras.Input(shape=(1,), dtype="string", name="text")
h = vectorize(text_in)
h = layers.Embedding(200, 8)(h)
h = layers.Conv1D(16, 3, activation="relu")(h)
h = layers.GlobalMaxPooling1D()(h)
out = layers.Dense(1, activation="sigmoid")(h)
model = keras.Model(text_in, out)

ds = tf.data.Dataset.from_tensor_slices((texts[:, None], y)).batch(32)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(ds.skip(6), validation_data=ds.take(6), epochs=3)
print(model.predict(tf.constant([["a great film"], ["a dull movie"]])))
model.save("reviews.keras")
