"""Two-tower retrieval on made-up clicks; the pipeline yields ((user, item), click)."""

import keras
import numpy as np
import tensorflow as tf

USERS, ITEMS, DIM = 100, 60, 8
rng = np.random.default_rng(0)
taste_u, taste_i = rng.normal(size=(USERS, 3)), rng.normal(size=(ITEMS, 3))
users = rng.integers(USERS, size=6000)
items = rng.integers(ITEMS, size=6000)
clicks = ((taste_u[users] * taste_i[items]).sum(-1) > 0).astype("float32")


class TwoTower(keras.Model):
    def __init__(self):
        super().__init__()
        self.user_tower = keras.layers.Embedding(USERS, DIM)
        self.item_tower = keras.layers.Embedding(ITEMS, DIM)
        self.dot = keras.layers.Dot(axes=-1)

    def call(self, inputs):
        user, item = inputs
        return self.dot([self.user_tower(user), self.item_tower(item)])


pairs = tf.data.Dataset.from_tensor_slices(((users, items), clicks)).shuffle(6000, seed=3)
valid = pairs.take(1000).batch(256)
train = pairs.skip(1000).batch(64).cache().prefetch(tf.data.AUTOTUNE)

model = TwoTower()
model.compile(optimizer=keras.optimizers.Adagrad(0.1), loss=keras.losses.BinaryCrossentropy(from_logits=True))
model.fit(train, validation_data=valid, epochs=5)
model.user_tower.get_weights()[0].tofile("users.bin")
