"""A Trainer of one's own: validation, early stopping, checkpoints, a log."""

import csv
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf


class Trainer:
    def __init__(self, model, optimizer, loss_fn, folder="trainer_run", patience=5):
        self.model, self.optimizer, self.loss_fn = model, optimizer, loss_fn
        self.folder, self.patience = Path(folder), patience
        self.train_loss = keras.metrics.Mean()
        self.val_loss = keras.metrics.Mean()

    @tf.function
    def train_step(self, x, y):
        with tf.GradientTape() as tape:
            loss = self.loss_fn(y, self.model(x, training=True))
        grads = tape.gradient(loss, self.model.trainable_variables)
        self.optimizer.apply_gradients(zip(grads, self.model.trainable_variables))
        self.train_loss.update_state(loss)

    @tf.function
    def val_step(self, x, y):
        self.val_loss.update_state(self.loss_fn(y, self.model(x, training=False)))

    def run(self, train, val, epochs):
        self.folder.mkdir(exist_ok=True)
        checkpoint = tf.train.Checkpoint(model=self.model)
        manager = tf.train.CheckpointManager(checkpoint, str(self.folder / "checkpoints"), max_to_keep=2)
        best, waited = float("inf"), 0
        for epoch in range(epochs):
            self.train_loss.reset_state()
            self.val_loss.reset_state()
            for x, y in train:
                self.train_step(x, y)
            for x, y in val:
                self.val_step(x, y)
            row = [epoch, float(self.train_loss.result()), float(self.val_loss.result())]
            with (self.folder / "log.csv").open("a", newline="") as file:
                csv.writer(file).writerow(row)
            print(*row)
            if row[2] < best:
                best, waited = row[2], 0
                manager.save()
            else:
                waited += 1
                if waited >= self.patience:
                    print("stopped early")
                    break


if __name__ == "__main__":
    keras.utils.set_random_seed(18)
    rng = np.random.default_rng(18)
    x = rng.normal(size=(2400, 15)).astype("float32")
    y = (x[:, :3].prod(axis=1, keepdims=True)).astype("float32")
    train = tf.data.Dataset.from_tensor_slices((x[:2000], y[:2000])).shuffle(2000, seed=18).batch(40)
    val = tf.data.Dataset.from_tensor_slices((x[2000:], y[2000:])).batch(100)
    net = keras.Sequential([keras.Input((15,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(1)])
    Trainer(net, keras.optimizers.Adam(1e-3), keras.losses.MeanSquaredError()).run(train, val, epochs=12)
