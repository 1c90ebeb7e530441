"""Pre-train on digits 0-4, freeze, train a new head on 5-9, unfreeze, fine-tune with a tiny rate."""

import keras
from keras import layers
from sklearn.datasets import load_digits

x, y = load_digits(return_X_y=True)
x = x.reshape(-1, 8, 8, 1).astype("float32") / 16
low, high = y < 5, y >= 5

base = keras.Sequential(
    [
        keras.Input((8, 8, 1)),
        layers.Conv2D(16, 3, activation="relu"),
        layers.BatchNormalization(),
        layers.Conv2D(16, 3, activation="relu"),
        layers.Flatten(),
    ],
    name="base",
)

# ---- stage 1: the base learns on the low digits
pretrain = keras.Sequential([base, layers.Dense(5, activation="softmax")])
pretrain.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
pretrain.fit(x[low], y[low], batch_size=64, epochs=4, verbose=2)
pretrain.save("pretrained.keras")

# ---- stage 2: only a new head
base.trainable = False
inputs = keras.Input((8, 8, 1))
h = base(inputs, training=False)
h = layers.Dropout(0.2)(h)
model = keras.Model(inputs, layers.Dense(5)(h))
model.compile(
    optimizer=keras.optimizers.Adam(),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(x[high], y[high] - 5, batch_size=32, epochs=4, validation_split=0.2, verbose=2)

# ---- stage 3: everything, slowly
base.trainable = True
model.compile(
    optimizer=keras.optimizers.Adam(1e-5),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=["accuracy"],
)
model.fit(x[high], y[high] - 5, batch_size=32, epochs=2, validation_split=0.2, verbose=2)
model.save("finetuned.keras")
