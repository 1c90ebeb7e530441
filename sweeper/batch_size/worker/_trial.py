"""One memory trial: the script's own fit for a few steps at one batch size, in a process that ends with it."""

import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

from sweeper.batch_size.worker._extras import Alive, measure_extras
from sweeper.batch_size.worker._fit_facts import build_model, fit_facts
from sweeper.batch_size.worker._watch import Watch, watching_callback
from sweeper.capture import (
    Call,
    Interception,
    Overlay,
    OwnFit,
    ShortFit,
    accumulate,
    came_from_callback,
    headline,
    own_traceback,
)
from sweeper.engines import MemoryMeter
from sweeper.job import Change
from sweeper.probes import OutcomeKind
from sweeper.protocol import AtStage, Looked, RunTrial
from sweeper.trial import Stage, TrialMeasured, TrialRequest
from sweeper.worker import Link, is_out_of_memory, leave, may_be_out_of_memory

LEAST_STEPS = 3
"""Steps of a trial at least, however long they take: memory still grows in the second."""
MOST_SECONDS = 15.0
"""Seconds after the first step in which a trial trains; then its fit is ended."""
_OOM_SCORE = Path("/proc/self/oom_score_adj")
_FIRST_TO_GO = "1000"
"""Where the kernel must end a process for memory, it takes this one and not the driver (Linux, proc(5))."""


class NothingTrained(Exception):
    """The fit returned without a single step."""


def run_trial(
    link: Link, interception: Interception, call: Call, *, scratch: Path, before: tuple[Change, ...], alive: Alive
) -> NoReturn:
    """Looks at the fit call, tells the facts, runs the trial that the driver asks for, and ends the process."""
    import keras

    meter = MemoryMeter()
    own = OwnFit(call)
    build_model(own)
    link.send(Looked(facts=fit_facts(own, before=before)))
    order = link.receive()
    assert isinstance(order, RunTrial)
    _go_first()
    # A filtered traceback does not show whether a callback raised.
    keras.config.disable_traceback_filtering()
    Overlay(scratch).install()
    interception.inside_fit = True
    trial = TrialStages(own, order.request, meter, at_stage=lambda stage: link.send(AtStage(stage=stage)), alive=alive)
    measured = trial.measure()
    link.send(measured)
    if measured.kind is OutcomeKind.COMPLETED:
        link.send(measure_extras(own, order.request, interception, main=trial.main, steps=trial.steps, alive=alive))
    leave(0)


def _go_first() -> None:
    try:
        _OOM_SCORE.write_text(_FIRST_TO_GO)
    except OSError:
        return


class TrialStages:
    """Runs the stages of one trial, in their order."""

    def __init__(
        self,
        own: OwnFit,
        request: TrialRequest,
        meter: MemoryMeter,
        *,
        at_stage: Callable[[Stage], None],
        alive: Alive,
    ) -> None:
        self.steps = 0
        self.main: Watch | None = None
        """What was seen of the training of full batches."""
        self._own = own
        self._request = request
        self._meter = meter
        self._at_stage = at_stage
        self._alive = alive
        self._stage = Stage.START

    def measure(self) -> TrialMeasured:
        """Runs all stages; an error ends the trial and is part of what was measured."""
        size = self._request.batch_size
        try:
            if self._request.accumulation > 1:
                accumulate(self._own.call.model, self._request.accumulation)
            self._train()
            if self.main is None or not self.main.whole_passes:
                self._alone(Stage.PARTIAL_BATCH, lambda: self._own.partial(size))
            self._alone(Stage.LARGEST_SAMPLES, lambda: self._own.copies(size))
            self._enter(Stage.DONE)
        except BaseException as error:  # noqa: BLE001  whatever the training raises is what the trial found
            traceback.print_exc()
            return self._measured(error)
        return self._measured(None)

    def _train(self) -> None:
        """The training with its validation, once more without the script's callbacks if one of them raises."""
        try:
            self._fit_main(own_callbacks=True)
        except Exception as error:
            if not came_from_callback(error) or may_be_out_of_memory(error):
                raise
            traceback.print_exc()
            _log("one of the script's callbacks does not tolerate a shortened fit; the trial goes on without them")
            self._fit_main(own_callbacks=False)
        if not self.steps:
            raise NothingTrained(f"the data gives no batch of {self._request.batch_size} samples")

    def _fit_main(self, *, own_callbacks: bool) -> None:
        self._enter(Stage.TRAINING)
        # A step that updates, and some after it.
        least = LEAST_STEPS if self._request.accumulation == 1 else self._request.accumulation + LEAST_STEPS
        fit = self._own.main(self._request.batch_size, least_steps=least)
        self.main = self._run(fit, least_steps=least, own_callbacks=own_callbacks, at_stage=self._enter)

    def _alone(self, stage: Stage, make: Callable[[], ShortFit | None]) -> None:
        """Runs a stage on batches made for it; where the script may never meet such batches, only memory counts."""
        certain = False
        try:
            fit = make()
            if fit is not None:
                self._enter(stage)
                certain = fit.certain
                self._run(fit, least_steps=LEAST_STEPS, own_callbacks=False, at_stage=lambda _: None)
        except Exception as error:
            if certain or may_be_out_of_memory(error):
                raise
            traceback.print_exc()
            _log(f"the trial goes on without {stage.value}")

    def _run(self, fit: ShortFit, *, least_steps: int, own_callbacks: bool, at_stage: Callable[[Stage], None]) -> Watch:
        before = self.steps
        watch = Watch(
            fit,
            least_steps=least_steps,
            most_seconds=MOST_SECONDS,
            alive=lambda steps: self._alive(before + steps),
            at_stage=at_stage,
            after_first=self._after_first,
        )
        try:
            self._own.run(fit, watching_callback(watch), own_callbacks=own_callbacks)
        finally:
            self.steps = before + watch.steps
        return watch

    def _after_first(self) -> None:
        if self._meter.steady_peak_bytes is None:
            self._meter.steady_begins()

    def _enter(self, stage: Stage) -> None:
        if stage is not self._stage:
            self._stage = stage
            self._at_stage(stage)

    def _measured(self, error: BaseException | None) -> TrialMeasured:
        kind = OutcomeKind.COMPLETED
        if error is not None:
            kind = OutcomeKind.OOM if is_out_of_memory(error) else OutcomeKind.ERROR
        return TrialMeasured(
            kind=kind,
            stage=self._stage,
            start_bytes=self._meter.start_bytes,
            peak_bytes=self._meter.peak_bytes,
            steady_peak_bytes=self._meter.steady_peak_bytes,
            host_peak_bytes=self._meter.host_peak_bytes,
            steps=self.steps,
            cause=headline(error) if error is not None else "",
            log_tail=own_traceback(error, at=self._own.call.at) if error is not None else "",
        )


def _log(text: str) -> None:
    """Writes to the worker's log."""
    print(f"sweeper: {text}", file=sys.stderr, flush=True)  # noqa: T201  the log is where the script prints too
