"""Learns to read handwritten digits with a softmax regression in NumPy, in a training loop of its own.

sweeper probe --batch-size 16,64,256 --command \
    "python examples/numpy_loop.py --lr {learning_rate} --batch-size {batch_size} --seed {seed}"
"""

import argparse

import numpy as np
from sklearn.datasets import load_digits

import sweeper

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--epochs", type=int, default=20)
parser.add_argument("--lr", type=float, default=0.5, help="learning rate")
parser.add_argument("--batch-size", type=int, default=32)
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()

random = np.random.default_rng(args.seed)
digits = load_digits()
images, labels = digits.data / 16.0, digits.target
weights = random.normal(scale=0.01, size=(64, 10))
bias = np.zeros(10)

for epoch in range(args.epochs):
    order = random.permutation(len(images))
    for start in range(0, len(order) - args.batch_size + 1, args.batch_size):
        batch = order[start : start + args.batch_size]
        x, y = images[batch], labels[batch]
        logits = x @ weights + bias
        logits -= logits.max(axis=1, keepdims=True)
        log_chances = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        loss = -log_chances[np.arange(len(y)), y].mean()
        sweeper.report(loss=loss)  # does nothing outside a probe
        errors = np.exp(log_chances)
        errors[np.arange(len(y)), y] -= 1.0
        weights -= args.lr * x.T @ errors / len(y)
        bias -= args.lr * errors.mean(axis=0)
    print(f"epoch {epoch + 1}: loss {loss:.4f}")
