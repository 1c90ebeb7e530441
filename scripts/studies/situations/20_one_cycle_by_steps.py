"""One-cycle by a callback that counts steps from its own params, with momentum the other way round; peak 0.3."""
import tensorflow as tf
import keras
from sklearn.datasets import load_digits


class OneCycle(keras.callbacks.Callback):
    def __init__(self, peak):
        super().__init__()
        self.peak = peak
        self.step = 0

    def on_train_begin(self, logs=None):
        self.total = self.params["epochs"] * self.params["steps"]

    def on_train_batch_begin(self, batch, logs=None):
        part = self.step / self.total
        up = min(part / 0.3, (1 - part) / 0.7)
        self.model.optimizer.learning_rate.assign(self.peak * (0.04 + 0.96 * up))
        self.step += 1


keras.utils.set_random_seed(21)
x, y = load_digits(return_X_y=True)
data = tf.data.Dataset.from_tensor_slices(((x / 16).astype("float32"), y)).batch(64)
model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(10, "softmax")])
model.compile(keras.optimizers.SGD(0.012, momentum=0.9), "sparse_categorical_crossentropy")
model.fit(data, epochs=5, callbacks=[OneCycle(0.3)], verbose=0)
