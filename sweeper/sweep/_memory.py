"""The batch-size search of a run: trial after trial, each kept before the next begins."""

from dataclasses import replace

from sweeper.batch_size.sizing import (
    Problem,
    advise,
    batch_axis,
    error_of_script,
    fit_memory,
    next_trial,
    peak_at,
    precision_comparison,
    upper_peak_at,
)
from sweeper.events import AbstractView, MemorySearched, Note, TrialBegun, TrialDone, Waiting
from sweeper.execute import AbstractLauncher, Slot, Timeouts, TrialOrder, TrialRunner, device_limit, host_limit
from sweeper.findings import FIT_FAILS, GPU_SHARED, NO_BATCH_SIZE_FITS, OWN_BATCH_TOO_LARGE, Finding
from sweeper.memory import FitFacts, MemoryFit, MemoryLimit, MemoryReport
from sweeper.probes import OutcomeKind
from sweeper.protocol import Start
from sweeper.record import RunDirectory
from sweeper.results import MemoryBand, Results
from sweeper.settings import BatchSearch, Settings
from sweeper.space import SCRIPT
from sweeper.sweep._stop import StopSwitch
from sweeper.text import bytes_text
from sweeper.trial import Stage, Trial, TrialMeasured, TrialRequest

HEADROOM = 0.1
"""Part of the memory that stays free: a long job meets moments that a short trial does not."""
HEADROOM_XLA = 0.15
"""The same under XLA, which wants its temporary memory in one piece."""
_BAND_POINTS = 24
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
        switch: StopSwitch,
        slot: Slot,
        launcher: AbstractLauncher,
    ) -> None:
        self.report = directory.memory.report()
        """What was found, as far as the trials tell; None before the first."""
        self.complete = self.report is not None
        self.findings: tuple[Finding, ...] = ()
        self._directory = directory
        self._settings = settings
        self._view = view
        self._switch = switch
        self._slot = slot
        self._launcher = launcher
        self._host = host_limit(settings.memory_limit_bytes)
        self._trials = list(directory.memory.trials())
        self._problem: Problem | None = None
        if (known := directory.memory.start()) is not None:
            self._problem = self._problem_of(*known)

    def run(self, start: Start) -> None:
        """Runs trials until the search is over or the person stops it; sets `report` and `findings`."""
        if not self.complete:
            self._view.show(Waiting(text=f"running {self._settings.target} up to its fit call for a memory trial"))
            while self._run_next(start):
                pass
        if self.complete and self.report is not None:
            self.findings = findings_of(self.report)
        elif self._trials and self._problem is not None:
            self.report = self._reported(self._problem)

    @property
    def compared_precision(self) -> str | None:
        """The precision whose verdicts are to be compared with the script's own; None for none."""
        return self._problem.precision if self._problem is not None and self.complete else None

    def compare_verdicts(self, own: Results, other: Results) -> None:
        """Adds to the report at how many rates two runs say the same of the script's own optimizer."""
        assert self._problem is not None
        assert self.report is not None
        theirs = _verdicts(other)
        pairs = [(verdict, theirs[cell]) for cell, verdict in _verdicts(own).items() if cell in theirs]
        same = sum(ours == their for ours, their in pairs)
        comparison = precision_comparison(self._problem, self._trials, verdicts_same=same, verdicts_compared=len(pairs))
        self.report = replace(self.report, precision=comparison)
        self._directory.memory.save_report(self.report)

    def batch_sizes(self) -> tuple[int, ...]:
        """The batch-size axis that the search found; empty when no size fits."""
        assert self.report is not None
        advice = self.report.advice
        if self._settings.batch_sizes is BatchSearch.AUTO:
            return batch_axis(advice, self.report.facts)
        return () if advice.recommended is None else (advice.recommended,)

    def _run_next(self, start: Start) -> bool:
        """Runs the next trial; whether there may be another."""
        request = None if self._problem is None else next_trial(self._problem, self._trials)
        if self._problem is not None and request is None:
            self._finish(self._problem)
            return False
        number = len(self._trials) + 1
        begun = self._directory.memory.begin_trial(number)
        if request is not None and begun >= _TRIES:
            self._keep(_took_the_driver_along(number, request))
            return True
        precision = request.precision if request is not None and request.precision else self._settings.precision
        ended = self._runner().run(
            replace(start, precision=precision), number=number, decide=lambda facts: self._decide(number, facts)
        )
        if not isinstance(ended, Trial):
            self._directory.memory.end_trial(number)
            self.findings = ended or ()
            return False
        self._keep(ended)
        return True

    def _decide(self, number: int, facts: FitFacts) -> TrialOrder:
        """The trial to run, once the fit call is reached; the first one makes the problem known."""
        if self._problem is None:
            limit = self._limit_for(facts)
            self._directory.memory.save_start(limit, facts)
            self._problem = self._problem_of(limit, facts)
        request = next_trial(self._problem, self._trials)
        assert request is not None
        limit = self._problem.limit
        self._view.show(TrialBegun(number=number, request=request, limit=limit))
        return TrialOrder(request=request, limit=limit)

    def _limit_for(self, facts: FitFacts) -> MemoryLimit:
        if facts.device == "cpu":
            return self._host
        gpu = self._slot.device.removeprefix("gpu ")
        asked = self._settings.memory_limit_bytes
        return device_limit(asked, told=facts.device_limit_bytes, gpu=gpu) or self._host

    def _problem_of(self, limit: MemoryLimit, facts: FitFacts) -> Problem:
        settings = self._settings
        headroom = settings.headroom
        if headroom is None:
            headroom = HEADROOM_XLA if facts.xla else HEADROOM
        return Problem(
            limit=limit,
            headroom=headroom,
            facts=facts,
            max_batch_size=settings.max_batch_size,
            effective_batch=settings.effective_batch,
            other_limits=settings.other_limits_bytes,
            precision=other_precision(facts) if settings.compare_precision else None,
        )

    def _runner(self) -> TrialRunner:
        return TrialRunner(
            self._launcher,
            slot=self._slot,
            logs=self._directory.logs,
            timeouts=Timeouts(start=self._settings.start_timeout_s, probe=self._settings.probe_timeout_s),
            host=self._host,
            stop_level=lambda: self._switch.level,
            note=lambda text: self._view.show(Note(text=text)),
        )

    def _keep(self, trial: Trial) -> None:
        assert self._problem is not None
        self._directory.memory.save_trial(trial)
        self._trials.append(trial)
        self._view.show(TrialDone(trial=trial, limit=self._problem.limit))

    def _finish(self, problem: Problem) -> None:
        if (failed := error_of_script(self._trials)) is not None:
            self.findings = (_fails_at_every_size(failed, problem.facts),)
            return
        self.report = self._reported(problem)
        self.complete = True
        self._directory.memory.save_report(self.report)
        self._view.show(MemorySearched(report=self.report))

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


def _verdicts(results: Results) -> dict[tuple[int, float], str | None]:
    """What the results of a run say of the script's own optimizer, by batch size and rate."""
    return {
        (row.batch_size, cell.learning_rate): cell.verdict or cell.failed
        for row in results.rows
        if row.optimizer == SCRIPT
        for cell in row.cells
    }


def other_precision(facts: FitFacts) -> str | None:
    """The mixed precision to compare a job with; None when it is mixed already."""
    if "mixed" in facts.precision:
        return None
    return "mixed_bfloat16" if facts.device == "cpu" else "mixed_float16"


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


def _fails_at_every_size(trial: Trial, facts: FitFacts) -> Finding:
    measured = trial.measured
    again = " and at half of it, so memory is not the reason" if trial.request.batch_size > 1 else ""
    return FIT_FAILS.found(
        title=f"{FIT_FAILS.title}: {measured.cause}",
        evidence=f"It failed at batch size {trial.request.batch_size:,}{again}, during {measured.stage.value}.\n"
        f"{measured.log_tail}".rstrip(),
        location=facts.fit_site,
        remedy="No batch size can fix this: the model, the data or the compile settings do not fit together.",
    )


def findings_of(report: MemoryReport) -> tuple[Finding, ...]:
    """What the person should know of a batch-size search beside its numbers."""
    found = []
    if report.advice.largest_that_fits is None:
        found.append(_nothing_fits(report))
    elif (own := _own_size_failed(report)) is not None:
        found.append(own)
    if report.limit.others:
        found.append(
            GPU_SHARED.found(
                evidence=report.limit.others,
                remedy="The sizes hold for what was left free; end those processes and search again for more.",
            )
        )
    return tuple(found)


def _nothing_fits(report: MemoryReport) -> Finding:
    smallest = min(report.trials, key=lambda trial: trial.request.batch_size)
    return NO_BATCH_SIZE_FITS.found(
        title=f"no batch size fits into {bytes_text(report.limit.limit_bytes)}",
        evidence=f"Batch size {smallest.request.batch_size}: {smallest.measured.cause}, during "
        f"{smallest.measured.stage.value}. The limit is: {report.limit.source}.",
        location=report.facts.fit_site,
        remedy="Make the model or its inputs smaller, use mixed precision, or give it more memory (--memory-limit).",
    )


def _own_size_failed(report: MemoryReport) -> Finding | None:
    own = report.facts.batch_size
    failed = [trial for trial in report.trials if trial.request.batch_size <= own and not trial.passed]
    largest = report.advice.largest_that_fits
    if not failed or largest is None or largest >= own:
        return None
    trial = failed[0]
    return OWN_BATCH_TOO_LARGE.found(
        title=f"the script's own batch size of {own} does not fit into {bytes_text(report.limit.limit_bytes)}",
        evidence=f"Batch size {trial.request.batch_size}: {trial.measured.cause}, during {trial.measured.stage.value}.",
        location=report.facts.fit_site,
        remedy=f"Use a batch size of at most {largest}.",
    )


def memory_band(report: MemoryReport) -> tuple[MemoryBand, ...]:
    """What the fit predicts at sizes evenly spread over the axis of a figure."""
    fit = report.fit
    if fit is None:
        return ()
    tried = [trial.request.batch_size for trial in report.trials]
    low, high = min(tried), max(tried)
    steps = [low * (high / low) ** (i / _BAND_POINTS) for i in range(_BAND_POINTS + 1)]
    return tuple(_predicted(fit, size) for size in sorted({round(step) for step in steps}))


def _predicted(fit: MemoryFit, size: int) -> MemoryBand:
    peak, high = peak_at(fit, size), upper_peak_at(fit, size)
    return MemoryBand(batch_size=size, peak_bytes=peak, low_bytes=2 * peak - high, high_bytes=high)
