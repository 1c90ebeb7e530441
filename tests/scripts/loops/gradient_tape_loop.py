"""A training loop from scratch: GradientTape, no fit anywhere."""

import keras
import tensorflow as tf
from sklearn.datasets import load_digits

x, y = load_digits(return_X_y=True)
dataset = tf.data.Dataset.from_tensor_slices((x.astype("float32") / 16, y)).shuffle(2000).batch(64)

model = keras.Sequential([keras.layers.Dense(32, activation="relu"), keras.layers.Dense(10)])
optimizer = keras.optimizers.Adam(1e-3)
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


@tf.function
def train_step(x, y):
    with tf.GradientTape() as tape:
        loss = loss_fn(y, model(x, training=True))
    grads = tape.gradient(loss, model.trainable_weights)
    optimizer.apply_gradients(zip(grads, model.trainable_weights))
    return loss


for epoch in range(3):
    for step, (xb, yb) in enumerate(dataset):
        loss = train_step(xb, yb)
    print("epoch", epoch, "loss", float(loss))
model.save("from_scratch.keras")
