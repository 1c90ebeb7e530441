"""A subclassed residual MLP, fed with tensors."""

import keras
import tensorflow as tf
from keras import layers, ops
from sklearn.datasets import load_breast_cancer


class ResidualBlock(layers.Layer):
    def __init__(self, units, dropout, **kwargs):
        super().__init__(**kwargs)
        self.norm = layers.LayerNormalization()
        self.up = layers.Dense(2 * units, activation="gelu")
        self.down = layers.Dense(units)
        self.drop = layers.Dropout(dropout)

    def call(self, x, training=False):
        h = self.down(self.up(self.norm(x)))
        return x + self.drop(h, training=training)


class TabularNet(keras.Model):
    def __init__(self, units=32, depth=3, dropout=0.1):
        super().__init__()
        self.stem = layers.Dense(units)
        self.blocks = [ResidualBlock(units, dropout) for _ in range(depth)]
        self.head = layers.Dense(1)

    def call(self, x, training=False):
        h = self.stem(x)
        for block in self.blocks:
            h = block(h, training=training)
        return ops.squeeze(self.head(h), axis=-1)


data = load_breast_cancer()
x = tf.constant(data.data, dtype=tf.float32)
x = (x - tf.reduce_mean(x, axis=0)) / tf.math.reduce_std(x, axis=0)
y = tf.constant(data.target, dtype=tf.float32)
index = tf.random.experimental.stateless_shuffle(tf.range(len(x)), seed=(1, 2))
x, y = tf.gather(x, index), tf.gather(y, index)

model = TabularNet()
model.compile(
    optimizer=keras.optimizers.AdamW(learning_rate=3e-4, weight_decay=1e-2),
    loss=keras.losses.BinaryCrossentropy(from_logits=True),
    metrics=[keras.metrics.BinaryAccuracy(threshold=0.0)],
)
model.fit(x[:450], y[:450], batch_size=64, epochs=10, validation_data=(x[450:], y[450:]), verbose=2)
model.summary()
model.save_weights("tabular.weights.h5")
