"""Every callback at once, and a second fit from the best weights of the first."""

import datetime
import math
import os

import tensorflow as tf
from sklearn.datasets import load_digits

x, y = load_digits(return_X_y=True)
x = x.astype("float32") / 16.0


def step_decay(epoch, lr):
    return 0.05 * math.pow(0.5, math.floor((1 + epoch) / 3.0))


model = tf.keras.Sequential([tf.keras.layers.Input((64,)), tf.keras.layers.Dense(32, "relu"), tf.keras.layers.Dense(10, "softmax")])
model.compile(optimizer=tf.keras.optimizers.SGD(learning_rate=0.05, momentum=0.9), loss="sparse_categorical_crossentropy", metrics=["accuracy"])

log_dir = os.path.join("logs", datetime.datetime.now().strftime("%Y%m%d-%H%M%S"))
os.makedirs("checkpoints", exist_ok=True)
callbacks = [
    tf.keras.callbacks.LearningRateScheduler(step_decay, verbose=1),
    tf.keras.callbacks.EarlyStopping(monitor="val_loss", patience=3),
    tf.keras.callbacks.TensorBoard(log_dir=log_dir, histogram_freq=1),
    tf.keras.callbacks.CSVLogger("training_log.csv"),
    tf.keras.callbacks.ModelCheckpoint("checkpoints/best.weights.h5", save_weights_only=True, save_best_only=True),
    tf.keras.callbacks.BackupAndRestore("checkpoints/backup"),
    tf.keras.callbacks.TerminateOnNaN(),
    tf.keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: open("epochs.log", "a").write(f"{epoch} {logs}\n")),
]
model.fit(x, y, batch_size=128, epochs=4, validation_split=0.2, callbacks=callbacks)

model.load_weights("checkpoints/best.weights.h5")
model.fit(x, y, batch_size=128, epochs=6, initial_epoch=4, validation_split=0.2, callbacks=callbacks[:1])
model.save("zoo.keras")
