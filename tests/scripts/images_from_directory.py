"""Image classification from scratch, from PNG files in folders that are made first."""

import os
import tempfile

import keras
import numpy as np
from keras import layers
from PIL import Image
from sklearn.datasets import load_digits

folder = tempfile.mkdtemp(prefix="pngs-")
digits = load_digits()
for i in range(400):
    where = os.path.join(folder, str(digits.target[i]))
    os.makedirs(where, exist_ok=True)
    Image.fromarray((digits.images[i] * 15).astype("uint8")).resize((16, 16)).save(os.path.join(where, "%d.png" % i))

image_size = (16, 16)
batch_size = 25

train_ds, val_ds = keras.utils.image_dataset_from_directory(
    folder, validation_split=0.2, subset="both", seed=1337, image_size=image_size, batch_size=batch_size, color_mode="grayscale"
)

data_augmentation_layers = [layers.RandomTranslation(0.1, 0.1), layers.RandomRotation(0.05)]


def data_augmentation(images):
    for layer in data_augmentation_layers:
        images = layer(images)
    return images


train_ds = train_ds.map(lambda img, label: (data_augmentation(img), label), num_parallel_calls=2)
train_ds = train_ds.prefetch(2)
val_ds = val_ds.prefetch(2)


def make_model(input_shape, num_classes):
    inputs = keras.Input(shape=input_shape)
    x = layers.Rescaling(1.0 / 255)(inputs)
    x = layers.Conv2D(16, 3, strides=2, padding="same")(x)
    x = layers.BatchNormalization()(x)
    x = layers.Activation("relu")(x)
    previous = x
    x = layers.SeparableConv2D(16, 3, padding="same")(x)
    x = layers.BatchNormalization()(x)
    x = layers.add([x, previous])
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.25)(x)
    return keras.Model(inputs, layers.Dense(num_classes, activation=None)(x))


model = make_model(input_shape=image_size + (1,), num_classes=10)

epochs = 5
callbacks = [keras.callbacks.ModelCheckpoint("save_at_{epoch}.keras")]
model.compile(
    optimizer=keras.optimizers.Adam(3e-4),
    loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    metrics=[keras.metrics.SparseCategoricalAccuracy(name="acc")],
)
model.fit(train_ds, epochs=epochs, callbacks=callbacks, validation_data=val_ds)
np.save("scores.npy", model.predict(val_ds))
