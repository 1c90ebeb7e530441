"""compile without a loss: all of it comes from add_loss of a layer, and the data are inputs without labels."""
import numpy as np
import keras

keras.utils.set_random_seed(55)
x = np.random.default_rng(9).normal(size=(500, 8)).astype("float32")


class Reconstruction(keras.layers.Layer):
    def call(self, inputs):
        given, made = inputs
        self.add_loss(keras.ops.mean((given - made) ** 2))
        return made


inputs = keras.Input((8,))
code = keras.layers.Dense(3, "tanh", activity_regularizer="l2")(inputs)
model = keras.Model(inputs, Reconstruction()([inputs, keras.layers.Dense(8)(code)]))
model.compile(keras.optimizers.RMSprop(5e-3))
model.fit(x, batch_size=50, epochs=5, verbose=0)
