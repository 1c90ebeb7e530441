"""The callbacks of a script's fit call: called up to the first step, then without training to see what they change.

Up to the first step they are called for real: what they assign, load or make there belongs to the start of every probe.
From there on they are called without training, twice: with losses that fall and with losses that stay. Where both
agree, the highest rate is the script's own, and other variables are set in probes as the callbacks set them. What else
they change is said.
"""

import sys
import warnings
from collections.abc import Sequence
from types import ModuleType
from typing import Any

import numpy as np

from sweeper.capture._callback_words import (
    cannot_run_finding,
    effect_finding,
    flags_finding,
    logs_finding,
    search_finding,
    variable_name,
)
from sweeper.capture._callbacks import may_change_training, runs_at_begin_only
from sweeper.capture._dry_run import CallbackCalls, DryRun, Track
from sweeper.capture._job import Job
from sweeper.capture._kept_objects import KeptObjects
from sweeper.capture._layers import metric_variables, runs_eagerly, same_weights_train
from sweeper.capture._no_side_effects import ProcessEnded, no_side_effects
from sweeper.capture._optimizers import rate_variable
from sweeper.capture._python_state import is_own_module
from sweeper.capture._scheduled import (
    ScheduledVariable,
    has_schedule,
    rate_course,
    rate_words,
    scheduled_from_values,
    six_digits,
    unknown_for_others,
)
from sweeper.capture._sites import is_of_keras
from sweeper.capture._state import is_seed_state, live_variables, read
from sweeper.capture._training_reads import TrainingReads

FALLING_SECONDS = 7.0
"""Longest time for the callbacks of a whole training, with losses that fall."""
CONSTANT_SECONDS = 3.0
"""Longest time for the callbacks of a whole training, with losses that stay the same."""
MOST_ATTRIBUTES = 5
"""Attributes that are named."""


class CallbackRaised(Exception):
    """A callback of the script raised before the first step of its training."""

    def __init__(self, callback: Any, method: str, error: BaseException) -> None:
        super().__init__(f"{type(callback).__name__}.{method} raised {type(error).__name__}: {error}")
        self.callback = callback
        self.method = method
        self.error = error


class _Beginning(CallbackCalls):
    """The calls of callbacks before the first step: what a callback raises here, fit raises too."""

    def failed(self, callback: Any, method: str, error: Exception) -> None:
        raise CallbackRaised(callback, method, error) from error


class ScriptCallbacks:
    """The callbacks of a job that may change what is trained."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._running = [callback for callback in job.callbacks if may_change_training(callback)]
        self._own = KeptObjects(self._running)
        self._history: list[Any] = []

    def begin(self) -> None:
        """Makes the callbacks' calls up to the first step; raises `CallbackRaised`."""
        job, model = self._job, self._job.model
        if not self._running:
            return
        before = _Beginning(model, self._running, job.course)
        try:
            with no_side_effects(), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self._introduce()
                model.stop_training = False
                before.callbacks += self._history
                before.begin()
                if getattr(model, "_initial_epoch", None):
                    job.course = job.course.from_epoch(int(model._initial_epoch))  # noqa: SLF001  what fit goes on from
                    model._initial_epoch = None  # noqa: SLF001  else probes would go on from there
                before.callbacks = self._later()
                before.begin_epoch(job.course.first)
        except (ProcessEnded, SystemExit) as error:
            raise CallbackRaised(self._running[0], before.touches.doing.rpartition(".")[2], error) from error
        finally:
            model.stop_training = False
        job.compiled = model.optimizer

    def look_ahead(self) -> None:
        """Stores in the job what the callbacks do after the first step; its optimizers must be known.

        All variables and everything of the callbacks are set back. Another worker than the one that captured the job
        takes over what that one has seen, so that probes are the same in both.
        """
        job = self._job
        if job.foreseen is not None:
            scheduled = scheduled_from_values(job.foreseen["driven"], job.state.variables)
            if scheduled is not None and len(job.foreseen["rates"]) == len(job.rates):
                job.scheduled, job.rates = scheduled, list(job.foreseen["rates"])
                return
        if self._running:
            moved = {id(variable) for variable in job.state.variables if _has_moved(variable, job)}
            job.model.stop_training = False
            reads = TrainingReads(job, self._running)
            kept = KeptObjects(
                [*self._running, *self._history, *_trained_objects(job), *_own_modules(), *reads.holders()]
            )
            try:
                falling = self._dry_run(moved, reads, falling=True, seconds=FALLING_SECONDS)
                self._report_attributes(kept, reads.report())
                self._set_back(kept, reads)
                constant = self._dry_run(moved, reads, falling=False, seconds=CONSTANT_SECONDS)
            finally:
                self._set_back(kept, reads)
                self._own.restore()
            # The one that went further shows more; losses of a certain height may have ended the other.
            longer = constant.complete and constant.last > falling.last
            self._conclude(*((constant, falling) if longer else (falling, constant)), reads)
        self._report_rest()

    def _introduce(self) -> None:
        import keras

        job = self._job
        params = {"verbose": 0, "epochs": job.course.epochs, "steps": job.course.steps}
        given = [item for item in job.callbacks if isinstance(item, keras.callbacks.History)]
        self._history = [given[0] if given else keras.callbacks.History()]
        for callback in [*self._running, *self._history]:
            callback.set_params(params)
            callback.set_model(job.model)
        job.model.history = self._history[0]

    def _later(self) -> list[Any]:
        """The callbacks that have something to do after training has begun."""
        return [item for item in [*self._running, *self._history] if not runs_at_begin_only(item)]

    def _dry_run(self, moved: set[int], reads: TrainingReads, *, falling: bool, seconds: float) -> DryRun:
        job, model = self._job, self._job.model
        job.state.restore()
        job.random.restore()
        run = CallbackCalls(model, self._later(), job.course)
        metrics = metric_variables(model)
        rates = {id(rate_variable(optimizer)) for optimizer in job.optimizers}
        # Metrics and random states change in every validation, and what is trained does not depend on them.
        watched = [item for item in live_variables() if id(item) not in metrics and not is_seed_state(item)]
        run.watch(watched, moving=(moved | _trained(job)) - rates)
        names = list(dict.fromkeys(["loss", *[metric.name for metric in model.metrics]]))
        model.stop_training = False
        reads.begin()
        with same_weights_train(model), no_side_effects():
            return run.go_on(falling=falling, names=names, seconds=seconds)

    def _set_back(self, kept: KeptObjects, reads: TrainingReads) -> None:
        job = self._job
        kept.restore()
        reads.set_back()
        job.model.stop_training = False
        job.state.restore()

    def _conclude(self, run: DryRun, second: DryRun, reads: TrainingReads) -> None:
        """Stores in the job what both runs show together; `run` is the one that went further."""
        job = self._job
        # What lives in the other run only was made by a callback, or is gone: no training begins with it.
        both = (*second.changed(), *run.changed())
        found = {id(track.variable): track for track in both if id(track.variable) in run.tracks}
        rates = [id(rate_variable(optimizer)) for optimizer in job.optimizers]
        self._conclude_rates(run, second, rates)
        others: dict[str, list[Track]] = {}
        for place, track in found.items():
            if place in rates:
                continue
            one, other = run.tracks[place], second.tracks.get(place)
            if reads.has(track.variable):
                continue  # which is reported with the values of Python that the data reads
            if one.first is None:
                others.setdefault(track.by, []).append(track)
            elif has_schedule(one, other, run, second) and one.changes:
                scheduled = ScheduledVariable(
                    variable=one.variable, first=one.first, changes=_values(one, job), by=one.by
                )
                job.scheduled.append(scheduled)
            else:
                job.changed_by_callback(track.by, logs_finding(track, job.model))
        # What happens around a validation is undone after it.
        seen = [tracks for by, tracks in others.items() if not by.partition(".")[2].startswith("on_test")]
        for tracks in seen:
            job.changed_by_callback(tracks[0].by, effect_finding(tracks, job.course, job.model))
        if run.flags is not None:
            job.changed_by_callback(run.flags[0], flags_finding(*run.flags))
        for callback, method, epoch, error in run.raised:
            job.findings.append(cannot_run_finding(callback, method, job.course.first + epoch, error))

    def _conclude_rates(self, run: DryRun, second: DryRun, rates: Sequence[int]) -> None:
        job = self._job
        for number, place in enumerate(rates):
            track, other = run.tracks.get(place), second.tracks.get(place)
            if track is None or not (track.changes or (other is not None and other.changes)):
                continue
            found = rate_course(track, other, run, second, job.course)
            name = found.by.partition(".")[0]
            job.schedule = job.schedule or name
            job.rate_unknown = job.rate_unknown or found.unknown
            job.rates[number] = six_digits(found.peak)
            doubt = f"; {found.unknown}" if found.unknown else ""
            job.changed("learning rate", f"{name} sets it ({rate_words(found)}); probes train at constant rates{doubt}")
            if found.finder:
                job.findings.append(search_finding(found))
        job.rate_unknown = job.rate_unknown or unknown_for_others(run)

    def _report_attributes(self, kept: KeptObjects, told: Sequence[str]) -> None:
        """Reports what else the callbacks change in Python that reaches the training: its data, and eager steps."""
        import keras

        eager = (keras.Layer, keras.optimizers.Optimizer) if runs_eagerly(self._job.model) else ()
        kinds = (keras.utils.PyDataset, ModuleType, *eager)
        changes = []
        for item, name, before, after in kept.changed(kinds):
            holder = item.__name__ if isinstance(item, ModuleType) else type(item).__name__
            if name not in told and f"{holder}.{name}" not in told:
                changes.append(f"they change {holder}.{name} from {before!r} to {after!r}, which probes do not")
        for detail in changes[:MOST_ATTRIBUTES]:
            self._job.changed("callbacks", detail)

    def _report_rest(self) -> None:
        """Reports for every callback how it is treated."""
        job = self._job
        if job.course.first >= job.course.epochs:
            left = f"the fit call resumes after epoch {job.course.first} of {job.course.epochs}, so it trains no more"
            job.changed("epochs", f"{left}; probes train from there all the same")
        idle = [type(item).__name__ for item in job.callbacks if item not in self._running]
        if idle:
            job.changed("callbacks", f"{', '.join(idle)}: not called in probes; they change nothing that is trained")
        if "SwapEMAWeights" in idle:
            job.changed(
                "validation", "validation losses are those of the weights, not of their averages (SwapEMAWeights)"
            )
        if self._running:
            names = ", ".join(type(item).__name__ for item in self._running)
            job.changed(
                "callbacks", f"{names}: called up to the first step, from which every probe starts, and not after it"
            )
        for scheduled in job.scheduled:
            last = scheduled.changes[-1][2] if scheduled.changes else scheduled.first
            values = f"{_value_words(scheduled.first)} at first, {_value_words(last)} in the end"
            detail = (
                f"{variable_name(scheduled.variable, job.model)} is set in probes as {scheduled.by} sets it: {values}"
            )
            job.changed("callbacks", detail)


def _values(track: Track, job: Job) -> tuple[tuple[int, int, Any], ...]:
    """The changes of a variable; where the end of an epoch is not known, only those of the first one."""
    known = [(epoch, batch, value) for epoch, batch, value in track.changes if value is not None]
    return tuple(change for change in known if job.course.steps or change[0] == 0)


def _value_words(value: Any) -> str:
    numbers = [f"{number:.4g}" for number in np.asarray(value, np.float64).reshape(-1)[:4]]
    return numbers[0] if np.size(value) == 1 else f"[{', '.join(numbers)}{', ...' if np.size(value) > 4 else ''}]"  # noqa: PLR2004


def _has_moved(variable: Any, job: Job) -> bool:
    """Whether the steps at rate 0 have changed a variable."""
    return not np.array_equal(np.asarray(read(variable)), job.state.value(variable))


def _trained(job: Job) -> set[int]:
    """Variables that training changes by itself: weights, slots, the states of Keras's own layers."""
    model = job.model
    slots = [variable for optimizer in job.optimizers for variable in optimizer.variables]
    layers = [layer for layer in model._flatten_layers() if is_of_keras(type(layer))]  # noqa: SLF001
    states = [variable for layer in layers if layer is not model for variable in layer.variables]
    return {id(variable) for variable in (*model.trainable_variables, *slots, *states)}


def _trained_objects(job: Job) -> list[Any]:
    """The model, its layers and its optimizers, of Keras's own classes too: a callback may set their attributes."""
    return [job.model, *job.model._flatten_layers(), *job.optimizers]  # noqa: SLF001


def _own_modules() -> list[ModuleType]:
    return [module for module in list(sys.modules.values()) if is_own_module(module)]
