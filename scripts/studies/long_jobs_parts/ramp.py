"""Runs a training script up to its fit call and records learning-rate ramps there, as finders make them.

    python scripts/studies/long_jobs_parts/ramp.py JOB.py OUT.json LABEL=OPTIMIZER ...

An optimizer is `script`, or the name of one of Keras's with settings as JSON: `momentum=SGD{"momentum":0.9}`. For each
of them and each finder the script's weights are set back, and the rate rises exponentially over as many batches. Kept
are the true losses of single batches, not smoothed, up to the first that is not finite.
"""

import json
import math
import runpy
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

RAMPS = {"fastai": (1e-7, 10.0, 100), "lightning": (1e-8, 1.0, 100)}
"""First rate, last rate and number of batches that each finder uses when nothing is asked."""


class Reached(Exception):
    """The fit call was reached and is done."""


def batches(x: Any, y: Any, size: int) -> Iterator[tuple[Any, Any]]:
    """Batches without end, each pass in an order of its own."""
    rng = np.random.default_rng(0)
    while True:
        order = rng.permutation(len(x))
        for start in range(0, len(order) - size + 1, size):
            chosen = order[start : start + size]
            yield x[chosen], y[chosen]


def ramp(model: Any, x: Any, y: Any, size: int, ends: tuple[float, float, int]) -> list[tuple[float, float]]:
    """Rates and losses of one ramp."""
    low, high, number = ends
    seen = []
    for step, (inputs, labels) in zip(range(number), batches(x, y, size), strict=False):
        rate = low * (high / low) ** (step / number)
        model.optimizer.learning_rate = rate
        model.reset_metrics()
        loss = float(model.train_on_batch(inputs, labels, return_dict=True)["loss"])
        seen.append((rate, loss))
        if not math.isfinite(loss):
            break
    return seen


def ramps(model: Any, arguments: Mapping[str, Any], optimizers: Mapping[str, str]) -> dict[str, Any]:
    """The ramps of every optimizer."""
    import keras

    x, y = arguments["x"], arguments["y"]
    if share := arguments.get("validation_split"):
        kept = math.floor(len(x) * (1 - share))
        x, y = x[:kept], y[:kept]
    size = arguments.get("batch_size") or 32
    own, loss, weights = model.optimizer, model.loss, None
    found: dict[str, Any] = {}
    for label, text in optimizers.items():
        name, _, settings = text.partition("{")
        for finder, ends in RAMPS.items():
            config = json.loads("{" + settings) if settings else {}
            made = (
                type(own).from_config(own.get_config())
                if name == "script"
                else getattr(keras.optimizers, name)(**config)
            )
            model.compile(made, loss)
            if weights is None:
                model.train_on_batch(x[:size], y[:size]) if not model.built else None
                weights = model.get_weights()
            model.set_weights(weights)
            found.setdefault(label, {})[finder] = ramp(model, x, y, size, ends)
    return found


def main() -> None:
    """Runs the script with a fit that records ramps."""
    import keras

    script, out, *named = sys.argv[1:]
    optimizers = dict(word.split("=", 1) for word in named)

    def fit(model: Any, x: Any = None, y: Any = None, **others: Any) -> None:
        found = ramps(model, {"x": np.asarray(x), "y": np.asarray(y), **others}, optimizers)
        Path(out).write_text(json.dumps(found), encoding="utf-8")
        raise Reached

    keras.Model.fit = fit
    sys.argv = [script]
    try:
        runpy.run_path(script, run_name="__main__")
    except Reached:
        return
    raise SystemExit(f"{script} called no fit")


if __name__ == "__main__":
    main()
