# data generator class as in the well-known blog post (IDs on disk, one .npy file for each sample)
import os
import tempfile

import numpy as np
from keras.layers import Dense, Flatten
from keras.models import Sequential
from keras.utils import Sequence, to_categorical
from sklearn.datasets import load_digits


class DataGenerator(Sequence):
    "Generates data for Keras"

    def __init__(self, folder, list_IDs, labels, batch_size=32, dim=(8, 8), n_classes=10, shuffle=True):
        "Initialization"
        super().__init__()
        self.folder = folder
        self.dim = dim
        self.batch_size = batch_size
        self.labels = labels
        self.list_IDs = list_IDs
        self.n_classes = n_classes
        self.shuffle = shuffle
        self.on_epoch_end()

    def __len__(self):
        "Denotes the number of batches per epoch"
        return int(np.floor(len(self.list_IDs) / self.batch_size))

    def __getitem__(self, index):
        "Generate one batch of data"
        indexes = self.indexes[index * self.batch_size : (index + 1) * self.batch_size]
        list_IDs_temp = [self.list_IDs[k] for k in indexes]
        return self.__data_generation(list_IDs_temp)

    def on_epoch_end(self):
        "Updates indexes after each epoch"
        self.indexes = np.arange(len(self.list_IDs))
        if self.shuffle == True:
            np.random.shuffle(self.indexes)

    def __data_generation(self, list_IDs_temp):
        X = np.empty((self.batch_size, *self.dim))
        y = np.empty((self.batch_size), dtype=int)
        for i, ID in enumerate(list_IDs_temp):
            X[i,] = np.load(os.path.join(self.folder, ID + ".npy"))
            y[i] = self.labels[ID]
        return X, to_categorical(y, num_classes=self.n_classes)


folder = tempfile.mkdtemp()
digits = load_digits()
labels = {}
for i in range(600):
    np.save(os.path.join(folder, "id-%d.npy" % i), digits.images[i] / 16)
    labels["id-%d" % i] = digits.target[i]
ids = list(labels)
partition = {"train": ids[:480], "validation": ids[480:]}

params = {"dim": (8, 8), "batch_size": 24, "n_classes": 10, "shuffle": True}
training_generator = DataGenerator(folder, partition["train"], labels, **params)
validation_generator = DataGenerator(folder, partition["validation"], labels, **params)

model = Sequential([Flatten(), Dense(32, activation="relu"), Dense(10, activation="softmax")])
model.compile(optimizer="rmsprop", loss="categorical_crossentropy", metrics=["accuracy"])
model.fit(x=training_generator, validation_data=validation_generator, epochs=5)
model.save_weights("generator.weights.h5")
