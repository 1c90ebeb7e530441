"""An endless pipeline: repeat() first, steps_per_epoch says how long an epoch is."""

import keras
import tensorflow as tf
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

BATCH_SIZE = 64
EPOCHS = 5

x, y = load_digits(return_X_y=True)
x = x.astype("float32") / 16.0
x_train, x_val, y_train, y_val = train_test_split(x, y, test_size=0.2, random_state=0)

steps_per_epoch = len(x_train) // BATCH_SIZE
validation_steps = len(x_val) // BATCH_SIZE

train = tf.data.Dataset.from_tensor_slices((x_train, y_train)).repeat().shuffle(1024).batch(BATCH_SIZE).prefetch(2)
val = tf.data.Dataset.from_tensor_slices((x_val, y_val)).repeat().batch(BATCH_SIZE)

model = keras.Sequential([keras.layers.Dense(64, "relu"), keras.layers.Dense(10)])
model.compile(
    optimizer=keras.optimizers.Adam(learning_rate=keras.optimizers.schedules.ExponentialDecay(0.01, steps_per_epoch, 0.8)),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
)
model.fit(train, epochs=EPOCHS, steps_per_epoch=steps_per_epoch, validation_data=val, validation_steps=validation_steps)
model.save("endless.keras")
