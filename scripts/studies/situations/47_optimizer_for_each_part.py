"""Discriminative rates: an optimizer of one's own hands the variables of two parts to two Adams with rates of their own."""
import keras
from sklearn.datasets import load_digits

keras.utils.set_random_seed(49)
x, y = load_digits(return_X_y=True)


class EachItsOwn(keras.optimizers.Optimizer):
    def __init__(self, parts):
        super().__init__(learning_rate=1e-3)
        self.parts = parts

    def build(self, variables):
        super().build(variables)
        for optimizer, mine in self.parts:
            optimizer.build([v for v in variables if mine(v)])

    def apply_gradients(self, grads_and_vars):
        pairs = list(grads_and_vars)
        for optimizer, mine in self.parts:
            optimizer.apply_gradients([(g, v) for g, v in pairs if mine(v)])
        self.iterations.assign_add(1)

    def update_step(self, gradient, variable, learning_rate):
        pass


body = keras.Sequential([keras.layers.Dense(32, "relu", name="body")])
model = keras.Sequential([keras.Input((64,)), body, keras.layers.Dense(10, name="head")])
model.compile(
    EachItsOwn([(keras.optimizers.Adam(1e-4), lambda v: "body" in v.path), (keras.optimizers.Adam(1e-2), lambda v: "body" not in v.path)]),
    keras.losses.SparseCategoricalCrossentropy(from_logits=True),
)
model.fit((x / 16).astype("float32"), y, batch_size=64, epochs=5, shuffle=False, verbose=0)
