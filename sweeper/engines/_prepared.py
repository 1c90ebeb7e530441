"""A job made ready for probes, and the reference way to run one: Keras's own `fit` with a recorder.

Every engine starts its probes from here: the kept state, the optimizers of the axis, the rates, the order of samples.
"""

import math
import random
import time
import warnings
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from sweeper.capture import (
    Indices,
    Interception,
    Job,
    OptimizerWatch,
    OtherWeights,
    PythonState,
    ScriptCallbacks,
    build,
    is_built,
    is_seed_state,
    metric_variables,
    random_states,
    write,
)
from sweeper.curve import Curve
from sweeper.engines._axis import AxisOptimizers
from sweeper.engines._batches import batches, rows_of
from sweeper.engines._draws import RandomOperations
from sweeper.engines._fit_callbacks import each_step_callback, recording_callback
from sweeper.engines._loss_source import LossSource, NoLoss, SeenStep, choose_source, loss_in
from sweeper.engines._own_rates import ZeroRateCheck, moving_finding
from sweeper.engines._recorder import CurveRecorder
from sweeper.engines._step import RecordedStep, metric_values, seen_step
from sweeper.engines._warm_up import WarmUp, warm_up_callback
from sweeper.probes import NULL_RATE, Probe
from sweeper.space import SCRIPT, OptimizerChoice

CHECKPOINTS = 8
"""Validation measurements of a probe, spread evenly; a rise after a minimum needs at least five."""
STEPS_BETWEEN = 25
"""Steps of a longer probe for each of its measurements, which takes about as long as five of them."""
MOST_CHECKPOINTS = 40
"""Most measurements of a longer probe: a minimum is then known to a fortieth of the probe."""
VALIDATION_BATCH = 256
"""Most samples in a validation batch."""


class PreparedJob:
    """A job in the state that every probe starts from."""

    def __init__(self, job: Job, *, interception: Interception) -> None:
        self.first_vals: dict[int, float] = {}
        """The validation loss before any update, by the seed of the initial weights, once an engine has measured it."""
        self.trace_seconds = 0.0
        """What fit takes for an optimizer's first steps: nearly all of it traces and compiles."""
        self.first_step_seconds = 0.0
        """Time of a step of fit, by a single one."""
        self.step = RecordedStep(job.model, interception)
        self.stray_metrics: list[tuple[Any, Any]] = []
        """Variables of metrics that Keras does not set back after a validation, with their first values."""
        self.carried: list[Any] = []
        """Variables that a validation may change although it trains nothing."""
        self.job = job
        self._seeds: list[Any] = []
        self._python = PythonState()
        self._draws = RandomOperations()
        self._prepare()

    def add_choices(self, choices: Sequence[OptimizerChoice]) -> None:
        """Registers the optimizers of the axis by their labels."""
        self._axis.add(choices)

    def begin(self, probe: Probe) -> Probe:
        """Sets the job to the start of a probe; the probe comes back with the optimizer that it really uses."""
        probe = self._axis.resolved(probe)
        self._axis.select(probe.optimizer)
        self.start_from(probe.seed)
        self._axis.set_rate(probe)
        return probe

    def steps_in(self, seconds: float, *, least: int, most: int) -> int:
        """The number of steps at the script's own batch size that take `seconds`, between `least` and `most`."""
        step = self.first_step_seconds
        return int(np.clip(seconds / step, least, most)) if step else most

    def hold_rate(self, probe: Probe) -> None:
        """Sets the rate of the script's own optimizers back to that of the probe that trains now."""
        self._axis.hold_rate(probe.learning_rate)

    def change_rate(self, probe: Probe) -> None:
        """Sets the rate of a probe; the job is at the start of another one that differs in its rate only."""
        self._axis.set_rate(self._axis.resolved(probe))

    def warm_up(self, probe: Probe) -> WarmUp:
        """What is set before the steps of a probe, as it came from `begin`: a rate that rises, what callbacks drive."""
        job = self.job
        own = job.course.assumed_steps
        each = own if probe.batch_size == job.batch_size else math.ceil(own * job.batch_size / probe.batch_size)
        values = [scheduled.values(probe.steps, own=own, each=each) for scheduled in job.scheduled]
        return self._axis.warm_up(probe).beside([scheduled.variable for scheduled in job.scheduled], values)

    def _prepare(self) -> None:
        """Brings the job into the state that every probe starts from, and learns which optimizers it uses."""
        import keras
        from keras.src.random.seed_generator import global_seed_generator

        job, model = self.job, self.job.model
        job.random.restore()
        if keras.backend.backend() == "tensorflow":
            self._draws.watch()
        if getattr(model, "steps_per_execution", 1) not in {1, None}:
            detail = f"{model.steps_per_execution} was set to 1, to see the loss of every step"
            job.changed("steps_per_execution", detail)
            model.steps_per_execution = 1
        build(job)
        # From here on the global seed generator is one that the state keeps, whichever trace uses it first.
        drawn_so_far = random_states()
        global_seed_generator()
        drawn_so_far.restore()
        callbacks = ScriptCallbacks(job)
        with self.step.inside_fit():
            callbacks.begin()
        model.train_function = model.test_function = model.predict_function = None
        job.state.keep_new()
        self._python.keep()
        self._run_at_zero_rate()
        with self.step.inside_fit():
            callbacks.look_ahead()

    def _run_at_zero_rate(self) -> None:
        """Runs two steps at learning rate 0: shows what fit refuses, and which optimizers apply gradients."""
        job, model = self.job, self.job.model
        zero_rate = ZeroRateCheck(job)
        watch = OptimizerWatch(job, on_first=zero_rate.begin)
        if model.optimizer is not None:
            # Without all weights, the slots are made when it is seen to apply gradients, as Keras does it.
            watch.prepare(model.optimizer, model.trainable_variables if is_built(model) else ())
        self.step.on_apply = watch.record
        probe = Probe(optimizer=SCRIPT, learning_rate=NULL_RATE, batch_size=job.batch_size, seed=0, steps=2)
        recorder = CurveRecorder(steps=2, progress=lambda _: None)
        self.step.source = self._known_source()
        for variable, value in metric_values():
            write(variable, value)
        seen: list[SeenStep] = []
        started = time.perf_counter()
        sees = each_step_callback(lambda _, logs: seen.append(seen_step(logs)))
        self._fit(probe, recorder, (zero_rate.callback(), sees), validate=False)
        self.trace_seconds = time.perf_counter() - started
        self.first_step_seconds = recorder.last_step_seconds
        self.step.on_apply = None
        zero_rate.end()
        watch.store()
        zero_rate.check_rates()
        if not self.step.has_norm and not job.only and self._keeps_its_trace(replace(probe, steps=1)):
            job.only = (
                "the script's train_step applies gradients in a tf.function of its own, which keeps the optimizer that "
                "it was first traced with"
            )
        self._settle_loss(seen)
        self._start_metrics()
        job.state.keep_new()
        self._seeds = [variable for variable in job.state.variables if is_seed_state(variable)]
        self.carried = _carried(model, self._seeds, job.state.variables)
        self._axis = AxisOptimizers(job, self.step)
        if _breaks_weights(recorder.curve(has_norm=False)) and not job.only:
            self._axis.use_sgd_for_null_probes()
        elif moved := zero_rate.moved():
            self._explain_moving(moved, probe)

    def _known_source(self) -> LossSource | None:
        """The source of the steps' losses, where another worker has found it."""
        job = self.job
        return LossSource(from_logs=job.loss_from == "logs", keys=tuple(job.loss_keys)) if job.loss_from else None

    def _settle_loss(self, seen: Sequence[SeenStep]) -> None:
        """Decides where the losses of steps come from; the job says so where they are not the logs' `loss`."""
        job, step = self.job, self.step
        if step.is_keras or step.source is not None or not seen:
            return
        choice = choose_source(seen, step.places, replicas=step.replicas)
        step.source = choice.source
        job.loss_from, job.loss_keys = ("logs" if choice.source.from_logs else "gradient"), [*choice.source.keys]
        if choice.said:
            job.changed("loss", choice.said)
        if choice.finding is not None:
            job.findings.append(choice.finding)
        if choice.source.from_logs and seen[0].parts:
            # What was traced takes the loss from the gradient.
            step.renew()
            job.model.train_function = None

    def _explain_moving(self, moved: tuple[str, ...], probe: Probe) -> None:
        """Finds what moved weights at rate 0: the optimizer, which SGD replaces in null probes, or something else."""
        job = self.job
        if not job.only:
            self._axis.use_sgd_for_null_probes()
            again = ZeroRateCheck(job)
            null = self.begin(replace(probe, steps=2))
            self._fit(null, CurveRecorder(steps=2, progress=lambda _: None), (again.callback(),), validate=False)
            self._axis.keep_function(null.optimizer)
            moved = again.moved()
        if moved:
            job.findings.append(moving_finding(moved, len(job.model.trainable_variables)))

    def _keeps_its_trace(self, probe: Probe) -> bool:
        """Whether gradients are applied by code that a new trace of the train step does not trace again."""
        seen: list[Any] = []
        self.step.on_apply = lambda optimizer, _: seen.append(optimizer)
        self.step.renew()
        self.job.model.train_function = None
        self._fit(probe, CurveRecorder(steps=1, progress=lambda _: None), (), validate=False)
        self.step.on_apply = None
        return not seen

    def _start_metrics(self) -> None:
        """Resets every metric, also those that the model does not know and Keras does not reset."""
        known = metric_variables(self.job.model)
        self.step.metrics = metric_values()
        for variable, value in self.step.metrics:
            self.job.state.override(variable, value)
            if id(variable) not in known:
                self.stray_metrics.append((variable, value))

    def evaluate(self) -> float:
        """The validation loss of the job as it stands, as `evaluate` gives it."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            logs = self.job.model.evaluate(self.val_batches(), verbose=0, return_dict=True)
        return float(np.asarray(loss_in(dict(logs), self.job.loss_keys)))

    def can_evaluate(self, error: Exception) -> bool:
        """Whether an engine that raised is to blame; if `evaluate` raises too, validation is given up."""
        job = self.job
        try:
            self.start_from(0)
            self.evaluate()
        except Exception:  # noqa: BLE001  a script's own test_step may raise anything; training can still be probed
            reason = (str(error).strip().splitlines() or [""])[0][:200]
            seen = (
                "in what test_step returns"
                if isinstance(error, NoLoss)
                else f"evaluating raised {type(error).__name__}"
            )
            job.val_source = f"none: {seen}: {reason}"
            job.val = None
            return False
        return True

    @cached_property
    def _other_weights(self) -> OtherWeights:
        return OtherWeights(self.job.model.weights, self.job.fresh_weights(), self.job.copied_weights())

    def weights_seed(self, seed: int) -> int:
        """The seed whose initial weights a probe of this seed has: 0 where all have the script's own."""
        return seed if seed and self.job.fresh_weights() else 0

    def start_from(self, seed: int) -> None:
        """Sets everything that a training changes back, and every source of randomness to what the seed says."""
        import keras

        self.job.state.restore()
        self._python.restore()
        if self.weights_seed(seed):
            self._other_weights.write(seed)
        self._vary_draws(seed)
        backend = keras.backend.backend()
        if seed == 0:
            self.job.random.restore()
        else:
            random.seed(seed)
            np.random.seed(seed % 2**32)  # noqa: NPY002  scripts draw from the global generator
            if backend == "torch":
                import torch

                torch.manual_seed(seed)
        if backend == "tensorflow":
            self._draws.start_again()

    def _vary_draws(self, seed: int) -> None:
        """Makes layers draw other random numbers than with seed 0, which is the script's own."""
        for number, variable in enumerate(self._seeds):
            write(variable, varied_seed(self.job.state.value(variable), seed=seed, number=number))

    def rows(self, probe: Probe) -> Indices:
        """The samples of each step: of shape (steps, batch size), or (steps,) where whole elements are kept.

        Where a batch is smaller, `NO_SAMPLE` fills up its row.
        """
        job = self.job
        size = job.order.own_size if probe.batch_size == job.batch_size else probe.batch_size
        rows = job.order.rows(batch_size=size, steps=probe.steps, seed=probe.seed)
        return rows[:, 0] if job.train.whole_elements else rows

    def gap(self, steps: int, *, validate: bool) -> int | None:
        """Steps from one validation of a probe to the next; None when it has none."""
        return checkpoint_gap(steps) if validate and self.job.val is not None else None

    def fit(self, probe: Probe, recorder: CurveRecorder, *, validate: bool, callbacks: Sequence[Any] = ()) -> None:
        """Calls Keras's fit on the probe's batches, with epochs as long as the gaps between checkpoints.

        The job must be at the start of the probe; the recorder gets the numbers of each step.
        """
        rising = self.warm_up(probe)
        rises = (warm_up_callback(rising),) if rising.variables else ()
        self._fit(probe, recorder, (*rises, *callbacks), validate=validate)
        self._axis.keep_function(probe.optimizer)

    def null_losses(self, rows: Indices, *, seed: int = 0) -> list[float]:
        """The losses of batches, one after another at rate 0; another seed varies only what is drawn in the steps."""
        job = self.job
        probe = Probe(optimizer=SCRIPT, learning_rate=NULL_RATE, batch_size=job.batch_size, seed=0, steps=len(rows))
        probe = self.begin(probe)
        self._vary_draws(seed)
        recorder = CurveRecorder(steps=probe.steps, progress=lambda _: None)
        self._fit(probe, recorder, (), validate=False, rows=rows)
        self._axis.keep_function(probe.optimizer)
        return list(recorder.curve(has_norm=False).train_loss)

    def _fit(
        self,
        probe: Probe,
        recorder: CurveRecorder,
        callbacks: Sequence[Any],
        *,
        validate: bool,
        rows: Indices | None = None,
    ) -> None:
        job, model = self.job, self.job.model
        between = self.gap(probe.steps, validate=validate)
        gap = between or probe.steps
        with warnings.catch_warnings(), self.step.recording():
            warnings.simplefilter("ignore")
            job.fit(
                model,
                self.batches(probe) if rows is None else self._batches(rows),
                epochs=math.ceil(probe.steps / gap),
                steps_per_epoch=gap,
                validation_data=self.val_batches() if between is not None else None,
                callbacks=[
                    *callbacks,
                    recording_callback(
                        recorder, stray_metrics=self.stray_metrics, carried=self.carried, keys=job.loss_keys
                    ),
                ],
                shuffle=False,
                verbose=0,
            )

    def batches(self, probe: Probe) -> Any:
        """The batches of a probe as fit takes them."""
        return self._batches(self.rows(probe))

    def _batches(self, rows: Indices) -> Any:
        return batches(self.job.train, rows, fixed=bool(self.job.batch_size_fixed))

    def val_batches(self) -> Any:
        """The validation samples as fit takes them."""
        job = self.job
        assert job.val is not None
        count = len(job.val)
        whole = job.val.whole_elements
        rows = np.arange(count, dtype=np.int64) if whole else rows_of(count, validation_batch(job))
        return batches(job.val, rows, fixed=bool(job.batch_size_fixed))


def _carried(model: Any, seeds: Sequence[Any], variables: Sequence[Any]) -> list[Any]:
    """Variables other than metrics that a forward pass may change: states of layers and of random generators.

    The moving averages of batch normalisation change in training only. `variables` are all that the job keeps.
    """
    import keras

    metrics, known = metric_variables(model), {id(variable) for variable in variables}
    layers = [layer for layer in model._flatten_layers() if not isinstance(layer, keras.layers.BatchNormalization)]  # noqa: SLF001
    own = [variable for layer in layers for variable in layer._non_trainable_variables]  # noqa: SLF001  frozen ones are elsewhere
    own += [value for layer in layers for value in _held(layer) if id(value) in known]
    found = {id(variable): variable for variable in (*own, *seeds) if id(variable) not in metrics}
    return list(found.values())


def _held(layer: Any) -> list[Any]:
    """What a layer holds without counting it as a weight, as Keras's recurrent layers do with their states."""
    values = [value for item in vars(layer).values() for value in (item if isinstance(item, list | tuple) else (item,))]
    weights = {id(weight) for weight in layer.weights}
    return [value for value in values if id(value) not in weights]


def checkpoint_gap(steps: int) -> int:
    """Steps from one validation to the next in a probe of `steps` steps."""
    return math.ceil(steps / min(max(CHECKPOINTS, steps // STEPS_BETWEEN), MOST_CHECKPOINTS))


def _breaks_weights(null: Curve) -> bool:
    """Whether an optimizer makes weights that are not finite at rate zero, as Ftrl does."""
    return null.first_nonfinite_weight is not None and null.first_nonfinite_loss != 1


def validation_batch(job: Job) -> int:
    """Samples in a batch of the validation, all but the last of one size."""
    assert job.val is not None
    even = math.ceil(len(job.val) / math.ceil(len(job.val) / VALIDATION_BATCH))
    return job.batch_size if job.batch_size_fixed else even


def varied_seed(kept: Any, *, seed: int, number: int) -> Any:
    """The state of a seed generator for a probe's seed; seed 0 keeps the script's own."""
    if seed == 0:
        return kept
    drawn = np.random.Generator(np.random.PCG64([seed, number])).integers(0, 2**31, size=kept.shape)
    return drawn.astype(kept.dtype)
