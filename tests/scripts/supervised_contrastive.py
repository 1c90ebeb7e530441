"""Supervised contrastive learning: an encoder is trained with a loss on pairs, then a classifier on top of it."""

import keras
import numpy as np
from keras import layers, ops
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

temperature = 0.1
x, y = load_digits(return_X_y=True)
x_train, x_test, y_train, y_test = train_test_split(x.astype("float32") / 16, y[:, None], test_size=0.25, random_state=3)


class SupervisedContrastiveLoss(keras.losses.Loss):
    def __init__(self, temperature=1, name=None):
        super().__init__(name=name)
        self.temperature = temperature

    def call(self, labels, features):
        features = features / (ops.norm(features, axis=1, keepdims=True) + 1e-6)
        logits = ops.matmul(features, ops.transpose(features)) / self.temperature
        n = ops.shape(features)[0]
        not_self = 1.0 - ops.eye(n)
        same = ops.cast(ops.equal(labels, ops.transpose(labels)), "float32") * not_self
        log_prob = logits - ops.log(ops.sum(ops.exp(logits) * not_self, axis=1, keepdims=True) + 1e-9)
        return -ops.sum(same * log_prob, axis=1) / ops.maximum(ops.sum(same, axis=1), 1.0)


def create_encoder():
    inputs = keras.Input((64,))
    return keras.Model(inputs, layers.Dense(32, activation="relu")(layers.Dense(64, activation="relu")(inputs)), name="encoder")


encoder = create_encoder()
inputs = keras.Input((64,))
projection = layers.Dense(16, activation="relu")(encoder(inputs))
encoder_with_head = keras.Model(inputs, projection)
encoder_with_head.compile(optimizer=keras.optimizers.Adam(1e-3), loss=SupervisedContrastiveLoss(temperature))
encoder_with_head.fit(x=x_train, y=y_train, batch_size=128, epochs=6)

for layer in encoder.layers:
    layer.trainable = False
inputs = keras.Input((64,))
classifier = keras.Model(inputs, layers.Dense(10, activation="softmax")(encoder(inputs, training=False)))
classifier.compile(
    optimizer=keras.optimizers.Adam(1e-3), loss=keras.losses.SparseCategoricalCrossentropy(), metrics=["sparse_categorical_accuracy"]
)
classifier.fit(x=x_train, y=y_train, batch_size=64, epochs=4)
accuracy = classifier.evaluate(x_test, y_test)[1]
print(f"Test accuracy: {round(accuracy * 100, 2)}%")
np.save("embedding.npy", encoder.predict(x_test))
