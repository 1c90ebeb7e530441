"""A micro-batch of 8 with gradients accumulated over 4 steps."""

import keras
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

x, y = load_breast_cancer(return_X_y=True)
x = StandardScaler().fit_transform(x)

MICRO_BATCH = 8
ACCUMULATE = 4

model = keras.Sequential([keras.Input((30,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(1, "sigmoid")])
model.compile(
    optimizer=keras.optimizers.Adam(learning_rate=1e-3 * ACCUMULATE, gradient_accumulation_steps=ACCUMULATE),
    loss="binary_crossentropy",
    metrics=["accuracy"],
)
model.fit(x, y, batch_size=MICRO_BATCH, epochs=4, validation_split=0.2, verbose=2)
model.save("accumulated.keras")
