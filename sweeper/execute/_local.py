"""Workers as child processes of the driver, one for each slot."""

import selectors
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

from sweeper.execute._base import AbstractExecutor, AbstractWork, StopLevel
from sweeper.execute._output import with_output
from sweeper.execute._process import WorkerProcess, exit_words
from sweeper.execute._slots import WORTH_A_WORKER, Slot
from sweeper.findings import SCRIPT_FAILED, SCRIPT_LEFT
from sweeper.memory import TrialExtras, TrialMeasured
from sweeper.probes import Outcome, OutcomeKind
from sweeper.protocol import (
    AtFit,
    AtStage,
    Captured,
    Diagnosed,
    Failed,
    FromWorker,
    Listed,
    Looked,
    ProbeEnded,
    Ready,
    RunProbe,
    SplitUp,
    Start,
    Step,
)

_TICK_S = 0.2
_GRACE_S = 0.5
_WORTH_STARTS = 2.0
"""Times that a worker takes to start within which those that run are done anyway: it slows them down meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """How long to wait, in seconds."""

    start: float
    """For the script to reach its fit call and be captured."""
    probe: float | None
    """For one probe, several at once have as many times longer; None is no limit as long as steps go on."""
    silence: float = 300.0
    """Without a step, when a probe has no limit of its own. Tracing a large model takes minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retries:
    """How often something is tried again after the process was lost."""

    killed: int = 3
    """After SIGKILL without the kernel's word on memory: somebody or something outside ended the worker."""
    crashed: int = 1
    """After any other signal or an exit: a fault that comes from outside does not come twice."""

    def allowed(self, status: int) -> int:
        """The retries after an exit status."""
        return self.killed if status == -signal.SIGKILL else self.crashed


class LocalExecutor(AbstractExecutor):
    """Runs workers on this machine.

    The first worker captures the job alone: scripts that make folders or download data must not race with
    themselves. Others start once it is ready, if enough probes wait.
    """

    def __init__(
        self, *, slots: tuple[Slot, ...], start: Start, logs: Path, timeouts: Timeouts, retries: Retries | None = None
    ) -> None:
        self._slots = slots
        self._start = start
        self._logs = logs
        self._timeouts = timeouts
        self._retries = retries or Retries()
        self._workers: list[WorkerProcess] = []
        self._lost: Counter[str] = Counter()
        self._lost_at_start = 0
        self._started = 0
        self._start_s = 0.0
        self._unfit: set[int] = set()
        """Slots in which no worker could get ready."""
        self._over = False

    def run(self, work: AbstractWork) -> None:
        """Runs tasks until there are none left; see `AbstractExecutor.run`."""
        with selectors.DefaultSelector() as selector, self._cleaned_up():
            self._selector = selector
            self._begin(self._slots[0])
            while self._workers and not self._over:
                for key, _ in selector.select(_TICK_S):
                    self._hear(key.data, work)
                self._look_at_clock(work)
                self._wake_idle(work)
                if work.stop_level() is StopLevel.NOW:
                    break
                if work.stop_level() is StopLevel.DRAIN:
                    self._dismiss_idle()

    @contextmanager
    def _cleaned_up(self) -> Iterator[None]:
        """Ends every worker when the run ends, however that happens."""
        try:
            yield
        finally:
            for worker in self._workers:
                worker.close(grace_s=0.0)
            self._workers.clear()

    def _begin(self, slot: Slot) -> None:
        self._started += 1
        log = self._logs / f"worker-{slot.number}-{self._started}.log"
        worker = WorkerProcess(slot, self._start, log)
        self._workers.append(worker)
        self._selector.register(worker.replies, selectors.EVENT_READ, worker)

    def _end(self, worker: WorkerProcess, *, grace_s: float) -> int:
        self._selector.unregister(worker.replies)
        self._workers.remove(worker)
        return worker.close(grace_s=grace_s)

    def _hear(self, worker: WorkerProcess, work: AbstractWork) -> None:
        if worker not in self._workers:
            return
        messages = worker.receive()
        if messages is None:
            self._lost_worker(worker, work)
            return
        for message in messages:
            if worker in self._workers:
                self._take(worker, message, work)

    def _take(self, worker: WorkerProcess, message: FromWorker, work: AbstractWork) -> None:
        match message:
            case AtFit():
                worker.send(work.order())
            case Captured():
                work.captured(message.job, message.findings)
            case Ready():
                worker.ready = True
                self._lost_at_start = 0
                self._start_s = time.monotonic() - worker.started
                self._give_task(worker, work)
                self._begin_others(work)
            case Step() | Looked() | AtStage() | TrialMeasured() | TrialExtras():
                pass  # the last four come in memory trials only
            case ProbeEnded():
                self._probe_ended(worker, message, work)
            case SplitUp():
                self._split_up(worker, message.cause, work)
                self._go_on(worker, work, usable=message.usable)
            case Failed():
                self._end(worker, grace_s=_GRACE_S)
                self._fail(worker, with_output(message, worker.log_tail()), work)
            case Listed():
                self._end(worker, grace_s=_GRACE_S)
                work.listed(with_output(message, worker.log_tail()))
            case Diagnosed():
                self._end(worker, grace_s=_GRACE_S)
                work.diagnosed(message)
            case _:
                assert_never(message)

    def _give_task(self, worker: WorkerProcess, work: AbstractWork) -> None:
        task = work.next_task(worker.last) if work.stop_level() is StopLevel.RUN else None
        if task is None:
            # What the others are training may bring more, and a new worker would have to run the script again.
            if not any(other.probes for other in self._workers):
                self._end(worker, grace_s=0.0)
            return
        worker.probes, worker.last = task.probes, task.probe
        worker.probe_began = worker.since = time.monotonic()
        worker.send(RunProbe(probe=task.probe, choice=task.choice, others=task.others))

    def _wake_idle(self, work: AbstractWork) -> None:
        """Asks for tasks again on behalf of workers that got none the last time."""
        for worker in [worker for worker in self._workers if worker.ready and not worker.probes]:
            self._give_task(worker, work)

    def _begin_others(self, work: AbstractWork) -> None:
        """Starts a worker in each free slot for which there is enough to do."""
        if work.stop_level() is not StopLevel.RUN:
            return
        taken = {worker.slot.number for worker in self._workers} | self._unfit
        for slot in (slot for slot in self._slots if slot.number not in taken):
            left = work.seconds_left()
            if left is not None and left < _WORTH_STARTS * self._start_s:
                return
            if work.remaining() >= WORTH_A_WORKER * (len(self._workers) + 1):
                self._begin(slot)

    def _probe_ended(self, worker: WorkerProcess, message: ProbeEnded, work: AbstractWork) -> None:
        worker.probes = tuple(probe for probe in worker.probes if probe.id != message.outcome.probe.id)
        work.done(message.outcome)
        if not worker.probes:
            self._go_on(worker, work, usable=message.usable)

    def _go_on(self, worker: WorkerProcess, work: AbstractWork, *, usable: bool) -> None:
        if usable:
            self._give_task(worker, work)
            self._begin_others(work)
        else:
            self._end(worker, grace_s=0.0)
            self._replace(worker, work)

    def _split_up(self, worker: WorkerProcess, cause: str, work: AbstractWork) -> None:
        """Has probes that failed as one program tried again, each alone: none of them has an outcome yet."""
        work.note(f"{len(worker.probes)} probes that trained as one program failed ({cause}); each is tried alone")
        work.split_up(worker.probes[0].batch_size)
        self._return(worker, work)

    def _return(self, worker: WorkerProcess, work: AbstractWork) -> None:
        for probe in reversed(worker.probes):
            work.lost(probe)
        worker.probes = ()

    def _replace(self, worker: WorkerProcess, work: AbstractWork) -> None:
        waiting = work.remaining() > 0 or not self._workers
        if waiting and work.stop_level() is StopLevel.RUN and not self._over:
            self._begin(worker.slot)

    def _lost_worker(self, worker: WorkerProcess, work: AbstractWork) -> None:
        """Handles a worker whose pipe closed without a last message: its process is gone."""
        status = self._end(worker, grace_s=_GRACE_S)
        if worker.ready and not worker.probes:
            self._replace(worker, work)
            return
        if not worker.probes:
            self._lost_before_ready(worker, status, work)
            return
        self._lost_probes(worker, status, work)
        self._replace(worker, work)

    def _lost_probes(self, worker: WorkerProcess, status: int, work: AbstractWork) -> None:
        """Makes outcomes of the probes of a process that is gone, or has them tried again."""
        memory = worker.was_killed_for_memory(status)
        cause = "the kernel killed the process for memory" if memory else exit_words(status)
        if len(worker.probes) > 1:
            self._split_up(worker, cause, work)
            return
        (probe,) = worker.probes
        self._lost[probe.id] += 1
        if memory or self._lost[probe.id] > self._retries.allowed(status):
            kind = OutcomeKind.OOM if memory else OutcomeKind.CRASHED
            work.done(self._outcome(worker, kind, cause))
        else:
            work.note(f"{exit_words(status)} during {probe.id}; it is tried again in a new worker")
            self._return(worker, work)

    def _lost_before_ready(self, worker: WorkerProcess, status: int, work: AbstractWork) -> None:
        self._lost_at_start += 1
        memory = worker.was_killed_for_memory(status)
        if not memory and status < 0 and self._lost_at_start <= self._retries.allowed(status):
            work.note(f"{exit_words(status)} before the fit call was reached; starting a new worker")
            self._replace(worker, work)
            return
        cause = "the kernel killed it for memory" if memory else exit_words(status)
        finding = SCRIPT_LEFT.found(
            title=f"the script's process ended before training could begin: {cause}",
            evidence=worker.log_tail() or "It printed nothing.",
            remedy=f"Its whole output is in {worker.log}. Run the script by itself; "
            "give its own arguments after -- if it needs any.",
        )
        self._fail(worker, Failed(findings=(finding,)), work)

    def _fail(self, worker: WorkerProcess, reply: Failed, work: AbstractWork) -> None:
        """Handles a worker that cannot get ready: others that are ready go on; without any, the run is over."""
        if any(other.ready for other in self._workers):
            self._unfit.add(worker.slot.number)
            work.note(f"a further worker could not start: {reply.findings[0].title}")
            return
        self._over = True
        work.failed(reply)

    def _look_at_clock(self, work: AbstractWork) -> None:
        now = time.monotonic()
        for worker in list(self._workers):
            limit, since = self._limit(worker)
            if now - since <= limit or (worker.ready and not worker.probes):
                continue
            if not worker.probes:
                self._start_took_too_long(worker, work)
            else:
                self._probe_took_too_long(worker, limit, work)

    def _limit(self, worker: WorkerProcess) -> tuple[float, float]:
        """How many seconds a worker may take in its present state, and since when they count."""
        if not worker.probes:
            return self._timeouts.start, worker.probe_began
        if self._timeouts.probe is not None:
            return self._timeouts.probe * len(worker.probes), worker.probe_began
        return self._timeouts.silence, worker.since

    def _probe_took_too_long(self, worker: WorkerProcess, limit: float, work: AbstractWork) -> None:
        self._end(worker, grace_s=0.0)
        what = "ended" if self._timeouts.probe is not None else "no step for so long"
        cause = f"{what} after {limit:.0f} s"
        if len(worker.probes) > 1:
            self._split_up(worker, cause, work)
        else:
            work.done(self._outcome(worker, OutcomeKind.TIMEOUT, cause))
        self._replace(worker, work)

    def _start_took_too_long(self, worker: WorkerProcess, work: AbstractWork) -> None:
        self._end(worker, grace_s=0.0)
        finding = SCRIPT_FAILED.found(
            title=f"the script did not reach its fit call within {self._timeouts.start:.0f} s",
            evidence=worker.log_tail() or "It printed nothing.",
            remedy="Give it longer with --start-timeout. A training loop of its own never reaches fit.",
        )
        self._fail(worker, Failed(findings=(finding,)), work)

    def _outcome(self, worker: WorkerProcess, kind: OutcomeKind, cause: str) -> Outcome:
        return Outcome(
            probe=worker.probes[0],
            kind=kind,
            cause=cause,
            log_tail=worker.log_tail(),
            seconds=time.monotonic() - worker.probe_began,
        )

    def _dismiss_idle(self) -> None:
        """Ends workers without a probe while the run is draining."""
        for worker in [worker for worker in self._workers if not worker.probes]:
            self._end(worker, grace_s=0.0)
