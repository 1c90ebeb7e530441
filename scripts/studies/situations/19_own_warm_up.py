"""A warm-up schedule of one's own that wraps another one and has no get_config; its peak of 0.02 comes at step 40."""
import tensorflow as tf
import keras
from sklearn.datasets import load_digits


class WarmUp(keras.optimizers.schedules.LearningRateSchedule):
    def __init__(self, peak, steps, after):
        super().__init__()
        self.peak, self.steps, self.after = peak, steps, after

    def __call__(self, step):
        step = tf.cast(step, tf.float32)
        rising = self.peak * (step + 1) / self.steps
        return tf.where(step < self.steps, rising, self.after(step - self.steps))


keras.utils.set_random_seed(20)
x, y = load_digits(return_X_y=True)
data = tf.data.Dataset.from_tensor_slices(((x / 16).astype("float32"), y)).batch(64)
decay = keras.optimizers.schedules.ExponentialDecay(0.02, 20, 0.9)
model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(10, "softmax")])
model.compile(keras.optimizers.Adam(WarmUp(0.02, 40, decay)), "sparse_categorical_crossentropy")
model.fit(data, epochs=5, verbose=0)
