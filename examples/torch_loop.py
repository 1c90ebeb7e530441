"""Learns to read handwritten digits with PyTorch; every line of its output is JSON, so that it need not know sweeper.

sweeper probe --optimizer SGD,Adam --command \
    "python examples/torch_loop.py --lr {learning_rate} --optimizer {optimizer} --seed {seed}"
"""

import argparse
import json

import torch
from sklearn.datasets import load_digits

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--steps", type=int, default=1000)
parser.add_argument("--lr", type=float, default=0.01, help="learning rate")
parser.add_argument("--optimizer", default="SGD", choices=["SGD", "Adam", "AdamW"])
parser.add_argument("--batch-size", type=int, default=32)
parser.add_argument("--seed", type=int, default=0)
args = parser.parse_args()

torch.manual_seed(args.seed)
digits = load_digits()
images = torch.tensor(digits.data / 16.0, dtype=torch.float32)
labels = torch.tensor(digits.target)
model = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10))
optimizer = getattr(torch.optim, args.optimizer)(model.parameters(), lr=args.lr)

for step in range(1, args.steps + 1):
    batch = torch.randint(len(images), (args.batch_size,))
    loss = torch.nn.functional.cross_entropy(model(images[batch]), labels[batch])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(json.dumps({"step": step, "loss": loss.item()}))
