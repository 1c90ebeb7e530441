"""Tiny programs that train without any framework, each named by how it tells its loss or by its flaw."""

import sys

_QUADRATIC = """
import argparse, json, os, random, subprocess, sys, time
parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, required=True)
parser.add_argument("--seed", type=int, default=0)
parser.add_argument("--batch-size", type=int, default=8)
parser.add_argument("--optimizer", default="plain")
parser.add_argument("--log", default="log.csv")
options = parser.parse_args()
draw = random.Random(options.seed)
w = 3.0
def losses(steps=100_000):
    global w
    for _ in range(steps):
        batch = [draw.gauss(0, 1) for _ in range(options.batch_size)]
        loss = sum((w * x) ** 2 for x in batch) / len(batch)
        yield loss
        w -= options.lr * sum(2 * w * x * x for x in batch) / len(batch)
"""

REPORTS = "import sweeper\nfor loss in losses():\n    sweeper.report(loss=loss)\n"
PRINTS = """
print("loading data")
for step, loss in enumerate(losses(), 1):
    print(json.dumps({"step": step, "loss": loss}))
"""
WRITES_CSV = """
os.makedirs(os.path.dirname(options.log) or ".", exist_ok=True)
with open(options.log, "w") as file:
    print("step,loss,lr", file=file, flush=True)
    for step, loss in enumerate(losses(), 1):
        print(step, loss, options.lr, sep=",", file=file, flush=True)
        time.sleep(0.001)
"""
ENDS_SOON = "import sweeper\nfor loss in losses(12):\n    sweeper.report(loss=loss)\n"
SILENT = 'print("epoch 1 done")\n'
FAILS = 'print("loading data")\nraise SystemExit("no GPU here")\n'
REFUSES_ZERO = 'if options.lr <= 0: parser.error("--lr must be positive")\n' + REPORTS
RAISES_ON_DIVERGENCE = """
import sweeper
for loss in losses(40):
    sweeper.report(loss=loss)
    if loss > 1e8: raise FloatingPointError("the loss blew up")
"""
FAILS_ABOVE_A_TENTH = 'if options.lr > 0.1: raise ValueError("too high for me")\n' + REPORTS
WAITS_WITH_A_CHILD = """
import sweeper
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
linux = sys.platform == "linux"
apart = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=linux)
with open("pids", "a") as file:
    print(os.getpid(), child.pid, apart.pid, file=file, flush=True)
sweeper.report(loss=1.0)
if options.lr == 0:
    for loss in losses(): sweeper.report(loss=loss)
time.sleep(600)
"""

FEW = "import sweeper\nfor loss in losses(3):\n    sweeper.report(loss=loss)\n"


def write(folder, program, name="train.py"):
    """The command line of a program, up to its arguments, once it is written to a folder."""
    (folder / name).write_text(_QUADRATIC + program)
    return f"{sys.executable} {name}"
