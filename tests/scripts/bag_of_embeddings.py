"""Which of four grammars wrote this? Embedding + BatchNormalization, unseeded random data."""

import random

import numpy as np
from keras import layers, models

VOCAB, LENGTH, CLASSES = 500, 30, 4


def sentence(label):
    start = label * 100
    return [random.randrange(start, start + 150) % VOCAB for _ in range(LENGTH)]


labels = [random.randrange(CLASSES) for _ in range(2000)]
sentences = np.array([sentence(l) for l in labels])
labels = np.array(labels)

model = models.Sequential(
    [
        layers.Embedding(VOCAB, 16),
        layers.GlobalAveragePooling1D(),
        layers.BatchNormalization(),
        layers.Dense(16, activation="relu"),
        layers.Dropout(0.5),
        layers.Dense(CLASSES, activation="softmax"),
    ]
)
model.compile(loss="sparse_categorical_crossentropy", optimizer="nadam", metrics=["acc"])
model.fit(sentences, labels, epochs=4, batch_size=100, validation_split=0.25)
model.save("grammar.h5")
