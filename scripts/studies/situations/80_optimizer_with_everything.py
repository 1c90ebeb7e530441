"""AdamW that accumulates three gradients, clips each, keeps averages and decays no bias and no scale."""

import keras
import numpy as np

keras.utils.set_random_seed(3)
rng = np.random.default_rng(3)
x = rng.normal(size=(320, 10)).astype("float32")
y = (x[:, :1] > 0).astype("float32")
model = keras.Sequential(
    [
        keras.Input((10,)),
        keras.layers.Dense(16),
        keras.layers.BatchNormalization(),
        keras.layers.ReLU(),
        keras.layers.Dense(1, "sigmoid"),
    ]
)
optimizer = keras.optimizers.AdamW(
    2e-2,
    weight_decay=0.5,
    clipnorm=0.3,
    use_ema=True,
    ema_momentum=0.7,
    ema_overwrite_frequency=2,
    gradient_accumulation_steps=3,
)
optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
model.compile(optimizer, "binary_crossentropy")
model.fit(x, y, batch_size=16, epochs=5, verbose=0)
