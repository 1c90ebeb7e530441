"""The rates that fastai and Lightning suggest on recorded ramps, by their own functions.

    PYTHON scripts/studies/long_jobs_parts/peers.py RAMPS.json

PYTHON has fastai and lightning installed; the study has neither. Prints {optimizer: {rule: rate or null}} as JSON.
Around the functions stands what their finders do before: smoothing, the stop at four times the best loss, and which
points are left out.
"""

import importlib
import json
import math
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

BETA = 0.98
STOP = 4.0
Points = Sequence[tuple[float, float]]


def smoothed(points: Points, *, late: int) -> tuple[list[float], list[float]]:
    """Rates and smoothed losses up to the stop; `late` is 1 for Lightning, whose correction is a step ahead."""
    rates, losses = [], []
    mean, best = 0.0, math.inf
    for step, (rate, loss) in enumerate(points, start=1):
        mean = BETA * mean + (1 - BETA) * loss
        value = mean / (1 - BETA ** (step + late))
        rates.append(rate)
        losses.append(value)
        if value > STOP * best:
            break
        best = min(best, value)
    return rates, losses


def fastai(points: Points) -> dict[str, float | None]:
    """What fastai's `lr_find` suggests by each of its rules."""
    torch, schedule = importlib.import_module("torch"), importlib.import_module("fastai.callback.schedule")
    rates, losses = smoothed(points, late=0)
    number = 100
    kept = torch.tensor(rates[number // 10 : -5]), torch.tensor(losses[number // 10 : -5])
    finite = torch.isfinite(kept[1])
    kept = tuple(values[finite] for values in kept)
    rules: dict[str, Callable[..., Any]] = {
        name: getattr(schedule, name) for name in ("valley", "steep", "slide", "minimum")
    }
    return {f"fastai {name}": suggestion(lambda rule=rule: rule(*kept, number)[0]) for name, rule in rules.items()}


def lightning(points: Points) -> dict[str, float | None]:
    """What Lightning's `lr_find` suggests."""
    finder = importlib.import_module("lightning.pytorch.tuner.lr_finder")
    rates, losses = smoothed(points, late=1)
    found = finder._LRFinder("exponential", 1e-8, 1.0, 100)  # noqa: SLF001  it has no public name
    found.results = {"lr": rates, "loss": losses}
    return {"Lightning": suggestion(found.suggestion)}


def suggestion(rule: Callable[[], Any]) -> float | None:
    """The rate that a rule gives; None where it fails or gives none."""
    try:
        rate = rule()
    except Exception:  # noqa: BLE001  a rule that fails on a curve has no suggestion
        return None
    return float(rate) if rate is not None and math.isfinite(float(rate)) else None


def main() -> None:
    """Reads ramps and prints suggestions."""
    ramps = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    found = {label: {**fastai(of["fastai"]), **lightning(of["lightning"])} for label, of in ramps.items()}
    print(json.dumps(found))


if __name__ == "__main__":
    main()
