# tf.data.experimental.make_csv_dataset: dicts of columns, endless unless num_epochs is given
import csv
import os
import sys

import tensorflow as tf
from sklearn.datasets import load_iris

here = os.path.dirname(os.path.abspath(__file__))
sys.path.append(here)

path = os.path.join(os.environ.get("TMPDIR", "/tmp"), "iris-%d.csv" % os.getpid())
iris = load_iris()
with open(path, "w", newline="") as f:
    writer = csv.writer(f)
    writer.writerow(["sepal_length", "sepal_width", "petal_length", "petal_width", "species"])
    for row, label in zip(iris.data, iris.target):
        writer.writerow([*row, int(label)])

dataset = tf.data.experimental.make_csv_dataset(path, batch_size=30, label_name="species", num_epochs=None, shuffle=True)


def pack(features, label):
    return tf.stack(list(features.values()), axis=-1), label


dataset = dataset.map(pack)

model = tf.keras.Sequential([tf.keras.layers.BatchNormalization(), tf.keras.layers.Dense(10, activation=tf.nn.relu), tf.keras.layers.Dense(3)])
model.compile(
    optimizer=tf.keras.optimizers.Adam(learning_rate=0.01),
    loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(dataset, steps_per_epoch=5, epochs=10, verbose=0)
print(model.evaluate(dataset, steps=5, verbose=0))
model.save("species.keras")
os.remove(path)
