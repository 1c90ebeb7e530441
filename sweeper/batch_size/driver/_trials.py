"""One memory trial in a fresh process, watched from outside: every way in which the process ends gives a result."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from sweeper.batch_size.values import MemoryLimit, Trial
from sweeper.execute import (
    AbstractLauncher,
    Ended,
    Pool,
    Retries,
    Slot,
    StopLevel,
    Timeouts,
    Worker,
    left_before_fit,
    with_output,
)
from sweeper.findings import NO_BATCH_SIZE_FITS, Finding
from sweeper.memory import FitFacts, MemoryKind
from sweeper.probes import OutcomeKind
from sweeper.protocol import AtFit, AtStage, Failed, FromWorker, Look, Looked, RunTrial, Start
from sweeper.text import bytes_text
from sweeper.trial import Stage, TrialExtras, TrialMeasured, TrialRequest

_RETRIES = Retries(crashed=0)
"""A crash of a trial is what it found."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialOrder:
    """The trial to run, and the memory that it may take."""

    request: TrialRequest
    limit: MemoryLimit


OrderTrial: TypeAlias = Callable[[FitFacts], TrialOrder]
"""From the facts about the fit call to the trial; called once the process has reached it."""
TrialResult: TypeAlias = Trial | tuple[Finding, ...] | None
"""A trial; findings when the fit call was not reached; None when the user stopped it."""


class TrialRunner:
    """Runs trials in the workers of a launcher, each in a process of its own."""

    def __init__(
        self,
        launcher: AbstractLauncher,
        *,
        slot: Slot,
        logs: Path,
        timeouts: Timeouts,
        host: MemoryLimit,
        stop_level: Callable[[], StopLevel],
        note: Callable[[str], None],
    ) -> None:
        self._launcher = launcher
        self._slot = slot
        self._logs = logs
        self._timeouts = timeouts
        self._host = host
        self._stop_level = stop_level
        self._note = note

    def run(self, start: Start, *, number: int, decide: OrderTrial) -> TrialResult:
        """Runs one trial; a process that something outside killed is started again."""
        with Pool(self._launcher, logs=self._logs, timeouts=self._timeouts, retries=_RETRIES) as pool:
            while True:
                worker = pool.begin(
                    self._slot, start, log=f"trial-{number:03d}.log", memory_limit=self._host.limit_bytes
                )
                watched = _Watched(pool, worker, decide=decide)
                ended = watched.follow(self._stop_level)
                if ended is None:
                    return None
                lost = ended.kind is OutcomeKind.CRASHED and not watched.has_result
                if not lost or not pool.may_try_again("trial", ended.exit):
                    return watched.result(number, ended)
                self._note(f"something outside killed the process of trial {number}; it is tried again")


class _Watched:
    """The worker of a trial and what it has reported so far."""

    def __init__(self, pool: Pool, worker: Worker, *, decide: OrderTrial) -> None:
        self._pool = pool
        self._worker = worker
        self._decide = decide
        self._order: TrialOrder | None = None
        self._stage = Stage.START
        self._measured: TrialMeasured | None = None
        self._extras = TrialExtras()
        self._findings: tuple[Finding, ...] = ()

    def follow(self, stop_level: Callable[[], StopLevel]) -> Ended | None:
        """Follows the process to its end; None when the user has stopped it."""
        while stop_level() is StopLevel.RUN:
            said = self._pool.next_said()
            if said is None:
                continue
            _, message = said
            if isinstance(message, Ended):
                return message
            self._take(message)
        return None

    @property
    def has_result(self) -> bool:
        """Whether the end of the process says nothing more."""
        return bool(self._findings) or self._measured is not None

    def result(self, number: int, ended: Ended) -> TrialResult:
        """What the trial found, once its process has ended."""
        if self._findings:
            return self._findings
        if self._order is None:
            return (self._not_reached(ended),)
        return Trial(
            number=number,
            request=self._order.request,
            measured=self._measured or self._cut_off(ended),
            extras=self._extras,
            seconds=time.monotonic() - self._worker.started,
        )

    def _take(self, message: FromWorker) -> None:
        match message:
            case AtFit():
                self._pool.send(self._worker, Look())
            case Looked():
                self._order = self._decide(message.facts)
                if self._order.limit.kind is MemoryKind.HOST:
                    self._worker.memory_limit = self._order.limit.limit_bytes
                self._worker.in_trial = True
                self._pool.send(self._worker, RunTrial(request=self._order.request))
            case AtStage():
                self._stage = message.stage
            case TrialMeasured():
                self._measured = self._within_limit(message)
            case TrialExtras():
                self._extras = message
            case Failed():
                self._findings = with_output(message, self._worker.log_tail).findings
            case _:
                pass

    def _cut_off(self, ended: Ended) -> TrialMeasured:
        """What was measured of a process that ended without a last message."""
        assert self._order is not None
        on_host = self._order.limit.kind is MemoryKind.HOST
        cause = ended.cause
        if ended.kind is OutcomeKind.OOM and not on_host:
            cause += " (memory of the host, not of the GPU: a smaller shuffle or prefetch buffer may help)"
        return TrialMeasured(
            kind=ended.kind,
            stage=self._stage,
            start_bytes=0,
            peak_bytes=self._worker.peak_bytes if on_host else None,
            steady_peak_bytes=None,
            host_peak_bytes=self._worker.peak_bytes,
            steps=0,
            cause=cause,
            log_tail="" if ended.kind is OutcomeKind.OOM else self._worker.log_tail,
        )

    def _within_limit(self, measured: TrialMeasured) -> TrialMeasured:
        """The measurement with the highest peak that was seen, as out of memory where that exceeds the limit."""
        assert self._order is not None
        limit = self._order.limit
        own = measured.peak_bytes or 0
        # Processes that the script started for its data are seen from outside only.
        peak = max(own, self._worker.peak_bytes) if limit.kind is MemoryKind.HOST else own
        measured = replace(measured, peak_bytes=peak or None)
        if measured.kind is not OutcomeKind.COMPLETED or peak <= limit.limit_bytes:
            return measured
        cause = f"its peak of {bytes_text(peak)} is over the limit of {bytes_text(limit.limit_bytes)}"
        return replace(measured, kind=OutcomeKind.OOM, cause=cause)

    def _not_reached(self, ended: Ended) -> Finding:
        """The finding about a process that ended before the fit call."""
        if ended.kind is OutcomeKind.OOM:
            return NO_BATCH_SIZE_FITS.found(
                title="the script alone, before training begins, takes more memory than there is",
                evidence=ended.cause,
                remedy="Give it more with --memory-limit, or load less data at a time.",
            )
        return left_before_fit(self._worker.log, ended.cause)
