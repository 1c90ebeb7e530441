"""Kinds of run, each over a small network that is trained for real: what is asked, and what the script is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sweeper.execute import Task
from sweeper.job import JobInfo, OptimizerInfo
from sweeper.probes import Outcome
from sweeper.settings import BatchSearch, Length, RateRange, Settings
from sweeper.space import OptimizerChoice
from tests.batch_size.sizing.machines import MB, Machine, facts_of
from tests.sweep.driven import Script
from tests.sweep.made import job
from tests.sweep.numpy_training import Trainer

SCRIPT = OptimizerChoice(label="script", name="script")
SGD = OptimizerChoice(label="sgd", name="sgd")
GRID = tuple(float(f"{10 ** (power / 2):.6g}") for power in range(-10, 3))
COARSE = (1e-5, 1e-4, 1e-3, 0.01, 0.1, 1.0, 10.0)
STEPS = 40
SAMPLES = 400
ADAM = OptimizerInfo(name="Adam", learning_rate=1e-3)
USUAL = Trainer()
SEARCH = {"learning_rates": RateRange(low=1e-6, high=1.0), "batch_sizes": (32,)}
FROM_MEMORY = {"batch_sizes": BatchSearch.RECOMMENDED, "memory_limit_bytes": 200 * MB}
MACHINE = Machine(limit=200 * MB, start=50 * MB, fixed=10 * MB, slope=0.5 * MB)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """A kind of run: what is asked, what the script is, and how its trainings go."""

    asked: dict[str, Any]
    optimizer: OptimizerInfo = ADAM
    epochs: int | None = 20
    trainer: Trainer = USUAL
    instead: Callable[[Task], Outcome | None] = lambda _: None
    """The outcome of a probe that goes otherwise than the trainer has it."""
    facts: dict[str, Any] = field(default_factory=dict)
    """What else is known of the fit call."""
    machine: Machine | None = None
    """Whose memory a batch-size search looks for."""
    memory_facts: dict[str, Any] = field(default_factory=dict)
    """What else a memory trial finds of the fit call."""

    @property
    def settings(self) -> Settings:
        return Settings(**({"target": "train.py", "length": Length(steps=STEPS), "optimizers": (SCRIPT,)} | self.asked))

    @property
    def job(self) -> JobInfo:
        samples = {"train_samples": SAMPLES, "train_samples_available": SAMPLES}
        return job(optimizer=self.optimizer, epochs=self.epochs, **samples, **self.facts)

    @property
    def script(self) -> Script:
        def train(task: Task) -> Outcome:
            return self.instead(task) or self.trainer.train(task.probe, task.choice)

        trial = self.machine and self.machine.run
        facts = facts_of(**({"samples": SAMPLES} | self.memory_facts))
        return Script(job=self.job, train=train, facts=facts, trial=trial)


KINDS = {
    "grid of two optimizers and two sizes": Kind(
        asked={"learning_rates": GRID, "optimizers": (SCRIPT, SGD), "batch_sizes": (16, 32)}
    ),
    "search of one row": Kind(asked=SEARCH),
    "loss is a sum": Kind(
        asked={"learning_rates": GRID, "optimizers": (SCRIPT, SGD), "batch_sizes": (8, 32, 128)},
        trainer=Trainer(total=True, validates=False),
    ),
    "loss is a sum, with validation": Kind(asked=SEARCH | {"batch_sizes": (8, 32)}, trainer=Trainer(total=True)),
    "coarse grid": Kind(asked={"learning_rates": COARSE, "batch_sizes": (32,), "optimizers": (SCRIPT, SGD)}),
    "no rate is stable": Kind(asked={"learning_rates": (1.0, 10.0, 100.0), "batch_sizes": (32,)}),
    "nothing trains": Kind(asked=SEARCH, trainer=Trainer(scale=0.0)),
    "not a number": Kind(asked={"learning_rates": COARSE, "batch_sizes": (32,)}, trainer=Trainer(poisoned=True)),
    "seeds disagree": Kind(
        asked={"learning_rates": GRID, "batch_sizes": (16,), "seeds": 3}, trainer=Trainer(label_noise=0.6)
    ),
    "search with seeds": Kind(asked=SEARCH | {"seeds": 3, "batch_sizes": (8,)}, trainer=Trainer(label_noise=0.3)),
    "schedule with a peak": Kind(
        asked={"learning_rates": GRID, "batch_sizes": (32,)},
        optimizer=OptimizerInfo(name="Adam", learning_rate=0.0316228, schedule="CosineDecay"),
    ),
    "rate of the script not known": Kind(
        asked=SEARCH, optimizer=OptimizerInfo(name="Adam", learning_rate=None, schedule="a callback")
    ),
    "batch size from memory": Kind(asked=SEARCH | FROM_MEMORY, machine=MACHINE),
    "out of budget": Kind(asked=SEARCH | {"optimizers": (SCRIPT, SGD), "max_probes": 9}),
    "follow-ups": Kind(asked=SEARCH | {"overfit": True, "warmup": "auto", "clipnorm": "auto"}),
    "out of memory": Kind(
        asked={"learning_rates": COARSE, "batch_sizes": (32, 64)}, trainer=Trainer(too_large=64), epochs=None
    ),
    "a long job": Kind(asked=SEARCH | {"job_steps": 100_000}, optimizer=OptimizerInfo(name="Adam", learning_rate=0.3)),
}
