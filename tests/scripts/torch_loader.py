"""A torch DataLoader feeds a Keras model that runs on TensorFlow."""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"

import keras
import torch
from sklearn.datasets import load_digits
from torch.utils.data import DataLoader, Dataset, random_split


class Digits(Dataset):
    def __init__(self):
        digits = load_digits()
        self.x = torch.tensor(digits.data, dtype=torch.float32) / 16
        self.y = torch.tensor(digits.target)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, i):
        return self.x[i], self.y[i]


train, val = random_split(Digits(), [1500, 297], generator=torch.Generator().manual_seed(0))
train_loader = DataLoader(train, batch_size=50, shuffle=True)
val_loader = DataLoader(val, batch_size=99)

model = keras.Sequential([keras.layers.Dense(50, "relu"), keras.layers.Dense(10)])
model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
model.fit(train_loader, epochs=3, validation_data=val_loader)
model.save("torch_fed.keras")
