"""Research style: a dataclass of hyperparameters and a Trainer that owns the model."""

from __future__ import annotations

import dataclasses
import json
import os
import pickle
import random
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from sklearn.datasets import load_digits


@dataclasses.dataclass
class Config:
    learning_rate: float = 5e-4
    batch_size: int = 80
    epochs: int = 5
    hidden: tuple[int, ...] = (96, 48)
    dropout: float = 0.1
    seed: int = 17
    workdir: str = "work"


@dataclasses.dataclass
class Scaler:
    low: Any = None
    high: Any = None

    def fit(self, x):
        self.low, self.high = x.min(axis=0), x.max(axis=0)
        return self

    def __call__(self, x):
        return (x - self.low) / np.maximum(self.high - self.low, 1e-6)


class Trainer:
    def __init__(self, config: Config) -> None:
        self.config = config
        random.seed(config.seed)
        np.random.seed(config.seed)
        tf.random.set_seed(config.seed)
        os.makedirs(config.workdir, exist_ok=True)
        self.model = self._build()

    def _build(self) -> keras.Model:
        layers: list[keras.layers.Layer] = [keras.layers.InputLayer(shape=(64,))]
        for units in self.config.hidden:
            layers += [keras.layers.Dense(units), keras.layers.PReLU(), keras.layers.Dropout(self.config.dropout)]
        return keras.Sequential([*layers, keras.layers.Dense(10)])

    def load(self) -> None:
        x, y = load_digits(return_X_y=True)
        order = np.random.permutation(len(x))
        x, y = x[order], y[order]
        self.scaler = Scaler().fit(x)
        # the scaler is a class of __main__: unpickling finds it there
        self.scaler = pickle.loads(pickle.dumps(self.scaler))
        x = self.scaler(x).astype("float32")
        self.train, self.val = (x[:1437], y[:1437]), (x[1437:], y[1437:])

    def run(self) -> dict[str, list[float]]:
        self.model.compile(
            optimizer=keras.optimizers.Adam(self.config.learning_rate, clipvalue=0.5),
            loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
            metrics=["accuracy"],
        )
        result = self.model.fit(
            *self.train, epochs=self.config.epochs, batch_size=self.config.batch_size, validation_data=self.val, verbose=0
        )
        return result.history

    def save(self, history: dict[str, list[float]]) -> None:
        with open(os.path.join(self.config.workdir, "history.json"), "w") as f:
            json.dump(history, f)
        with open(os.path.join(self.config.workdir, "scaler.pkl"), "wb") as f:
            pickle.dump(self.scaler, f)
        self.model.save(os.path.join(self.config.workdir, "model.keras"))


def main() -> None:
    trainer = Trainer(Config())
    trainer.load()
    trainer.save(trainer.run())


if __name__ == "__main__":
    main()
