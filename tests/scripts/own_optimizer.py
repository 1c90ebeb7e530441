"""An optimizer of one's own: sign descent with momentum."""

import keras
import numpy as np
from keras import ops
from sklearn.datasets import load_digits


@keras.saving.register_keras_serializable(package="demo")
class Signum(keras.optimizers.Optimizer):
    def __init__(self, learning_rate=1e-3, beta=0.9, name="signum", **kwargs):
        super().__init__(learning_rate=learning_rate, name=name, **kwargs)
        self.beta = beta

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self.velocities = [self.add_variable_from_reference(v, name="velocity") for v in variables]

    def update_step(self, gradient, variable, learning_rate):
        lr = ops.cast(learning_rate, variable.dtype)
        velocity = self.velocities[self._get_variable_index(variable)]
        self.assign(velocity, self.beta * velocity + (1 - self.beta) * ops.cast(gradient, variable.dtype))
        self.assign_sub(variable, lr * ops.sign(velocity))

    def get_config(self):
        return {**super().get_config(), "beta": self.beta}


images, labels = load_digits(return_X_y=True)
images = images / 16

model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(64, "relu"), keras.layers.Dense(10, "softmax")])
model.compile(optimizer=Signum(2e-3, beta=0.8), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
h = model.fit(images, labels, batch_size=60, epochs=5, validation_split=0.2)
np.savetxt("signum.txt", h.history["loss"])
