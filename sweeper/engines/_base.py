"""The base class of all engines."""

import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

from sweeper.curve import Curve
from sweeper.engines._memory import peak_bytes, reset_peak
from sweeper.engines._recorder import CurveRecorder, Progress
from sweeper.engines._training import AbstractTraining
from sweeper.probes import Probe


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What an engine measured in one probe."""

    curve: Curve
    seconds: float
    """Wall time of the whole probe; its share where several trained together."""
    step_seconds: float | None
    """Median time of a step after the first ones, or the share of this probe in that; None when too few ran."""
    peak_memory_bytes: int | None
    """Peak memory of all probes that trained together."""


class Unsuited(Exception):
    """An engine cannot train a job; the text says why."""


class AbstractEngine(ABC):
    """Runs probes of one training, each from exactly the state in which it was captured.

    A probe's curve depends on the probe alone, not on what ran before it in the same process.
    """

    def __init__(self, training: AbstractTraining) -> None:
        self.training = training

    def run(self, probe: Probe, *, progress: Progress, validate: bool = True) -> Measured:
        """Trains for the probe's steps and returns what was measured.

        Raises whatever the training raises; the engine can run further probes afterwards unless memory ran out.
        """
        (measured,) = self.run_together((probe,), progress=progress, validate=validate)
        return measured

    def run_together(
        self, probes: Sequence[Probe], *, progress: Progress, validate: bool = True
    ) -> tuple[Measured, ...]:
        """Trains several probes that differ in rate and seed only, as one program where the engine can.

        They share the time that was taken evenly.
        """
        started = time.perf_counter()
        reset_peak()
        recorders = tuple(CurveRecorder(steps=probe.steps, progress=progress) for probe in probes)
        if validate:
            for probe, recorder in zip(probes, recorders, strict=True):
                first = self.measure_start(probe.seed)
                if first is not None:
                    recorder.validation(first)
        self._train(probes, recorders, validate=validate)
        seconds = (time.perf_counter() - started) / len(probes)
        peak = peak_bytes()
        return tuple(
            Measured(
                curve=recorder.curve(has_norm=self.training.has_norm),
                seconds=seconds,
                step_seconds=recorder.step_seconds(),
                peak_memory_bytes=peak,
            )
            for recorder in recorders
        )

    def measure_start(self, seed: int = 0) -> float | None:
        """The validation loss before any update, measured once for all probes that start from the same weights.

        None where none can be measured; then validation is given up and the training says why.
        """
        training = self.training
        seed = training.weights_seed(seed)
        if training.validates and seed not in training.first_vals:
            try:
                training.first_vals[seed] = self._validation(seed)
            except Exception as error:
                # What the training can validate, an engine must be able to.
                if training.can_evaluate(error):
                    raise
        return training.first_vals.get(seed)

    def _validation(self, seed: int) -> float:
        """The validation loss at the start of a probe of this seed."""
        self.training.start_from(seed)
        return self.training.evaluate()

    @abstractmethod
    def _train(self, probes: Sequence[Probe], recorders: Sequence[CurveRecorder], *, validate: bool) -> None:
        """Trains each probe from its start and hands the numbers to its recorder; sets the training to that start."""
