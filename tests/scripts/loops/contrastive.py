"""SimCLR-like contrastive learning: two noisy views, NT-Xent loss, a projection head."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(29)
x = np.random.default_rng(29).normal(size=(480, 16)).astype("float32")
encoder = keras.Sequential([keras.Input((16,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(8)], name="encoder")
projection = keras.Sequential([keras.Input((8,)), keras.layers.Dense(8)], name="projection")
optimizer = keras.optimizers.Lion(3e-4)
weights = encoder.trainable_variables + projection.trainable_variables


def views(batch):
    return batch + tf.random.normal(tf.shape(batch), 0, 0.2), batch * tf.random.uniform(tf.shape(batch), 0.8, 1.2)


@tf.function
def step(batch):
    first, second = views(batch)
    with tf.GradientTape() as tape:
        a = tf.math.l2_normalize(projection(encoder(first, training=True)), axis=1)
        b = tf.math.l2_normalize(projection(encoder(second, training=True)), axis=1)
        logits = tf.matmul(a, b, transpose_b=True) / 0.1
        labels = tf.range(tf.shape(a)[0])
        loss_ab = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)
        loss_ba = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, tf.transpose(logits))
        loss = tf.reduce_mean(loss_ab + loss_ba) / 2
    optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights))
    return loss


for epoch in range(42):
    for start in range(0, 480, 48):
        loss = step(tf.constant(x[start : start + 48]))
print(float(loss))
encoder.save("contrastive_encoder.keras")
