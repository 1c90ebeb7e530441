"""Two outputs with a dict of losses, loss weights, and sample weights for each output by its name."""
import numpy as np
import keras

keras.utils.set_random_seed(5)
rng = np.random.default_rng(5)
x = rng.normal(size=(640, 8)).astype("float32")
price = (x @ rng.normal(size=(8, 1))).astype("float32")
sold = (x[:, :1] > 0).astype("float32")
inputs = keras.Input((8,))
hidden = keras.layers.Dense(24, "relu")(inputs)
outputs = {"price": keras.layers.Dense(1, name="price")(hidden), "sold": keras.layers.Dense(1, "sigmoid", name="sold")(hidden)}
model = keras.Model(inputs, outputs)
model.compile(
    keras.optimizers.SGD(0.02, momentum=0.9),
    loss={"price": "mae", "sold": "binary_crossentropy"},
    loss_weights={"price": 0.2, "sold": 2.0},
)
weights = {"price": rng.uniform(0.1, 3.0, 640).astype("float32"), "sold": np.where(sold[:, 0] > 0, 4.0, 0.5).astype("float32")}
model.fit(x, {"price": price, "sold": sold}, sample_weight=weights, batch_size=32, epochs=4, shuffle=False, verbose=0)
