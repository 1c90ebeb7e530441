"""One call of a tf.function per epoch."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(3)
rng = np.random.default_rng(3)
features = rng.normal(size=(3200, 12)).astype("float32")
labels = np.argmax(features[:, :4], axis=1)
train_ds = tf.data.Dataset.from_tensor_slices((features, labels)).shuffle(3200, seed=3).batch(32)

model = keras.Sequential([keras.Input((12,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(4)])
loss_object = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer = keras.optimizers.Adam(1e-3)
train_loss = keras.metrics.Mean(name="train_loss")


@tf.function
def train_one_epoch(dataset):
    for x, y in dataset:
        with tf.GradientTape() as tape:
            loss = loss_object(y, model(x, training=True))
        gradients = tape.gradient(loss, model.trainable_variables)
        optimizer.apply_gradients(zip(gradients, model.trainable_variables))
        train_loss.update_state(loss)


for epoch in range(6):
    train_loss.reset_state()
    train_one_epoch(train_ds)
    tf.print("epoch", epoch, "loss", train_loss.result())
np.save("epoch_losses.npy", train_loss.result().numpy())
