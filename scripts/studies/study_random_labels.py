"""How often `sweeper diagnose` takes random labels for learnable ones (misses), and sound tables for random (alarms).

    python scripts/studies/study_random_labels.py [--seeds 20] [--write reports/studies --date 2026-11-30]

Only the look at arrays and its check are run, without a model: `sweeper.checks.worker._relation` and finding SW210.
Tables that carry labels which follow from the inputs, with noise and without, stand against the same shapes without
any.
"""

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits, load_iris, load_wine, make_moons
from study_parts.words import table

from sweeper.checks.diagnose import CallFacts, Facts, ModelFacts, diagnose
from sweeper.checks.worker._relation import relation_of

Rows = NDArray[np.float64]
Made = tuple[Rows, Rows, bool]
"""Inputs, labels, and whether these are classes."""


def _classes(rng: np.random.Generator, count: int, features: int, classes: int) -> Made:
    return rng.random((count, features)), rng.integers(0, classes, count).astype(float), True


def _quantity(rng: np.random.Generator, count: int, features: int) -> Made:
    return rng.random((count, features)), rng.random(count), False


def _skewed(rng: np.random.Generator) -> Made:
    return rng.lognormal(0, 2, (300, 8)), rng.lognormal(0, 2, 300), False


def _unbalanced(rng: np.random.Generator) -> Made:
    return rng.normal(size=(300, 8)), (rng.random(300) < 0.15).astype(float), True  # noqa: PLR2004


def _shuffled(rng: np.random.Generator, made: Made) -> Made:
    return made[0], rng.permutation(made[1]), made[2]


RANDOM: dict[str, Callable[[np.random.Generator], Made]] = {
    "100 x 10, 2 classes": lambda rng: _classes(rng, 100, 10, 2),
    "100 x 4, quantity": lambda rng: _quantity(rng, 100, 4),
    "100 x 32, 10 classes": lambda rng: _classes(rng, 100, 32, 10),
    "1,000 x 20, 10 classes": lambda rng: _classes(rng, 1000, 20, 10),
    "1,000 x 100, 2 classes": lambda rng: _classes(rng, 1000, 100, 2),
    "1,000 x 16, quantity": lambda rng: _quantity(rng, 1000, 16),
    "20,000 x 10, 2 classes": lambda rng: _classes(rng, 20_000, 10, 2),
    "300 x 8, log-normal both": _skewed,
    "300 x 8, 15% of one class": _unbalanced,
    "iris, labels shuffled": lambda rng: _shuffled(rng, _iris(rng)),
    "diabetes, targets shuffled": lambda rng: _shuffled(rng, _diabetes(rng)),
}


def _part(loaded: object, rng: np.random.Generator, count: int, *, classes: bool) -> Made:
    x, y = loaded.data, loaded.target  # type: ignore[attr-defined]  # a Bunch of scikit-learn
    rows = rng.permutation(len(x))[:count]
    return x[rows], y[rows].astype(float), classes


def _iris(rng: np.random.Generator) -> Made:
    return _part(load_iris(), rng, 150, classes=True)


def _diabetes(rng: np.random.Generator) -> Made:
    return _part(load_diabetes(), rng, 442, classes=False)


def _xor(rng: np.random.Generator, count: int, noise_features: int) -> Made:
    x = rng.normal(size=(count, 2 + noise_features))
    return x, (x[:, 0] * x[:, 1] > 0).astype(float), True


def _corners(rng: np.random.Generator) -> Made:
    x = rng.permutation(np.tile([[0, 0], [0, 1], [1, 0], [1, 1]], (25, 1))).astype(float)
    return x, np.logical_xor(x[:, 0], x[:, 1]).astype(float), True


def _parity(rng: np.random.Generator, bits: int, count: int) -> Made:
    x = rng.integers(0, 2, (count, bits)).astype(float)
    return x, x.sum(axis=1) % 2, True


def _three(rng: np.random.Generator) -> Made:
    x = rng.normal(size=(500, 15))
    return x, (x[:, 0] * x[:, 1] * x[:, 2] > 0).astype(float), True


def _moons(rng: np.random.Generator) -> Made:
    x, y = make_moons(100, noise=0.2, random_state=int(rng.integers(1 << 30)))
    return x, y.astype(float), True


def _spirals(rng: np.random.Generator) -> Made:
    turn, arm = rng.uniform(1, 10, 400), rng.integers(0, 2, 400)
    x = np.stack([turn * np.cos(turn + arm * np.pi), turn * np.sin(turn + arm * np.pi)], axis=1)
    return x + rng.normal(0, 0.2, x.shape), arm.astype(float), True


def _sine(rng: np.random.Generator, waves: float) -> Made:
    x = rng.uniform(-1, 1, (100, 1))
    return x, np.sin(waves * 2 * np.pi * x[:, 0]) + rng.normal(0, 0.1, 100), False


def _linear(rng: np.random.Generator, count: int, features: int, explained: float) -> Made:
    x = rng.normal(size=(count, features))
    signal = x @ rng.normal(size=features)
    return x, signal / signal.std() + rng.normal(0, np.sqrt(1 / explained - 1), count), False


def _network(rng: np.random.Generator, count: int, features: int) -> Made:
    x = rng.normal(size=(count, features))
    hidden = np.maximum(x @ rng.normal(size=(features, 16)) / np.sqrt(features), 0)
    said = hidden @ rng.normal(size=16)
    return x, (said > np.median(said)).astype(float), True


def _window(rng: np.random.Generator) -> Made:
    series = np.sin(np.arange(330) / 5) + rng.normal(0, 0.3, 330)
    return np.stack([series[at : at + 24] for at in range(300)]), series[24:324], False


def _ring(rng: np.random.Generator) -> Made:
    x = rng.normal(size=(200, 5))
    return x, (np.square(x).sum(axis=1) > 4.4).astype(float), True  # noqa: PLR2004


def _checkers(rng: np.random.Generator) -> Made:
    x = rng.uniform(0, 4, (500, 2))
    return x, (np.floor(x).sum(axis=1) % 2), True


def _small(rng: np.random.Generator) -> Made:
    return rng.normal(size=(40, 5)), rng.integers(0, 2, 40).astype(float), True


def _rare(rng: np.random.Generator) -> Made:
    x = rng.normal(size=(60_000, 12))
    return x, 0.07 * x[:, 3] + rng.normal(size=60_000), False


SOUND: dict[str, Callable[[np.random.Generator], Made]] = {
    "XOR of four corners, 100 rows": _corners,
    "XOR, 100 rows": lambda rng: _xor(rng, 100, 0),
    "XOR with 8 noise features, 200 rows": lambda rng: _xor(rng, 200, 8),
    "XOR with 30 noise features, 400 rows": lambda rng: _xor(rng, 400, 30),
    "product of three among 15 features, 500 rows": _three,
    "parity of 3 bits, 100 rows": lambda rng: _parity(rng, 3, 100),
    "parity of 8 bits, 256 rows": lambda rng: _parity(rng, 8, 256),
    "iris": _iris,
    "wine": lambda rng: _part(load_wine(), rng, 178, classes=True),
    "breast cancer, 100 rows": lambda rng: _part(load_breast_cancer(), rng, 100, classes=True),
    "diabetes": _diabetes,
    "diabetes, 100 rows": lambda rng: _part(load_diabetes(), rng, 100, classes=False),
    "digits, 200 rows": lambda rng: _part(load_digits(), rng, 200, classes=True),
    "two moons, 100 rows": _moons,
    "two spirals, 400 rows": _spirals,
    "sine, one wave, 100 rows": lambda rng: _sine(rng, 1),
    "sine, five waves, 100 rows": lambda rng: _sine(rng, 5),
    "ring in 5 dimensions, 200 rows": _ring,
    "checkerboard of 16, 500 rows": _checkers,
    "windows of a noisy series": _window,
    "network's labels, 100 x 10": lambda rng: _network(rng, 100, 10),
    "network's labels, 1,000 x 50": lambda rng: _network(rng, 1000, 50),
    "linear, half is noise, 100 x 10": lambda rng: _linear(rng, 100, 10, 0.5),
    "linear, 0.9 is noise, 1,000 x 10": lambda rng: _linear(rng, 1000, 10, 0.1),
    "linear, 0.995 is noise, 60,000 x 12": _rare,
    "40 random rows, too few to say": _small,
}


def alarms(made: Made) -> bool:
    """Whether SW210 is found for these arrays."""
    x, y, classes = made
    facts = Facts(
        call=CallFacts(location="study.py:1"),
        model=ModelFacts(name="model", kind="Sequential"),
        relation=relation_of(x, y, classes=classes),
    )
    return any(finding.code == "SW210" for finding in diagnose(facts).findings)


def main() -> int:
    """Looks at all sets, prints and writes the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20, help="draws of each set")
    parser.add_argument("--write", type=Path, help="folder for the dated result")
    parser.add_argument("--date", default=time.strftime("%Y-%m-%d"), help="date in the name of the result")
    arguments = parser.parse_args()
    lines = [
        f"# Random labels, {arguments.date}",
        "",
        f"`python scripts/studies/study_random_labels.py --seeds {arguments.seeds}`",
        "",
    ]
    for title, sets in (("Labels that follow from nothing: SW210 is right", RANDOM), ("Sound: SW210 is wrong", SOUND)):
        rows, total, began = [], 0, time.monotonic()
        for number, (name, make) in enumerate(sets.items()):
            found = sum(alarms(make(np.random.default_rng([number, seed]))) for seed in range(arguments.seeds))
            total += found
            rows.append([name, f"{found} of {arguments.seeds}"])
        looks = len(sets) * arguments.seeds
        mean = (time.monotonic() - began) / looks
        lines += [f"## {title}", "", f"Found in {total} of {looks} ({total / looks:.1%}); {mean:.2f} s a look.", ""]
        lines += table(["set", "found"], rows)
    print("\n".join(lines))
    if arguments.write:
        path = arguments.write / f"{arguments.date}-random-labels.md"
        path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
