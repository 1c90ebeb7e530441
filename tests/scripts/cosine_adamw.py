"""CosineDecay with warm-up, AdamW with decoupled weight decay and a global clip norm; tf.data."""

import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits

keras.utils.set_random_seed(1)

BATCH, EPOCHS = 64, 6
x, y = load_digits(return_X_y=True)
x = x.reshape(-1, 8, 8, 1).astype("float32") / 16
perm = np.random.permutation(len(x))
x_train, y_train = x[perm[:1500]], y[perm[:1500]]
x_val, y_val = x[perm[1500:]], y[perm[1500:]]

train_ds = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(1500).batch(BATCH).prefetch(tf.data.AUTOTUNE)
val_ds = tf.data.Dataset.from_tensor_slices((x_val, y_val)).batch(BATCH)

total_steps = int(len(x_train) / BATCH) * EPOCHS
warmup_steps = int(total_steps * 0.15)
scheduled_lrs = keras.optimizers.schedules.CosineDecay(
    initial_learning_rate=0.0, decay_steps=total_steps - warmup_steps, warmup_target=3e-3, warmup_steps=warmup_steps
)

i = keras.Input((8, 8, 1))
h = keras.layers.Conv2D(16, 2, strides=2)(i)
for _ in range(2):
    r = keras.layers.DepthwiseConv2D(3, padding="same", activation="gelu")(h)
    h = keras.layers.add([h, keras.layers.BatchNormalization()(r)])
h = keras.layers.GlobalAveragePooling2D()(h)
model = keras.Model(i, keras.layers.Dense(10)(h))

optimizer = keras.optimizers.AdamW(learning_rate=scheduled_lrs, weight_decay=1e-3, global_clipnorm=1.0)
optimizer.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
model.compile(
    optimizer=optimizer, loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"]
)
checkpoint_callback = keras.callbacks.ModelCheckpoint("cosine.weights.h5", save_best_only=True, save_weights_only=True, monitor="val_accuracy", mode="max")
model.fit(train_ds, validation_data=val_ds, epochs=EPOCHS, callbacks=[checkpoint_callback])
model.load_weights("cosine.weights.h5")
print(model.evaluate(val_ds))
