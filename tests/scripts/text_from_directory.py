"""Text classification from files in folders (made here, in a temporary folder)."""

import pathlib
import random
import re
import string
import tempfile

import tensorflow as tf
from tensorflow.keras import layers, losses

root = pathlib.Path(tempfile.mkdtemp()) / "letters"
topics = {"cooking": ["salt", "oven", "flour", "boil", "taste"], "sailing": ["wind", "mast", "anchor", "wave", "deck"]}
common = ["we", "then", "the", "and", "with", "some", "slowly", "again", "<br />"]
random.seed(4)
for topic, words in topics.items():
    folder = root / topic
    folder.mkdir(parents=True)
    for i in range(150):
        text = " ".join(random.choices(common, k=15) + random.choices(words, k=3))
        (folder / f"{i}.txt").write_text(text + "!")

batch_size = 32
seed = 42
raw_train_ds = tf.keras.utils.text_dataset_from_directory(root, batch_size=batch_size, validation_split=0.2, subset="training", seed=seed)
raw_val_ds = tf.keras.utils.text_dataset_from_directory(root, batch_size=batch_size, validation_split=0.2, subset="validation", seed=seed)


def custom_standardization(input_data):
    lowercase = tf.strings.lower(input_data)
    stripped_html = tf.strings.regex_replace(lowercase, "<br />", " ")
    return tf.strings.regex_replace(stripped_html, "[%s]" % re.escape(string.punctuation), "")


max_features = 100
sequence_length = 20
vectorize_layer = layers.TextVectorization(
    standardize=custom_standardization, max_tokens=max_features, output_mode="int", output_sequence_length=sequence_length
)
vectorize_layer.adapt(raw_train_ds.map(lambda x, y: x))


def vectorize_text(text, label):
    text = tf.expand_dims(text, -1)
    return vectorize_layer(text), label


AUTOTUNE = tf.data.AUTOTUNE
train_ds = raw_train_ds.map(vectorize_text).cache().prefetch(buffer_size=AUTOTUNE)
val_ds = raw_val_ds.map(vectorize_text).cache().prefetch(buffer_size=AUTOTUNE)

model = tf.keras.Sequential(
    [
        layers.Embedding(max_features, 16),
        layers.Dropout(0.2),
        layers.GlobalAveragePooling1D(),
        layers.Dropout(0.2),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(loss=losses.BinaryCrossentropy(), optimizer="adam", metrics=[tf.metrics.BinaryAccuracy(threshold=0.5)])
history = model.fit(train_ds, validation_data=val_ds, epochs=10)
loss, accuracy = model.evaluate(val_ds)
print("Loss: ", loss)
print("Accuracy: ", accuracy)
with open("text_result.txt", "w") as f:
    f.write(f"{loss} {accuracy}\n")
