"""Sentiment of film reviews from the mean of word embeddings."""

import keras
from keras import layers

keras.utils.set_random_seed(11)
(x_train, y_train), (x_test, y_test) = keras.datasets.imdb.load_data(num_words=4000)
x_train = keras.utils.pad_sequences(x_train, maxlen=100)
x_test = keras.utils.pad_sequences(x_test, maxlen=100)

model = keras.Sequential(
    [
        keras.Input((100,), dtype="int32"),
        layers.Embedding(4000, 16),
        layers.GlobalAveragePooling1D(),
        layers.Dense(16, activation="relu"),
        layers.Dense(1, activation="sigmoid"),
    ]
)
model.compile(optimizer="rmsprop", loss="binary_crossentropy", metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=64, epochs=12, validation_data=(x_test[:5000], y_test[:5000]))
