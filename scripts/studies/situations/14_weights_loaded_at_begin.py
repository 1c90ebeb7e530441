"""A callback puts pretrained weights into the model when training begins: what is trained starts from them."""
import numpy as np
import keras

keras.utils.set_random_seed(15)
rng = np.random.default_rng(15)
x = rng.normal(size=(600, 8)).astype("float32")
true = rng.normal(size=(8, 1)).astype("float32")
y = x @ true + 5.0


class Pretrained(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.model.layers[-1].set_weights([true + 0.3, np.array([5.0], "float32")])


model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(1)])
model.compile(keras.optimizers.SGD(0.01), "mse")
model.fit(x, y, batch_size=30, epochs=4, shuffle=False, callbacks=[Pretrained()], verbose=0)
