# several steps for one call of the compiled function
import keras
import tensorflow as tf
from sklearn.datasets import load_digits

x, y = load_digits(return_X_y=True)
ds = tf.data.Dataset.from_tensor_slices((x / 16, y)).shuffle(2000).batch(32, drop_remainder=True)
print("steps:", ds.cardinality().numpy())

model = keras.Sequential([keras.layers.Dense(48, activation="selu"), keras.layers.Dense(10, activation="softmax")])
model.compile(optimizer=keras.optimizers.SGD(0.03), loss="sparse_categorical_crossentropy", metrics=["accuracy"], steps_per_execution=8)
model.fit(ds, epochs=5, verbose=2)
model.save("fast.keras")
