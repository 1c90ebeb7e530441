"""An autoencoder of Fashion-MNIST."""

import keras
from keras import layers

keras.utils.set_random_seed(10)
(x_train, _), (x_test, _) = keras.datasets.fashion_mnist.load_data()
x_train = x_train.reshape(-1, 784) / 255.0
x_test = x_test.reshape(-1, 784) / 255.0

encoder = keras.Sequential([layers.Dense(96, activation="relu"), layers.Dense(24, activation="relu")])
decoder = keras.Sequential([layers.Dense(96, activation="relu"), layers.Dense(784, activation="sigmoid")])
inputs = keras.Input((784,))
autoencoder = keras.Model(inputs, decoder(encoder(inputs)))
autoencoder.compile(optimizer="adam", loss="mse")
autoencoder.fit(x_train, x_train, batch_size=32, epochs=10, validation_data=(x_test, x_test))
