"""Validation, early stopping, checkpoints with a manager, TensorBoard and a CSV log, all by the script itself."""

import csv
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(26)
rng = np.random.default_rng(26)
x = rng.normal(size=(900, 6)).astype("float32")
y = np.tanh(x[:, :1] + x[:, 1:2])
train = tf.data.Dataset.from_tensor_slices((x[:800], y[:800])).shuffle(800, seed=26).batch(40)
val_x, val_y = x[800:], y[800:]
model = keras.Sequential([keras.Input((6,)), keras.layers.Dense(16, "tanh"), keras.layers.Dense(1)])
optimizer = keras.optimizers.Adam(2e-3)
checkpoint = tf.train.Checkpoint(model=model, step=tf.Variable(0))
manager = tf.train.CheckpointManager(checkpoint, "logged_checkpoints", max_to_keep=2)
writer = tf.summary.create_file_writer("logged_tensorboard")
log = csv.writer(open("logged.csv", "w", newline="", buffering=1))
log.writerow(["step", "loss", "val_loss"])


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(y - model(x, training=True)))
    optimizer.apply_gradients(zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables))
    checkpoint.step.assign_add(1)
    return loss


best, waited = float("inf"), 0
for epoch in range(40):
    for xb, yb in train:
        loss = train_step(xb, yb)
        with writer.as_default(step=optimizer.iterations.numpy()):
            tf.summary.scalar("loss", loss)
    val_loss = float(tf.reduce_mean(tf.square(val_y - model(val_x, training=False))))
    log.writerow([int(checkpoint.step), float(loss), val_loss])
    if val_loss < best - 1e-4:
        best, waited = val_loss, 0
        manager.save()
        model.save_weights("logged_best.weights.h5")
    else:
        waited += 1
        if waited == 5:
            break
model.load_weights("logged_best.weights.h5")
checkpoint.restore(manager.latest_checkpoint)
assert Path("logged_best.weights.h5").exists()
print("best", best, "after", int(checkpoint.step), "steps")
