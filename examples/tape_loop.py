"""Learns to read handwritten digits with Keras layers and a loop over a GradientTape, which never calls fit.

sweeper probe --command "python examples/tape_loop.py --lr {learning_rate} --seed {seed}"
"""

import argparse

import keras
import tensorflow as tf
from sklearn.datasets import load_digits

import sweeper

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--epochs", type=int, default=20)
parser.add_argument("--lr", type=float, default=1e-3, help="learning rate")
parser.add_argument("--batch-size", type=int, default=32)
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()

keras.utils.set_random_seed(args.seed)
digits = load_digits()
data = tf.data.Dataset.from_tensor_slices(((digits.data / 16.0).astype("float32"), digits.target))
data = data.shuffle(len(digits.data), seed=args.seed).batch(args.batch_size, drop_remainder=True)
model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(10)])
optimizer = keras.optimizers.Adam(args.lr)
loss_of = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        loss = loss_of(y, model(x, training=True))
    optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
    return loss


for epoch in range(args.epochs):
    for x, y in data:
        loss = train_step(x, y)
        sweeper.report(loss=loss)  # does nothing outside a probe
    print(f"epoch {epoch + 1}: loss {float(loss):.4f}")
