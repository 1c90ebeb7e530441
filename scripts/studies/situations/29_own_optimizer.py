"""An optimizer of one's own with slots, which looks at its own count of steps, and weights under constraints."""
import numpy as np
import keras
from keras import ops


class SignedMomentum(keras.optimizers.Optimizer):
    def __init__(self, learning_rate=0.01, beta=0.9, name="signed_momentum", **kwargs):
        super().__init__(learning_rate=learning_rate, name=name, **kwargs)
        self.beta = beta

    def build(self, variables):
        if self.built:
            return
        super().build(variables)
        self.momenta = [self.add_variable_from_reference(v, name="momentum") for v in variables]

    def update_step(self, gradient, variable, learning_rate):
        slot = self.momenta[self._get_variable_index(variable)]
        rate = ops.cast(learning_rate, variable.dtype) / ops.sqrt(1 + 0.1 * ops.cast(self.iterations, variable.dtype))
        self.assign(slot, self.beta * slot + (1 - self.beta) * gradient)
        self.assign_sub(variable, rate * ops.sign(slot))


keras.utils.set_random_seed(30)
rng = np.random.default_rng(30)
x = rng.normal(size=(640, 8)).astype("float32")
y = np.abs(x @ rng.normal(size=(8, 1))).astype("float32")
model = keras.Sequential([
    keras.Input((8,)),
    keras.layers.Dense(16, "relu", kernel_constraint=keras.constraints.UnitNorm(axis=0)),
    keras.layers.Dense(1, kernel_constraint="non_neg"),
])
model.compile(SignedMomentum(0.02), "mae")
model.fit(x, y, batch_size=32, epochs=4, shuffle=False, verbose=0)
