"""The kinds of run whose results are kept: those of `tests.sweep.kinds`, and those that fail or ask for more."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sweeper.execute import Task
from sweeper.job import OptimizerInfo
from sweeper.probes import Outcome, OutcomeKind
from sweeper.settings import BatchSearch, Length, RateRange, Search
from tests.batch_size.sizing.machines import MB, Machine
from tests.sweep import kinds
from tests.sweep.kinds import COARSE, FROM_MEMORY, GRID, MACHINE, SCRIPT, SEARCH, SGD, STEPS, USUAL, Kind
from tests.sweep.numpy_training import Trainer


def failing(kind: OutcomeKind, cause: str, *, when: Callable[[Task], bool]) -> Callable[[Task], Outcome | None]:
    """Ends those probes in one way."""
    return lambda task: (
        Outcome(probe=task.probe, kind=kind, cause=cause, log_tail=f"last words\n{cause}", seconds=0.1)
        if when(task)
        else None
    )


def _overfitting(task: Task) -> Outcome | None:
    """A long training whose validation loss rises from its middle on."""
    if task.probe.steps <= STEPS:
        return None
    outcome = USUAL.train(task.probe, task.choice)
    assert outcome.curve is not None
    middle = task.probe.steps / 2
    losses = tuple(1.0 + abs(step - middle) / middle for step in outcome.curve.val_steps)
    return replace(outcome, curve=replace(outcome.curve, val_loss=losses))


def _own_rate(rate: float) -> Kind:
    return Kind(
        asked={"learning_rates": GRID, "batch_sizes": (32,)}, optimizer=OptimizerInfo(name="Adam", learning_rate=rate)
    )


def _memory(machine: Machine, *, asked: dict[str, Any] | None = None, facts: dict[str, Any] | None = None) -> Kind:
    return Kind(asked=FROM_MEMORY | {"memory_only": True} | (asked or {}), machine=machine, memory_facts=facts or {})


KINDS = kinds.KINDS | {
    "crashes at high rates": Kind(
        asked={"learning_rates": COARSE, "batch_sizes": (32,)},
        instead=failing(OutcomeKind.CRASHED, "died of SIGSEGV", when=lambda task: task.probe.learning_rate >= 1.0),
    ),
    "time-outs at one batch size": Kind(
        asked=SEARCH | {"batch_sizes": (16, 32)},
        instead=failing(
            OutcomeKind.TIMEOUT,
            "no step within 60 s",
            when=lambda task: task.probe.batch_size == 32,
        ),
    ),
    "every probe is an error": Kind(
        asked={"learning_rates": GRID, "batch_sizes": (32,)},
        instead=failing(OutcomeKind.ERROR, "ValueError: shapes do not match", when=lambda _: True),
    ),
    "search out of memory at one size": Kind(
        asked=SEARCH | {"batch_sizes": (16, 64, 128)}, trainer=Trainer(too_large=64)
    ),
    "a batch size for the largest that fits, and others": Kind(
        asked={"learning_rates": COARSE, "batch_sizes": BatchSearch.AUTO, "memory_limit_bytes": 200 * MB},
        machine=MACHINE,
    ),
    "memory only": Kind(
        asked=FROM_MEMORY | {"memory_only": True, "effective_batch": 1024, "other_limits_bytes": (100 * MB, 800 * MB)},
        machine=Machine(limit=200 * MB, start=50 * MB, fixed=10 * MB, slope=1.5 * MB, square=2000.0, compiled=True),
    ),
    "no batch size fits": Kind(
        asked=SEARCH | FROM_MEMORY, machine=Machine(limit=200 * MB, start=50 * MB, fixed=300 * MB)
    ),
    "memory trials are errors": Kind(
        asked=SEARCH | FROM_MEMORY, machine=Machine(limit=200 * MB, start=50 * MB, errors=(range(1, 1000),))
    ),
    "another precision": Kind(
        asked={"learning_rates": COARSE, "compare_precision": True} | FROM_MEMORY, machine=MACHINE
    ),
    "follow-ups with numbers": Kind(
        asked={"learning_rates": COARSE, "batch_sizes": (16, 32), "optimizers": (SGD,)}
        | {"overfit": True, "warmup": 8, "clipnorm": 0.5}
    ),
    "default axes": Kind(asked={"optimizers": None, "max_probes": 40}),
    "neither optimizer nor batch size can vary": Kind(
        asked={"learning_rates": GRID, "optimizers": (SCRIPT, SGD), "batch_sizes": (16, 32), "ignore": ("SW101",)},
        optimizer=OptimizerInfo(name="Adam", learning_rate=3e-3, only="train_step is the script's own"),
        facts={"batch_size_fixed": "the model's input has a fixed batch dimension"},
    ),
    "length in epochs": Kind(
        asked=SEARCH | {"learning_rates": None, "batch_sizes": (16, 500), "length": Length(epochs=2)}, epochs=None
    ),
    "length in seconds": Kind(
        asked={"learning_rates": COARSE, "batch_sizes": ("script",), "length": Length(seconds=0.4)},
    ),
    "grid between two ends": Kind(
        asked={"learning_rates": RateRange(low=1e-4, high=1.0), "search": Search.GRID, "batch_sizes": (32,)},
    ),
    "grid of its own": Kind(
        asked={"search": Search.GRID, "batch_sizes": (32,)},
        optimizer=OptimizerInfo(name="Adam", learning_rate=2.3e-3),
    ),
    "search between listed rates": Kind(
        asked={"learning_rates": (1e-4, 1e-2, 1.0), "search": Search.BOUNDARY, "resolution": 0.2, "batch_sizes": (32,)},
    ),
    "own rate close to the edge": _own_rate(0.1),
    "own rate too high": _own_rate(1.0),
    "own rate too low": _own_rate(1e-5),
    "own rate between those that were probed": _own_rate(0.15),
    "overfits": Kind(
        asked={"learning_rates": COARSE, "batch_sizes": (32,), "overfit": True},
        instead=_overfitting,
    ),
    "no validation to see overfitting by": Kind(
        asked={"learning_rates": COARSE, "batch_sizes": (32,), "overfit": True, "clipnorm": "auto"},
        trainer=Trainer(validates=False),
        facts={"val_samples": 0, "val_source": "none: fit has no validation_data"},
    ),
    "nothing to follow up": Kind(
        asked={"learning_rates": (1.0, 10.0), "batch_sizes": (32,)}
        | {"overfit": True, "warmup": "auto", "clipnorm": "auto"}
    ),
    "out of budget among follow-ups": Kind(
        asked={"learning_rates": COARSE, "batch_sizes": (32,), "max_probes": 10}
        | {"overfit": True, "warmup": 10, "clipnorm": "auto"}
    ),
    "follow-ups of steep first steps": Kind(
        asked={"learning_rates": COARSE, "batch_sizes": (32,), "optimizers": (SGD,)}
        | {"warmup": "auto", "clipnorm": "auto"},
        trainer=Trainer(scale=4.0),
    ),
    "gradients that say nothing of batch size": Kind(
        asked={"learning_rates": COARSE, "batch_sizes": (8, 16, 32, 64)}, trainer=Trainer(label_noise=0.3)
    ),
    "own batch size does not fit": _memory(Machine(limit=200 * MB, start=50 * MB, fixed=10 * MB, slope=6 * MB)),
    "memory that bends": _memory(
        Machine(limit=200 * MB, start=50 * MB, fixed=10 * MB, slope=0.05 * MB, square=5000.0, noise=0.2 * MB)
    ),
    "memory that hides behind a burst": _memory(
        Machine(limit=200 * MB, start=50 * MB, burst=60 * MB, freed=40 * MB, slope=0.4 * MB, first_step=0.2)
    ),
    "trials that crash": _memory(
        Machine(limit=200 * MB, start=50 * MB, slope=1.0 * MB, memory_error_kind=OutcomeKind.CRASHED, noise=1.0 * MB)
    ),
    "batch size bounded": _memory(MACHINE, asked={"max_batch_size": 100, "effective_batch": 96}),
    "batch size bounded, of many samples under XLA": _memory(
        Machine(limit=200 * MB, start=50 * MB, fixed=10 * MB, slope=20_000.0, compiled=True),
        asked={"effective_batch": 10_000, "other_limits_bytes": (60 * MB, 1000 * MB)},
        facts={"samples": 60_000, "xla": True, "activation_bytes": 15_000, "backend": "jax"},
    ),
    "memory where the batch size is fixed": _memory(
        MACHINE, facts={"batch_size_fixed": "the model's input has a fixed batch dimension"}
    ),
}
