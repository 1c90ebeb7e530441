"""fit is called once for each of forty epochs, in a loop that prints and lowers the rate by hand."""
import keras
from sklearn.datasets import load_digits

keras.utils.set_random_seed(50)
x, y = load_digits(return_X_y=True)
x = (x / 16).astype("float32")
model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(10)])
model.compile(keras.optimizers.Adam(5e-3), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
for epoch in range(40):
    model.fit(x, y, batch_size=64, epochs=1, shuffle=False, verbose=0)
    model.optimizer.learning_rate.assign(5e-3 * 0.95 ** (epoch + 1))
