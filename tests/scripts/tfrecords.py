"""TFRecord shards: written once, read with interleave, parsed, decoded, batched."""

import os
import tempfile

import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

BATCH_SIZE = 45
folder = tempfile.mkdtemp()
digits = load_digits()


def example(image, label):
    feature = {
        "image": tf.train.Feature(bytes_list=tf.train.BytesList(value=[tf.io.encode_png(image).numpy()])),
        "label": tf.train.Feature(int64_list=tf.train.Int64List(value=[label])),
    }
    return tf.train.Example(features=tf.train.Features(feature=feature))


for shard in range(4):
    with tf.io.TFRecordWriter(os.path.join(folder, "digits-%d.tfrec" % shard)) as out:
        for i in range(shard, 1200, 4):
            image = (digits.images[i] * 15).astype(np.uint8)[..., None]
            out.write(example(image, int(digits.target[i])).SerializeToString())


def parse(record):
    fields = {"image": tf.io.FixedLenFeature([], tf.string), "label": tf.io.FixedLenFeature([], tf.int64)}
    parsed = tf.io.parse_single_example(record, fields)
    image = tf.io.decode_png(parsed["image"], channels=1)
    return tf.reshape(tf.cast(image, tf.float32) / 255.0, (8, 8, 1)), parsed["label"]


def read(pattern, training):
    files = tf.data.Dataset.list_files(os.path.join(folder, pattern), shuffle=training)
    records = files.interleave(tf.data.TFRecordDataset, cycle_length=2, num_parallel_calls=tf.data.AUTOTUNE)
    ds = records.map(parse, num_parallel_calls=tf.data.AUTOTUNE)
    if training:
        ds = ds.shuffle(256).repeat()
    return ds.batch(BATCH_SIZE).prefetch(tf.data.AUTOTUNE)


model = tf.keras.Sequential(
    [
        tf.keras.layers.Conv2D(12, 3, activation="relu"),
        tf.keras.layers.Conv2D(12, 3, activation="relu"),
        tf.keras.layers.GlobalAveragePooling2D(),
        tf.keras.layers.Dense(10, activation="softmax"),
    ]
)
model.compile(optimizer=tf.keras.optimizers.Adam(0.01), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(read("digits-[0-2].tfrec", True), steps_per_epoch=900 // BATCH_SIZE, epochs=4, validation_data=read("digits-3.tfrec", False))
model.save("records.keras")
