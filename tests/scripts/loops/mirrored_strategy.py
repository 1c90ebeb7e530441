"""A loop under MirroredStrategy with one replica."""

import keras
import numpy as np
import tensorflow as tf

strategy = tf.distribute.MirroredStrategy(["/cpu:0"])
BATCH = 32 * strategy.num_replicas_in_sync
keras.utils.set_random_seed(21)
rng = np.random.default_rng(21)
x = rng.normal(size=(2048, 10)).astype("float32")
y = (x[:, 0] > x[:, 1]).astype("int32")
dataset = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(2048, seed=21).batch(BATCH, drop_remainder=True)
dist_dataset = strategy.experimental_distribute_dataset(dataset)

with strategy.scope():
    model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(2)])
    optimizer = keras.optimizers.SGD(0.1)
    loss_object = keras.losses.SparseCategoricalCrossentropy(from_logits=True, reduction="none")


def replica_step(inputs):
    xb, yb = inputs
    with tf.GradientTape() as tape:
        loss = tf.nn.compute_average_loss(loss_object(yb, model(xb, training=True)), global_batch_size=BATCH)
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
    return loss


@tf.function
def distributed_step(inputs):
    losses = strategy.run(replica_step, args=(inputs,))
    return strategy.reduce(tf.distribute.ReduceOp.SUM, losses, axis=None)


for epoch in range(8):
    for batch in dist_dataset:
        loss = distributed_step(batch)
    print(epoch, float(loss))
model.save("mirrored.keras")
