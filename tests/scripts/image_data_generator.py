# Old-style augmentation: ImageDataGenerator(...).flow(...)
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits
from tensorflow.keras.preprocessing.image import ImageDataGenerator

x, y = load_digits(return_X_y=True)
x = x.reshape((-1, 8, 8, 1)).astype("float32")
y = tf.keras.utils.to_categorical(y)
x_train, y_train, x_val, y_val = x[:1400], y[:1400], x[1400:], y[1400:]

train_datagen = ImageDataGenerator(rescale=1.0 / 16, width_shift_range=1, height_shift_range=1)
val_datagen = ImageDataGenerator(rescale=1.0 / 16)
train_gen = train_datagen.flow(x_train, y_train, batch_size=40)
val_gen = val_datagen.flow(x_val, y_val, batch_size=40, shuffle=False)

model = tf.keras.models.Sequential()
model.add(tf.keras.layers.Conv2D(16, (3, 3), activation="relu", input_shape=(8, 8, 1)))
model.add(tf.keras.layers.Flatten())
model.add(tf.keras.layers.Dense(10, activation="softmax"))
model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])

history = model.fit(train_gen, steps_per_epoch=len(x_train) // 40, epochs=3, validation_data=val_gen)
np.save("idg_history.npy", np.array(history.history["val_accuracy"]))
model.save("idg.keras")
