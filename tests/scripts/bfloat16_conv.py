import keras
from sklearn.datasets import load_digits

keras.utils.set_random_seed(812)
keras.config.set_dtype_policy("mixed_bfloat16")

d = load_digits()
x, y = d.images[..., None] / 16.0, d.target

model = keras.Sequential(
    [
        keras.layers.Conv2D(8, 3, padding="same", activation="relu"),
        keras.layers.SpatialDropout2D(0.1),
        keras.layers.GlobalMaxPooling2D(),
        keras.layers.Dense(10, dtype="float32"),
    ]
)
model.compile(
    keras.optimizers.Lion(1e-3),
    keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=[keras.metrics.SparseCategoricalAccuracy()],
)
model.fit(x, y, 64, 3, validation_split=0.15)
model.save("bf16.keras")
