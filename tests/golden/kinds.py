"""The kinds of run whose results are kept: those of `tests.sweep.kinds`, and those that fail or ask for more."""

from collections.abc import Callable

from sweeper.execute import Task
from sweeper.job import OptimizerInfo
from sweeper.probe import Outcome, OutcomeKind
from sweeper.settings import AUTO_BATCH_SIZES, Length
from tests.sizing.machines import MB, Machine
from tests.sweep import kinds
from tests.sweep.kinds import COARSE, FROM_MEMORY, GRID, MACHINE, SCRIPT, SEARCH, SGD, Kind
from tests.sweep.numpy_training import Trainer


def failing(kind: OutcomeKind, cause: str, *, when: Callable[[Task], bool]) -> Callable[[Task], Outcome | None]:
    """Ends those probes in one way."""
    return lambda task: (
        Outcome(probe=task.probe, kind=kind, cause=cause, log_tail=f"last words\n{cause}", seconds=0.1)
        if when(task)
        else None
    )


KINDS = kinds.KINDS | {
    "crashes at high rates": Kind(
        asked={"learning_rates": COARSE, "batch_sizes": (32,)},
        fails=failing(OutcomeKind.CRASHED, "died of SIGSEGV", when=lambda task: task.probe.learning_rate >= 1.0),
    ),
    "time-outs at one batch size": Kind(
        asked=SEARCH | {"batch_sizes": (16, 32)},
        fails=failing(
            OutcomeKind.TIMEOUT,
            "no step within 60 s",
            when=lambda task: task.probe.batch_size == 32,
        ),
    ),
    "every probe is an error": Kind(
        asked={"learning_rates": GRID, "batch_sizes": (32,)},
        fails=failing(OutcomeKind.ERROR, "ValueError: shapes do not match", when=lambda _: True),
    ),
    "search out of memory at one size": Kind(
        asked=SEARCH | {"batch_sizes": (16, 64, 128)}, trainer=Trainer(too_large=64)
    ),
    "a batch size for the largest that fits, and others": Kind(
        asked={"learning_rates": COARSE, "batch_sizes": (AUTO_BATCH_SIZES,), "memory_limit_bytes": 200 * MB},
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
}
