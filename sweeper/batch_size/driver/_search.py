"""The batch-size search of a run: trial after trial, each kept before the next begins."""

from collections.abc import Callable
from dataclasses import replace

from sweeper.batch_size.driver._findings import fails_at_every_size, findings_of
from sweeper.batch_size.driver._limits import device_limit, host_limit
from sweeper.batch_size.driver._lines import describe_begun, describe_searched, describe_trial
from sweeper.batch_size.driver._problem import problem_of
from sweeper.batch_size.driver._record import MemoryRecord
from sweeper.batch_size.driver._trials import TrialOrder, TrialRunner
from sweeper.batch_size.sizing import (
    Problem,
    advise,
    error_of_script,
    fit_memory,
    next_trial,
    precision_comparison,
)
from sweeper.batch_size.values import MemoryLimit, MemoryReport, Trial
from sweeper.events import AbstractView, MemorySearched, Note, TrialBegun, TrialDone, Waiting
from sweeper.execute import AbstractLauncher, Slot, StopLevel, Timeouts
from sweeper.findings import Finding
from sweeper.memory import FitFacts
from sweeper.probes import OutcomeKind
from sweeper.protocol import Start
from sweeper.record import RunDirectory
from sweeper.settings import Settings
from sweeper.trial import Stage, TrialMeasured, TrialRequest

_TRIES = 2
"""Times that a trial may take the driver with it before its size counts as too large."""


class MemorySearch:
    """Finds the largest batch size that fits, and the one to use."""

    def __init__(
        self,
        *,
        directory: RunDirectory,
        settings: Settings,
        view: AbstractView,
        slot: Slot,
        launcher: AbstractLauncher,
        stop_level: Callable[[], StopLevel],
    ) -> None:
        self._record = MemoryRecord(run=directory.path)
        self.report = self._record.report()
        """What was found, as far as the trials tell; None before the first."""
        self.complete = self.report is not None
        self.findings: tuple[Finding, ...] = ()
        self._logs = directory.logs
        self._settings = settings
        self._view = view
        self._slot = slot
        self._launcher = launcher
        self._stop_level = stop_level
        self._host = host_limit(settings.memory_limit_bytes)
        self._trials = list(self._record.trials())
        self._problem: Problem | None = None
        if (known := self._record.start()) is not None:
            self._problem = problem_of(*known, self._settings)

    def run(self, start: Start) -> None:
        """Runs trials until the search is over or the user stops it; sets `report` and `findings`."""
        if not self.complete:
            self._record.prepare()
            self._view.show(Waiting(text=f"running {self._settings.target} up to its fit call for a memory trial"))
            while self._run_next(start):
                pass
        if self.complete and self.report is not None:
            self.findings = findings_of(self.report)
        elif self._trials and self._problem is not None:
            self.report = self._reported(self._problem)

    def _run_next(self, start: Start) -> bool:
        """Runs the next trial; whether there may be another."""
        request = None if self._problem is None else next_trial(self._problem, self._trials)
        if self._problem is not None and request is None:
            self._finish(self._problem)
            return False
        number = len(self._trials) + 1
        begun = self._record.begin_trial(number)
        if request is not None and begun >= _TRIES:
            self._keep(_took_the_driver_along(number, request))
            return True
        precision = request.precision if request is not None and request.precision else self._settings.precision
        ended = self._runner().run(
            replace(start, precision=precision), number=number, decide=lambda facts: self._decide(number, facts)
        )
        if not isinstance(ended, Trial):
            self._record.end_trial(number)
            self.findings = ended or ()
            return False
        self._keep(ended)
        return True

    def _decide(self, number: int, facts: FitFacts) -> TrialOrder:
        """The trial to run, once the fit call is reached; the first one makes the problem known."""
        if self._problem is None:
            limit = self._limit_for(facts)
            self._record.save_start(limit, facts)
            self._problem = problem_of(limit, facts, self._settings)
        request = next_trial(self._problem, self._trials)
        assert request is not None
        limit = self._problem.limit
        self._view.show(TrialBegun(text=describe_begun(number, request)))
        return TrialOrder(request=request, limit=limit)

    def _limit_for(self, facts: FitFacts) -> MemoryLimit:
        if facts.device == "cpu":
            return self._host
        gpu = self._slot.device.removeprefix("gpu ")
        asked = self._settings.memory_limit_bytes
        return device_limit(asked, told=facts.device_limit_bytes, gpu=gpu) or self._host

    def _runner(self) -> TrialRunner:
        return TrialRunner(
            self._launcher,
            slot=self._slot,
            logs=self._logs,
            timeouts=Timeouts(start=self._settings.start_timeout_s, probe=self._settings.probe_timeout_s),
            host=self._host,
            stop_level=self._stop_level,
            note=lambda text: self._view.show(Note(text=text)),
        )

    def _keep(self, trial: Trial) -> None:
        assert self._problem is not None
        self._record.save_trial(trial)
        self._trials.append(trial)
        self._view.show(TrialDone(text=describe_trial(trial, self._problem.limit)))

    def _finish(self, problem: Problem) -> None:
        if (failed := error_of_script(self._trials)) is not None:
            self.findings = (fails_at_every_size(failed, problem.facts),)
            return
        self.report = self._reported(problem)
        self.complete = True
        self._record.save_report(self.report)
        self._view.show(MemorySearched(text=describe_searched(self.report)))

    def _reported(self, problem: Problem) -> MemoryReport:
        trials = tuple(self._trials)
        return MemoryReport(
            limit=problem.limit,
            headroom=problem.headroom,
            facts=problem.facts,
            trials=trials,
            fit=fit_memory(problem, trials),
            advice=advise(problem, trials),
            precision=precision_comparison(problem, trials, verdicts_same=0, verdicts_compared=0),
        )


def _took_the_driver_along(number: int, request: TrialRequest) -> Trial:
    """A trial whose process and the driver's were both ended each time it ran."""
    measured = TrialMeasured(
        kind=OutcomeKind.OOM,
        stage=Stage.TRAINING,
        start_bytes=0,
        peak_bytes=None,
        steady_peak_bytes=None,
        host_peak_bytes=None,
        steps=0,
        cause=f"sweeper itself was ended {_TRIES} times during this trial, as a container does that runs out of memory",
    )
    return Trial(number=number, request=request, measured=measured, seconds=0.0)
