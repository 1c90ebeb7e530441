"""Sentiment of film reviews with an LSTM over their last words."""

import keras
from keras import layers

keras.utils.set_random_seed(12)
(x_train, y_train), (x_test, y_test) = keras.datasets.imdb.load_data(num_words=3000)
x_train = keras.utils.pad_sequences(x_train, maxlen=32)
x_test = keras.utils.pad_sequences(x_test, maxlen=32)

model = keras.Sequential(
    [
        keras.Input((32,), dtype="int32"),
        layers.Embedding(3000, 16),
        layers.LSTM(16),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=32, epochs=5, validation_data=(x_test[:4000], y_test[:4000]))
