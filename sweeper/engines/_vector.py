"""JAX: the steps of a probe in one compiled loop, and several probes as one program, a lane for each.

The step is the model's own, wrapped as `fit` wraps it. The learning rate is part of the optimizer's state, so one
program serves every rate and seed of an optimizer at a batch size, and lanes may differ in both.
"""

import itertools
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sweeper.capture import NO_SAMPLE, Job, Reshuffle
from sweeper.engines._base import AbstractEngine, Unsuited
from sweeper.engines._fit_runs import validation_batch
from sweeper.engines._fit_training import FitTraining, check_plain_fit
from sweeper.engines._graph import CHUNK_SECONDS
from sweeper.engines._jax_loops import (
    MOST_ROWS,
    DeviceSamples,
    Train,
    train_loop,
    train_stepwise,
    validation_loop,
    validation_order,
)
from sweeper.engines._recorder import CurveRecorder
from sweeper.engines._warm_up import Rates, WarmUp, spans
from sweeper.job import EngineInfo
from sweeper.probes import Probe

_STATE = ("trainable_variables", "non_trainable_variables", "optimizer_variables", "metrics_variables")


@dataclass(slots=True, kw_only=True)
class _Training:
    """Probes that train as one program."""

    recorders: Sequence[CurveRecorder]
    train: Train
    lanes: int
    """Lanes of the program; with fewer probes the last ones are spare."""
    batch_size: int
    state: Any
    order: Any
    rates: Rates
    """What the rate of each lane is set to before each step: of shape (steps, lanes, rates that rise)."""
    apart: bool
    """Whether lanes take their samples in different orders."""
    done: int = 0
    """Steps so far."""

    @property
    def is_over(self) -> bool:
        """Whether every probe has ended."""
        return all(recorder.stopped for recorder in self.recorders)


class VectorEngine(AbstractEngine):
    """Runs the steps of probes on the device without waiting for each; `info` says how, and in how many lanes."""

    def __init__(self, fit: FitTraining, info: EngineInfo) -> None:
        super().__init__(fit)
        _check(fit.job)
        job = fit.job
        self._fit = fit
        self._info = info
        self._train_samples = DeviceSamples(job.train)
        self._val_samples = DeviceSamples(job.val) if job.val is not None else self._train_samples
        self._loops: dict[str, Train] = {}
        self._validate = validation_loop(job.model, self._val_samples, job.loss_keys)
        self._step_seconds: dict[tuple[int, int], float] = {}
        self._compiled: set[tuple[int, int, tuple[int, ...]]] = set()
        """Batch sizes, lanes and shapes of the rows of samples that have been trained on."""

    def _train(self, probes: Sequence[Probe], recorders: Sequence[CurveRecorder], *, validate: bool) -> None:
        steps = probes[0].steps
        between = self._fit.runs.gap(steps, validate=validate)
        gap = between or steps
        with warnings.catch_warnings(), self._fit.step.recording():
            warnings.simplefilter("ignore")
            training = self._begin(probes, recorders)
            while training.done < steps and not training.is_over:
                self._steps(training, until=min(training.done + gap, steps))
                if between is not None and not training.is_over:
                    self._validate_lanes(training)
            if training.lanes == 1:
                self._write_back(training.state)

    def _begin(self, probes: Sequence[Probe], recorders: Sequence[CurveRecorder]) -> _Training:
        """The probes at their start; a single one takes its state out of the variables, as fit does."""
        size = probes[0].batch_size
        known = self._info.lanes_at(size, own=self._fit.job.batch_size)
        lanes = 1 if len(probes) == 1 else max(known, len(probes))
        first = self._fit.begin(probes[0])
        filled = _filled([replace(probe, optimizer=first.optimizer) for probe in probes], lanes)
        rising = [self._fit.warm_up(probe) for probe in filled]
        state = self._state(purge=True) if lanes == 1 else self._states(filled)
        order, apart = self._order(filled)
        return _Training(
            recorders=recorders,
            train=self._loop_of(first.optimizer, rising[0]),
            lanes=lanes,
            batch_size=size,
            state=state,
            order=order,
            rates=np.stack([one.rates for one in rising], axis=1),
            apart=apart,
        )

    def _state(self, *, purge: bool) -> Any:
        model = self._fit.job.model
        return model._get_jax_state(**dict.fromkeys(_STATE, True), purge_model_variables=purge)  # noqa: SLF001  as fit

    def _states(self, probes: Sequence[Probe]) -> Any:
        """The states of several probes, with a leading axis for them; the job is at the start of the first."""
        import jax

        states = [self._state(purge=False)]
        for before, probe in itertools.pairwise(probes):
            if probe.seed == before.seed:
                self._fit.change_rate(probe)
            else:
                self._fit.begin(probe)
            states.append(self._state(purge=False))
        return jax.tree.map(_stacked, *states)

    def _order(self, lanes: Sequence[Probe]) -> tuple[Any, bool]:
        """The samples of each step, and whether each lane has its own."""
        by_seed = {probe.seed: probe for probe in lanes}
        if self._fit.job.order.reshuffle is Reshuffle.NOTHING or len(by_seed) == 1:
            return self._fit.runs.rows(lanes[0]), False
        orders = {seed: self._fit.runs.rows(probe) for seed, probe in by_seed.items()}
        return np.stack([orders[probe.seed] for probe in lanes], axis=1), True

    def _steps(self, training: _Training, *, until: int) -> None:
        """Runs the steps up to a number, or until every probe is over."""
        while training.done < until and not training.is_over:
            count = min(until - training.done, self._chunk(training))
            started = time.perf_counter()
            rows = _of_one_size(training.order[training.done : training.done + count])
            ahead = slice(training.done, training.done + len(rows))
            training.state, seen = training.train(
                training.state,
                self._train_samples.columns,
                rows,
                training.rates[ahead],
                lanes=training.lanes,
                apart=training.apart,
            )
            numbers = seen.reshape(-1, training.lanes, 3)
            seconds = time.perf_counter() - started
            size = training.batch_size, training.lanes
            if (*size, rows.shape[1:]) in self._compiled or size not in self._step_seconds:
                self._step_seconds[size] = seconds / len(numbers)
            # A smaller batch is compiled the first time, which says nothing of a step.
            self._compiled.add((*size, rows.shape[1:]))
            training.done += len(numbers)
            for lane, recorder in enumerate(training.recorders):
                if not recorder.stopped:
                    recorder.chunk(numbers[:, lane].tolist(), seconds=seconds / len(training.recorders))

    def _chunk(self, training: _Training) -> int:
        known = self._step_seconds.get((training.batch_size, training.lanes))
        return 1 if known is None else max(1, min(MOST_ROWS, int(CHUNK_SECONDS / known)))

    def _validate_lanes(self, training: _Training) -> None:
        import jax.numpy as jnp

        job, samples = self._fit.job, self._val_samples
        assert job.val is not None
        *weights, slots, metrics = training.state
        size = None if job.val.whole_elements else validation_batch(job)
        order = validation_order(len(job.val), size)
        places = self._carried_places()
        before = [np.asarray(weights[1][place]) for place in places]
        weights, losses = self._validate(tuple(weights), metrics, samples.columns, order, lanes=training.lanes)
        trainable, others = weights[0], list(weights[1])
        for place, value in zip(places, before, strict=True):
            others[place] = jnp.asarray(value)
        training.state = (trainable, others, slots, metrics)
        for recorder, loss in zip(training.recorders, np.atleast_1d(np.asarray(losses)).tolist(), strict=False):
            if not recorder.stopped:
                recorder.validation(loss)

    def _carried_places(self) -> list[int]:
        """Where the variables that a validation may change are among those that are not trained."""
        carried = {id(variable) for variable in self._fit.runs.carried}
        others = self._fit.job.model.non_trainable_variables
        return [place for place, variable in enumerate(others) if id(variable) in carried]

    def _write_back(self, state: Any) -> None:
        """Leaves the model as fit does."""
        model = self._fit.job.model
        model._jax_state = dict(zip(_STATE, state, strict=True))  # noqa: SLF001
        model._jax_state_synced = False  # noqa: SLF001
        model.jax_state_sync()
        model._jax_state = None  # noqa: SLF001
        if hasattr(model.optimizer, "finalize_variable_values"):
            model.optimizer.finalize_variable_values(model.trainable_weights)

    def _loop_of(self, label: str, rising: WarmUp) -> Train:
        if label not in self._loops:
            make = train_stepwise if self._info.stepwise else train_loop
            model = self._fit.job.model
            parts = {1: model.non_trainable_variables, 2: model.optimizer.variables}
            known = {id(item): (part, place) for part, items in parts.items() for place, item in enumerate(items)}
            columns = zip(rising.variables, spans(rising.variables), strict=True)
            # What is no part of the state is a constant of the compiled step, as it is in fit.
            slots = [(*known[id(item)], *span) for item, span in columns if id(item) in known]
            self._loops[label] = make(model.train_step, self._train_samples, rising=slots)
        return self._loops[label]


def _of_one_size(rows: Any) -> Any:
    """The first rows, as many as have batches of one size, without what fills up smaller ones."""
    first_lane = rows if rows.ndim < 3 else rows[:, 0]  # noqa: PLR2004  steps, lanes, samples
    if rows.ndim == 1:
        return rows
    sizes = (first_lane != NO_SAMPLE).sum(axis=1)
    others = np.flatnonzero(sizes != sizes[0])
    return rows[: others[0] if len(others) else None, ..., : sizes[0]]


def _filled(probes: Sequence[Probe], lanes: int) -> list[Probe]:
    """A probe for each lane; spare lanes repeat the last one."""
    return [*probes, *[probes[-1]] * (lanes - len(probes))]


def _stacked(*leaves: Any) -> Any:
    """The values of all lanes; most are one array, of which only copies are made."""
    import jax.numpy as jnp

    first = leaves[0]
    if all(leaf is first for leaf in leaves):
        return jnp.broadcast_to(first, (len(leaves), *first.shape))
    return jnp.asarray(np.stack([np.asarray(leaf) for leaf in leaves]))


def _check(job: Job) -> None:
    """Raises `Unsuited` where fit does more than calling the compiled step on each batch."""
    import keras

    model = job.model
    if keras.backend.backend() != "jax":
        raise Unsuited(f"Keras runs on {keras.backend.backend()}, not on JAX")
    if model.run_eagerly or not model.jit_compile:
        raise Unsuited("the model's step is not compiled (run_eagerly or jit_compile=False)")
    if keras.distribution.distribution() is not None:
        raise Unsuited("the model is distributed over several devices")
    if keras.config.is_nnx_enabled():
        raise Unsuited("Keras keeps its variables in Flax's NNX")
    check_plain_fit(job)
