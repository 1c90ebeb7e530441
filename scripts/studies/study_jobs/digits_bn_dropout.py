"""Handwritten digits with batch normalisation and dropout."""

import keras
from keras import layers
from sklearn.datasets import load_digits

keras.utils.set_random_seed(4)
x, y = load_digits(return_X_y=True)
y = keras.utils.to_categorical(y, 10)

model = keras.Sequential([keras.Input((64,)), layers.BatchNormalization()])
for width in (128, 128, 64):
    model.add(layers.Dense(width, use_bias=False))
    model.add(layers.BatchNormalization())
    model.add(layers.ReLU())
    model.add(layers.Dropout(0.3))
model.add(layers.Dense(10, activation="softmax"))
model.compile(optimizer="sgd", loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, batch_size=48, epochs=120, validation_split=0.2)
