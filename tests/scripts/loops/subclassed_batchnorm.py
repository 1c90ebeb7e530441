"""A subclassed model that is built at its first call, with layers that behave otherwise in training."""

import keras
import numpy as np
import tensorflow as tf

keras.utils.set_random_seed(16)
rng = np.random.default_rng(16)
x = rng.normal(3, 4, size=(2048, 20)).astype("float32")
y = (x[:, :5].max(axis=1) > 7).astype("int32")


class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.hidden = keras.layers.Dense(32)
        self.norm = keras.layers.BatchNormalization()
        self.dropout = keras.layers.Dropout(0.2)
        self.out = keras.layers.Dense(2)

    def call(self, inputs, training=False):
        h = tf.nn.relu(self.norm(self.hidden(inputs), training=training))
        return self.out(self.dropout(h, training=training))


model = Net()
loss_fn = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
optimizer = keras.optimizers.Adam(1e-3)


@tf.function
def train_step(xb, yb):
    with tf.GradientTape() as tape:
        loss = loss_fn(yb, model(xb, training=True))
    grads = tape.gradient(loss, model.trainable_variables)
    optimizer.apply_gradients(zip(grads, model.trainable_variables))
    return loss


train = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(2048, seed=16).batch(32)
for epoch in range(10):
    for xb, yb in train:
        loss = train_step(xb, yb)
    print(epoch, float(loss))
model.save_weights("net.weights.h5")
