"""Breast cancer diagnosis: logistic regression with weight decay."""

import keras
from sklearn.datasets import load_breast_cancer
from sklearn.preprocessing import StandardScaler

keras.utils.set_random_seed(5)
features, label = load_breast_cancer(return_X_y=True)
features = StandardScaler().fit_transform(features)

inputs = keras.Input((30,))
outputs = keras.layers.Dense(1, activation="sigmoid", kernel_regularizer=keras.regularizers.L2(1e-3))(inputs)
model = keras.Model(inputs, outputs)
model.compile(keras.optimizers.SGD(0.01), loss="binary_crossentropy", metrics=["accuracy"])
model.fit(features, label, batch_size=16, epochs=150, validation_split=0.3)
