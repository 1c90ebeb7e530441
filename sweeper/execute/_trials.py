"""One memory trial in a fresh process, watched from outside: every way in which the process ends gives a result."""

import os
import selectors
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

import psutil

from sweeper.execute._base import StopLevel
from sweeper.execute._local import Retries, Timeouts
from sweeper.execute._output import with_output
from sweeper.execute._process import WorkerProcess, exit_words
from sweeper.execute._slots import Slot
from sweeper.findings import NO_BATCH_SIZE_FITS, SCRIPT_LEFT, Finding
from sweeper.memory import FitFacts, MemoryKind, MemoryLimit, Stage, Trial, TrialExtras, TrialMeasured, TrialRequest
from sweeper.probes import OutcomeKind
from sweeper.protocol import AtFit, AtStage, Failed, FromWorker, Look, Looked, RunTrial, Start
from sweeper.text import bytes_text

_LOOK_S = 0.02
"""Seconds between two looks at the memory: little more than a gigabyte can be filled in between."""
_GRACE_S = 0.5
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialOrder:
    """The trial to run, and the memory that it may take."""

    request: TrialRequest
    limit: MemoryLimit


OrderTrial: TypeAlias = Callable[[FitFacts], TrialOrder]
"""From the facts about the fit call to the trial; called once the process has reached it."""
TrialResult: TypeAlias = Trial | tuple[Finding, ...] | None
"""A trial; findings when the fit call was not reached; None when the person stopped it."""


class TrialRunner:
    """Runs trials on this machine, each in a process of its own."""

    def __init__(
        self,
        *,
        slot: Slot,
        logs: Path,
        timeouts: Timeouts,
        host: MemoryLimit,
        stop_level: Callable[[], StopLevel],
        note: Callable[[str], None],
    ) -> None:
        self._slot = slot
        self._logs = logs
        self._timeouts = timeouts
        self._host = host
        self._stop_level = stop_level
        self._note = note

    def run(self, start: Start, *, number: int, decide: OrderTrial) -> TrialResult:
        """Runs one trial; a process that something outside killed is started again."""
        for attempt in range(Retries().killed + 1):
            watched = _Watched(
                process=WorkerProcess(self._slot, start, self._logs / f"trial-{number:03d}.log"),
                host=self._host,
                timeouts=self._timeouts,
                decide=decide,
            )
            ended = watched.follow(number, self._stop_level)
            if not watched.killed_from_outside or attempt == Retries().killed:
                return ended
            self._note(f"something outside killed the process of trial {number}; it is tried again")
        raise AssertionError


class _Watched:
    """One worker process and what it has reported so far."""

    def __init__(self, *, process: WorkerProcess, host: MemoryLimit, timeouts: Timeouts, decide: OrderTrial) -> None:
        self.killed_from_outside = False
        self._process = process
        self._host = host
        self._timeouts = timeouts
        self._decide = decide
        self._began = time.monotonic()
        self._order: TrialOrder | None = None
        self._stage = Stage.START
        self._measured: TrialMeasured | None = None
        self._extras = TrialExtras()
        self._findings: tuple[Finding, ...] = ()
        self._peak = 0
        self._why_ended = ""

    def follow(self, number: int, stop_level: Callable[[], StopLevel]) -> TrialResult:
        """Follows the process until it has ended: reads its messages and watches its memory."""
        try:
            with selectors.DefaultSelector() as selector:
                selector.register(self._process.replies, selectors.EVENT_READ)
                while self._listen(selector) and not self._why_ended:
                    if stop_level() is not StopLevel.RUN:
                        return None
                    self._look_at_memory()
                    self._look_at_clock()
        finally:
            status = self._process.close(grace_s=0.0 if self._why_ended else _GRACE_S)
        return self._findings or self._trial(number, status)

    def _listen(self, selector: selectors.BaseSelector) -> bool:
        """Reads the messages that have arrived; returns whether more can come."""
        if not selector.select(_LOOK_S):
            return True
        messages = self._process.receive()
        for message in messages or ():
            self._take(message)
        return messages is not None

    def _take(self, message: FromWorker) -> None:
        match message:
            case AtFit():
                self._process.send(Look())
            case Looked():
                self._order = self._decide(message.facts)
                self._process.send(RunTrial(request=self._order.request))
            case AtStage():
                self._stage = message.stage
            case TrialMeasured():
                self._measured = self._within_limit(message)
            case TrialExtras():
                self._extras = message
            case Failed():
                self._findings = with_output(message, self._process.log_tail()).findings
            case _:
                pass

    def _look_at_memory(self) -> None:
        """Ends the process as soon as it exceeds the memory limit of the host, before the machine suffers."""
        held = resident_bytes(self._process.process.pid)
        self._peak = max(self._peak, held)
        if held > self._host_limit:
            self._why_ended = f"ended at {bytes_text(held)}: over the limit of {bytes_text(self._host_limit)}"

    @property
    def _host_limit(self) -> int:
        if self._order is not None and self._order.limit.kind is MemoryKind.HOST:
            return self._order.limit.limit_bytes
        return self._host.limit_bytes

    def _look_at_clock(self) -> None:
        now = time.monotonic()
        at_start = self._order is None
        limit = self._timeouts.start if at_start else self._timeouts.probe
        since = self._began
        if limit is None:
            limit, since = self._timeouts.silence, self._process.since
        if now - since > limit:
            what = "the fit call was not reached" if at_start else "no end of it"
            self._why_ended = f"{what} within {limit:.0f} s"

    def _trial(self, number: int, status: int) -> TrialResult:
        if self._order is None:
            return (self._not_reached(status),)
        return Trial(
            number=number,
            request=self._order.request,
            measured=self._measured or self._cut_off(status),
            extras=self._extras,
            seconds=time.monotonic() - self._began,
        )

    def _cut_off(self, status: int) -> TrialMeasured:
        """What was measured of a process that ended without a last message."""
        kind, cause = OutcomeKind.CRASHED, exit_words(status)
        if self._peak > self._host_limit:
            kind, cause = OutcomeKind.OOM, self._why_ended
        elif self._why_ended:
            kind, cause = OutcomeKind.TIMEOUT, self._why_ended
        elif self._process.was_killed_for_memory(status):
            kind, cause = OutcomeKind.OOM, "the kernel killed the process for memory"
        elif status == -signal.SIGKILL:
            self.killed_from_outside = True
        on_host = self._order is None or self._order.limit.kind is MemoryKind.HOST
        if kind is OutcomeKind.OOM and not on_host:
            cause += " (memory of the host, not of the GPU: a smaller shuffle or prefetch buffer may help)"
        return TrialMeasured(
            kind=kind,
            stage=self._stage,
            start_bytes=0,
            peak_bytes=self._peak if on_host else None,
            steady_peak_bytes=None,
            host_peak_bytes=self._peak,
            steps=0,
            cause=cause,
            log_tail="" if kind is OutcomeKind.OOM else self._process.log_tail(),
        )

    def _within_limit(self, measured: TrialMeasured) -> TrialMeasured:
        """The measurement with the highest peak that was seen, as out of memory where that exceeds the limit."""
        assert self._order is not None
        limit = self._order.limit
        own = measured.peak_bytes or 0
        # Processes that the script started for its data are seen from outside only.
        peak = max(own, self._peak) if limit.kind is MemoryKind.HOST else own
        measured = replace(measured, peak_bytes=peak or None)
        if measured.kind is not OutcomeKind.COMPLETED or peak <= limit.limit_bytes:
            return measured
        cause = f"its peak of {bytes_text(peak)} is over the limit of {bytes_text(limit.limit_bytes)}"
        return replace(measured, kind=OutcomeKind.OOM, cause=cause)

    def _not_reached(self, status: int) -> Finding:
        """The finding about a process that ended before the fit call."""
        measured = self._cut_off(status)
        if measured.kind is OutcomeKind.OOM:
            return NO_BATCH_SIZE_FITS.found(
                title="the script alone, before training begins, takes more memory than there is",
                evidence=measured.cause,
                remedy="Give it more with --memory-limit, or load less data at a time.",
            )
        return SCRIPT_LEFT.found(
            title=f"the script's process ended before training could begin: {measured.cause}",
            evidence=self._process.log_tail() or "It printed nothing.",
            remedy=f"Its whole output is in {self._process.log}. Run the script by itself; "
            "give its own arguments after -- if it needs any.",
        )


def resident_bytes(pid: int) -> int:
    """Resident memory of a process, with what its children hold for themselves; 0 when it is gone."""
    try:
        with open(f"/proc/{pid}/statm", encoding="ascii") as file:  # noqa: PTH123  read 50 times a second
            held = int(file.read().split()[1]) * _PAGE
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:  # noqa: PTH123
            if not file.read().strip():
                return held
        children = psutil.Process(pid).children(recursive=True)
        return held + sum(_own_bytes(child) for child in children)
    except (OSError, ValueError, IndexError, psutil.Error):
        return 0


def _own_bytes(process: psutil.Process) -> int:
    """Memory that only this process holds: pages shared with its parent are left to the parent's count."""
    try:
        return int(process.memory_full_info().uss)
    except psutil.Error:
        return 0
