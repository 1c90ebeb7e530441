import keras
from sklearn.datasets import load_digits

x, y = load_digits(return_X_y=True)
model = keras.Sequential([keras.Input((64,)), keras.layers.Rescaling(1 / 16), keras.layers.Dense(100, "relu"), keras.layers.Dense(10)])
model.compile(
    keras.optimizers.Adam(1e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"], jit_compile=True
)
model.fit(x, y, batch_size=99, epochs=5, validation_split=1 / 11)
model.save("xla.keras")
