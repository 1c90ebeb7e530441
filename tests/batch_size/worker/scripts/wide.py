"""A classifier whose activations dwarf its weights; `wide.py MODE`: arrays, pipeline or fussy."""

import sys

import keras
import numpy as np

WIDTH = 1024


class Fussy(keras.layers.Layer):
    """Bears no batch of more than 100 samples."""

    def call(self, inputs):
        import tensorflow as tf

        size = tf.shape(inputs)[0]
        with tf.control_dependencies([tf.debugging.assert_less(size, 101, "too many samples at once")]):
            return tf.identity(inputs)


mode = sys.argv[1]
rng = np.random.default_rng(0)
x = rng.normal(size=(30_000, 8)).astype("float32")
y = (x[:, 0] > 0).astype("int32")
wide = [keras.layers.Dense(WIDTH, activation="tanh") for _ in range(2)]
fussy = [Fussy()] if mode == "fussy" else []
model = keras.Sequential([keras.Input((8,)), *fussy, *wide, keras.layers.Dense(2)])
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
model.compile(optimizer=keras.optimizers.Adam(0.01), loss=loss)
if mode == "pipeline":
    import tensorflow as tf

    data = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(500).batch(50).prefetch(2)
    model.fit(data.skip(100), validation_data=data.take(100), epochs=2)
else:
    model.fit(x, y, batch_size=50, validation_split=0.2, epochs=2)
