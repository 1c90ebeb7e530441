"""Simulated machines: what a training would use at a batch size, and how a trial of it would end."""

import random
from dataclasses import dataclass

from sweeper.batch_size.sizing import Problem, next_trial
from sweeper.batch_size.values import MemoryLimit, Trial
from sweeper.memory import FitFacts, MemoryKind
from sweeper.noise import GradientNorms
from sweeper.probes import OutcomeKind
from sweeper.trial import CompiledSize, Goal, Speed, Stage, TrialExtras, TrialMeasured

MB = 1_000_000
GB = 1_000_000_000


def facts_of(**more):
    given = {
        "fit_site": "train.py:12",
        "model": "sequential (Sequential)",
        "parameters": 1000,
        "optimizer": "Adam",
        "batch_size": 32,
        "samples": 60_000,
        "data": "arrays",
        "sample_bytes": 3136,
        "weight_bytes": 4000,
        "gradient_bytes": 4000,
        "slot_bytes": 8000,
        "activation_bytes": 0,
        "backend": "tensorflow",
        "device": "cpu",
        "xla": False,
        "precision": "float32",
    }
    return FitFacts(**given | more)


def limit_of(limit_bytes, kind=MemoryKind.HOST):
    return MemoryLimit(limit_bytes=int(limit_bytes), kind=kind, source="--memory-limit")


def problem_of(*, limit=4 * GB, headroom=0.1, kind=MemoryKind.HOST, facts=None, **more):
    asked = {key: more.pop(key) for key in list(more) if key in Problem.__dataclass_fields__}
    facts = facts or facts_of(**more)
    return Problem(limit=limit_of(limit, kind), headroom=headroom, facts=facts, **asked)


@dataclass
class Machine:
    """Memory as a function of the batch size."""

    limit: float = 4 * GB
    start: float = 800 * MB
    """At the fit call."""
    fixed: float = 60 * MB
    """What the first step adds at any size: the traced graph, slots, gradients."""
    slope: float = 100_000.0
    square: float = 0.0
    freed: float = 0.0
    """Memory that tracing freed: growth up to it does not show."""
    burst: float = 0.0
    """Highest memory of the script before the fit call, above `start`."""
    first_step: float = 0.0
    """What the first step takes beyond later ones, as a part of what the batch takes."""
    noise: float = 0.0
    """Standard deviation."""
    seed: int = 0
    errors: tuple[range, ...] = ()
    """Sizes that end with an error, whatever their memory."""
    error_kind: OutcomeKind = OutcomeKind.ERROR
    memory_error_kind: OutcomeKind = OutcomeKind.OOM
    compiled: bool = False
    best_speed: float = 10_000.0
    half_speed_size: float = 16.0
    noise_scale: float = 100.0

    def growth(self, size):
        return max(self.freed, self.slope * size + self.square * size**2)

    def steady(self, size):
        return self.start + self.fixed + self.growth(size)

    def peak(self, size):
        return max(self.start + self.burst, self.steady(size) + self.first_step * self.growth(size))

    def fits(self, size):
        return self.peak(size) <= self.limit

    def largest(self, amount, most):
        """The largest size within an amount of memory, without noise; 0 when none is."""
        low, high = 0, most + 1
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if self.peak(middle) <= amount else (low, middle)
        return low

    def speed(self, size):
        return self.best_speed * size / (size + self.half_speed_size)

    def run(self, request, number):
        """The trial that a request leads to."""
        size = request.batch_size
        shake = random.Random(f"{self.seed} {number}").gauss(0, self.noise)
        kind, peak, steady = OutcomeKind.COMPLETED, self.peak(size) + shake, self.steady(size) + shake
        if any(size in sizes for sizes in self.errors):
            kind = self.error_kind
        elif max(peak, steady) > self.limit:
            kind = self.memory_error_kind
        done = kind is OutcomeKind.COMPLETED
        measured = TrialMeasured(
            kind=kind,
            stage=Stage.DONE if done else Stage.TRAINING,
            start_bytes=int(self.start),
            peak_bytes=int(max(peak, steady)) if done else None,
            steady_peak_bytes=int(steady) if done else None,
            host_peak_bytes=None,
            steps=6 if done else 0,
            cause="" if done else f"ended by {kind}",
        )
        extras = self._extras(request) if done else TrialExtras()
        return Trial(number=number, request=request, measured=measured, extras=extras, seconds=10.0)

    def _extras(self, request):
        norms = tuple(
            GradientNorms(batch_size=size, mean_square=1.0 + self.noise_scale / size, batches=8)
            for size in request.noise_sizes
        )
        compiled = tuple(
            CompiledSize(batch_size=size, step_bytes=int(100 * MB + self.slope * size + self.square * size**2))
            for size in (request.compile_sizes if self.compiled else ())
        )
        speeds = tuple(Speed(batch_size=size, samples_per_second=self.speed(size)) for size in request.speed_sizes)
        return TrialExtras(speeds=speeds, norms=norms, norms_after_steps=5, compiled=compiled)


def search(problem, machine, most_trials=20):
    """Every trial of a search on a machine."""
    trials = []
    while (request := next_trial(problem, trials)) is not None:
        trials.append(machine.run(request, len(trials) + 1))
        assert len(trials) <= most_trials
    return tuple(trials)


def main_of(trials):
    return [trial for trial in trials if trial.request.goal in {Goal.MEASURE, Goal.VERIFY, Goal.TRIAGE}]


def sizes_of(trials):
    return [trial.request.batch_size for trial in trials]
