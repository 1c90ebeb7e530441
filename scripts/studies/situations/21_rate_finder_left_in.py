"""A rate finder was left among the callbacks: the rate grows from 1e-5 by a third with every batch."""
import tensorflow as tf
import keras
from sklearn.datasets import load_digits


class Finder(keras.callbacks.Callback):
    def on_train_begin(self, logs=None):
        self.losses = []
        self.model.optimizer.learning_rate = 1e-5

    def on_train_batch_end(self, batch, logs=None):
        self.losses.append(logs["loss"])
        rate = float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)) * 1.33
        self.model.optimizer.learning_rate = rate
        if rate > 1.0 or self.losses[-1] > 4 * min(self.losses):
            self.model.stop_training = True


keras.utils.set_random_seed(22)
x, y = load_digits(return_X_y=True)
data = tf.data.Dataset.from_tensor_slices(((x / 16).astype("float32"), y)).batch(64)
model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(10, "softmax")])
model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy")
model.fit(data, epochs=4, callbacks=[Finder()], verbose=0)
