"""Auto-encoder: train_step and test_step use x as y. Validation is x alone too."""

import json

import keras
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


class AutoEncoder(keras.Model):
    def __init__(self, width, code=3):
        super().__init__()
        self.encoder = keras.Sequential([keras.layers.Dense(10, activation="elu"), keras.layers.Dense(code)])
        self.decoder = keras.Sequential([keras.layers.Dense(10, activation="elu"), keras.layers.Dense(width)])

    def call(self, x):
        return self.decoder(self.encoder(x))

    def train_step(self, x):
        return super().train_step((x, x))

    def test_step(self, x):
        return super().test_step((x, x))


x = StandardScaler().fit_transform(load_wine().data).astype("float32")
x_train, x_val = train_test_split(x, test_size=0.3, random_state=0)

model = AutoEncoder(x.shape[1])
model.compile(optimizer=keras.optimizers.Nadam(2e-3), loss="mse")
history = model.fit(x_train, batch_size=16, epochs=20, validation_data=x_val, verbose=0)

with open("autoencoder_history.json", "w") as f:
    json.dump(history.history, f)
print("reconstruction error:", history.history["val_loss"][-1])
