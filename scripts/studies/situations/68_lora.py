"""A pretrained model fine-tuned by low-rank adapters."""

import keras
import numpy as np

keras.utils.set_random_seed(3)
rng = np.random.default_rng(0)
x = rng.normal(size=(320, 10)).astype("float32")
y = x.sum(axis=1, keepdims=True).astype("float32")
model = keras.Sequential([keras.Input((10,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dense(1)])
model.compile(optimizer="adam", loss="mse")
for start in range(0, 320, 32):
    model.train_on_batch(x[start : start + 32], y[start : start + 32])
model.layers[0].enable_lora(4)
model.layers[1].trainable = False
model.compile(optimizer=keras.optimizers.AdamW(1e-2, weight_decay=0.01), loss="mse")
model.fit(x, -y, batch_size=32, epochs=10, verbose=0)
