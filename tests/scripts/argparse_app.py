#!/usr/bin/env python3
"""Train a classifier on one of scikit-learn's data sets.

usage: argparse_app.py --dataset wine --lr 0.01
"""

import argparse
import json
import sys
from pathlib import Path


def parse_args(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", required=True, choices=["wine", "iris", "digits", "breast_cancer"])
    parser.add_argument("--lr", type=float, required=True)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--hidden", type=int, nargs="+", default=[32])
    parser.add_argument("--optimizer", default="adam")
    parser.add_argument("--out", type=Path, default=Path("."))
    return parser.parse_args(argv)


def load(name):
    from sklearn import datasets, model_selection, preprocessing

    x, y = getattr(datasets, f"load_{name}")(return_X_y=True)
    x = preprocessing.scale(x)
    return model_selection.train_test_split(x, y, test_size=0.2, random_state=0, stratify=y)


def build(args, width, classes):
    import keras

    model = keras.Sequential([keras.Input((width,))])
    for units in args.hidden:
        model.add(keras.layers.Dense(units, activation="relu"))
    model.add(keras.layers.Dense(classes, activation="softmax"))
    optimizer = keras.optimizers.get(args.optimizer)
    optimizer.learning_rate = args.lr
    model.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def main():
    args = parse_args()
    x_train, x_test, y_train, y_test = load(args.dataset)
    model = build(args, x_train.shape[1], int(y_train.max()) + 1)
    model.fit(x_train, y_train, batch_size=args.batch_size, epochs=args.epochs, validation_data=(x_test, y_test), verbose=0)
    loss, accuracy = model.evaluate(x_test, y_test, verbose=0)
    (args.out / "metrics.json").write_text(json.dumps({"loss": loss, "accuracy": accuracy}))
    model.save(args.out / "model.keras")
    print(f"accuracy {accuracy:.3f}")
    return 0 if accuracy > 0.5 else 1


if __name__ == "__main__":
    sys.exit(main())
