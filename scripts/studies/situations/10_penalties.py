"""Most of the loss is no loss of the output: kernel and activity regularizers, and add_loss in a layer."""
import numpy as np
import keras

keras.utils.set_random_seed(10)
rng = np.random.default_rng(10)
x = rng.normal(size=(480, 10)).astype("float32")


class Sparse(keras.layers.Layer):
    def call(self, values):
        self.add_loss(0.3 * keras.ops.mean(keras.ops.abs(values)))
        return values


inputs = keras.Input((10,))
code = Sparse()(keras.layers.Dense(6, "relu", kernel_regularizer=keras.regularizers.L2(0.05), activity_regularizer="l1")(inputs))
model = keras.Model(inputs, keras.layers.Dense(10)(code))
model.compile(keras.optimizers.Nadam(5e-3), "mse")
model.fit(x, x, batch_size=24, epochs=5, shuffle=False, verbose=0)
