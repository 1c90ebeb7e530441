"""CosineDecayRestarts inside AdamW with decoupled weight decay: the peak is the rate to compare."""
import tensorflow as tf
import keras
from sklearn.datasets import load_digits

keras.utils.set_random_seed(19)
x, y = load_digits(return_X_y=True)
data = tf.data.Dataset.from_tensor_slices(((x / 16).astype("float32"), y)).batch(64)
rate = keras.optimizers.schedules.CosineDecayRestarts(4e-3, first_decay_steps=6, t_mul=2.0, m_mul=0.8, alpha=0.01)
model = keras.Sequential([keras.Input((64,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(10, "softmax")])
model.compile(keras.optimizers.AdamW(rate, weight_decay=0.05), "sparse_categorical_crossentropy")
model.fit(data, epochs=4, verbose=0)
