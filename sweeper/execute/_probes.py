"""Probes in workers, one for each slot: which worker does what, and what follows when one is lost."""

import time
from pathlib import Path
from typing import assert_never

from sweeper.events import Note
from sweeper.execute._base import AbstractExecutor, AbstractTasks, Happened, Lost
from sweeper.execute._launcher import AbstractLauncher
from sweeper.execute._output import left_before_fit, with_output
from sweeper.execute._pool import GRACE_S, Ended, Pool, Retries, Timeouts, Worker
from sweeper.execute._slots import WORTH_A_WORKER, Slot
from sweeper.findings import SCRIPT_FAILED
from sweeper.probes import Outcome, OutcomeKind
from sweeper.protocol import (
    Adopt,
    AtFit,
    AtStage,
    Capture,
    Captured,
    Diagnosed,
    Failed,
    FromWorker,
    Listed,
    Looked,
    ProbeEnded,
    Ready,
    RunProbe,
    ScriptEnded,
    SplitUp,
    Start,
    Step,
)
from sweeper.trial import TrialExtras, TrialMeasured

_WORTH_STARTS = 2.0
"""Times that a worker takes to start within which those that run are done anyway: it slows them down meanwhile."""
_START = "start"


class ProbeExecutor(AbstractExecutor):
    """Runs probes in the workers of a launcher.

    The first worker captures the job alone: scripts that make folders or download data must not race with
    themselves. Others start once it is ready, if enough probes wait.
    """

    def __init__(
        self,
        launcher: AbstractLauncher,
        *,
        slots: tuple[Slot, ...],
        start: Start,
        logs: Path,
        timeouts: Timeouts,
        retries: Retries | None = None,
    ) -> None:
        self._pool = Pool(launcher, logs=logs, timeouts=timeouts, retries=retries)
        self._slots = slots
        self._start = start
        self._timeouts = timeouts
        self._order: Capture | Adopt
        self._started = 0
        self._start_s = 0.0
        self._vacant: list[Slot] = []
        """Slots whose worker is to be replaced if there is something to do."""
        self._unfit: set[int] = set()
        """Slots in which no worker could get ready."""
        self._runs_again = False
        """Whether it was said that the script, a loop that came to its end, is run again and again."""
        self._pending: list[Happened] = []
        """Events that came with another one."""

    @property
    def over(self) -> bool:
        """Whether there are no workers left, and none to replace."""
        return not self._pool.workers and not self._vacant and not self._pending

    def begin(self, order: Capture | Adopt) -> None:
        """Starts a worker in the first slot."""
        self._order = order
        self._begin(self._slots[0])

    def next_event(self) -> Happened | None:
        """What has happened; None when nothing does for a moment."""
        if self._pending:
            return self._pending.pop(0)
        said = self._pool.next_said()
        if said is None:
            return None
        worker, message = said
        return self._ended(worker, message) if isinstance(message, Ended) else self._take(worker, message)

    def hand_out(self, tasks: AbstractTasks) -> None:
        """Gives tasks to workers that wait for one; replaces workers, starts further ones, ends idle ones."""
        for worker in self._idle():
            task = tasks.next_task(worker.last)
            if task is None:
                break
            worker.probes, worker.last = task.probes, task.probe
            self._pool.send(worker, RunProbe(probe=task.probe, choice=task.choice, others=task.others))
        # What others are training may bring more, and a new worker would have to run the script again.
        if not any(worker.probes for worker in self._pool.workers):
            for worker in self._idle():
                self._pool.end(worker)
        for slot in self._vacant:
            if tasks.remaining() > 0:
                self._begin(slot)
        self._vacant.clear()
        self._begin_others(tasks)

    def drain(self) -> None:
        """Ends the workers that have no probe in flight."""
        self._vacant.clear()
        for worker in [worker for worker in self._pool.workers if not worker.probes]:
            self._pool.end(worker)

    def close(self) -> None:
        """Ends all workers at once."""
        self._vacant.clear()
        self._pending.clear()
        self._pool.close()

    def _idle(self) -> list[Worker]:
        return [worker for worker in self._pool.workers if worker.ready and not worker.probes]

    def _begin(self, slot: Slot) -> None:
        self._started += 1
        self._pool.begin(slot, self._start, log=f"worker-{slot.number}-{self._started}.log")

    def _begin_others(self, tasks: AbstractTasks) -> None:
        """Starts a worker in each free slot for which there is enough to do."""
        workers = self._pool.workers
        if not any(worker.ready for worker in workers):
            return
        taken = {worker.slot.number for worker in workers} | self._unfit
        for slot in (slot for slot in self._slots if slot.number not in taken):
            left = tasks.seconds_left()
            if left is not None and left < _WORTH_STARTS * self._start_s:
                return
            if tasks.remaining() >= WORTH_A_WORKER * (len(workers) + 1):
                self._begin(slot)

    def _take(self, worker: Worker, message: FromWorker) -> Happened | None:
        match message:
            case AtFit():
                self._pool.send(worker, self._order)
            case Captured():
                assert isinstance(self._order, Capture)
                self._order = Adopt(folder=self._order.folder, engine=message.job.engine)
            case Ready():
                worker.ready = True
                self._pool.succeeded(_START)
                self._start_s = time.monotonic() - worker.started
                return None
            case Step() | Looked() | AtStage() | TrialMeasured() | TrialExtras():
                return None  # the last four come in memory trials only
            case ProbeEnded():
                worker.probes = tuple(probe for probe in worker.probes if probe.id != message.outcome.probe.id)
                if not worker.probes:
                    self._keep(worker, usable=message.usable)
                return message.outcome
            case SplitUp() | ScriptEnded():
                return self._begun_again(worker, message)
            case Failed() | Listed() | Diagnosed():
                self._pool.end(worker, grace_s=GRACE_S)
                return self._last_words(worker, message)
            case _:
                assert_never(message)
        return message

    def _last_words(self, worker: Worker, message: Failed | Listed | Diagnosed) -> Happened:
        match message:
            case Failed():
                return self._failed(worker, with_output(message, worker.log_tail))
            case Listed():
                return with_output(message, worker.log_tail)
            case Diagnosed():
                return message

    def _keep(self, worker: Worker, *, usable: bool) -> None:
        """Has a worker replaced that cannot be trusted with another probe."""
        if not usable:
            self._pool.end(worker)
            self._vacant.append(worker.slot)

    def _split_up(self, worker: Worker, cause: str) -> Happened:
        """Has probes that failed as one program tried again, each alone: none of them has an outcome yet."""
        text = f"{len(worker.probes)} probes that trained as one program failed ({cause}); each is tried alone"
        return self._lost(worker, text)

    def _begun_again(self, worker: Worker, message: SplitUp | ScriptEnded) -> Happened:
        """Has probes begun again that came to no end: each alone, or in a worker that runs the script again."""
        if isinstance(message, SplitUp):
            lost, usable = self._split_up(worker, message.cause), message.usable
        else:
            lost, usable = self._lost(worker, "" if self._runs_again else message.cause), False
            self._runs_again = True
        self._keep(worker, usable=usable)
        return lost

    def _lost(self, worker: Worker, text: str) -> Happened:
        """Has the probes of a worker begun again; `text` says why, if it is not empty."""
        lost = Lost(probes=worker.probes)
        worker.probes = ()
        if text:
            self._pending.append(Note(text=text))
        return lost

    def _ended(self, worker: Worker, ended: Ended) -> Happened | None:
        """What follows from the end of a worker that sent no last message."""
        if not worker.ready:
            return self._ended_before_ready(worker, ended)
        self._vacant.append(worker.slot)
        if not worker.probes:
            return None
        cause = ended.cause
        if ended.limit_s is not None:
            what = "ended" if self._timeouts.probe is not None else "no step for so long"
            cause = f"{what} after {ended.limit_s:.0f} s"
        if len(worker.probes) > 1:
            return self._split_up(worker, cause)
        (probe,) = worker.probes
        if ended.kind is OutcomeKind.CRASHED and self._pool.may_try_again(probe.id, ended.exit):
            return self._lost(worker, f"{cause} during {probe.id}; it is tried again in a new worker")
        seconds = time.monotonic() - worker.busy_since
        return Outcome(probe=probe, kind=ended.kind, cause=cause, log_tail=worker.log_tail, seconds=seconds)

    def _ended_before_ready(self, worker: Worker, ended: Ended) -> Happened:
        is_crash = ended.kind is OutcomeKind.CRASHED and ended.exit.status < 0
        if is_crash and self._pool.may_try_again(_START, ended.exit):
            self._start_again(worker.slot)
            return Note(text=f"{ended.cause} before the fit call was reached; starting a new worker")
        if ended.limit_s is not None:
            finding = SCRIPT_FAILED.found(
                title=f"the script did not reach its fit call within {ended.limit_s:.0f} s",
                evidence=worker.log_tail or "It printed nothing.",
                remedy="Give it longer with --start-timeout.",
            )
        else:
            cause = "the kernel killed it for memory" if ended.exit.for_memory else ended.cause
            finding = left_before_fit(worker.log, cause)
        return self._failed(worker, Failed(findings=(finding,)))

    def _start_again(self, slot: Slot) -> None:
        """Starts the first worker again, and a further one where there is something to do for it."""
        if any(worker.ready for worker in self._pool.workers):
            self._vacant.append(slot)
        else:
            self._begin(slot)

    def _failed(self, worker: Worker, reply: Failed) -> Happened:
        """What follows when a worker cannot get ready: others that are ready go on; without any, the run is over."""
        if any(other.ready for other in self._pool.workers):
            self._unfit.add(worker.slot.number)
            return Note(text=f"a further worker could not start: {reply.findings[0].title}")
        self.close()
        return reply
