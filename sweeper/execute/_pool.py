"""The workers of one launcher: it starts and ends them, passes on what they say, and says how each came to its end."""

import contextlib
import queue
import signal
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

from sweeper.execute._launcher import AbstractChild, AbstractLauncher, Exit
from sweeper.execute._output import log_tail
from sweeper.execute._slots import Slot
from sweeper.probes import OutcomeKind, Probe
from sweeper.protocol import FromWorker, Start, ToWorker, decode_reply, encode
from sweeper.text import bytes_text

GRACE_S = 0.5
"""Seconds for a worker to leave by itself."""
_TICK_S = 0.2
"""Seconds between two looks at the time limits."""
_MEMORY_TICK_S = 0.02
"""Seconds between two looks at the memory: little more than a gigabyte can be filled in between."""
_STOOD_STILL_S = 2.0
"""Seconds between two looks after which the driver itself must have stood still: what workers said meanwhile is on its
way, so that none is over its time yet."""


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
    """How often something is tried again after its process was lost."""

    killed: int = 3
    """After SIGKILL without the kernel's word on memory: somebody or something outside ended the worker."""
    crashed: int = 1
    """After any other signal or an exit: a fault that comes from outside does not come twice."""

    def allowed(self, how: Exit) -> int:
        """The retries after an end."""
        if how.for_memory:
            return 0
        return self.killed if how.status == -signal.SIGKILL else self.crashed


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A worker is gone without a last message: by itself, or because it exceeded a limit."""

    kind: OutcomeKind
    cause: str
    exit: Exit
    limit_s: float | None = None
    """The time limit that it exceeded."""


@dataclass(eq=False, slots=True, kw_only=True)
class Worker:
    """A worker and what it is doing."""

    slot: Slot
    log: Path
    child: AbstractChild
    memory_limit: int | None
    """Bytes of the host's memory at which it is ended; None for no limit."""
    peak_bytes: int = 0
    """The most memory of the host that it was seen to hold; with a memory limit only."""
    started: float = field(default_factory=time.monotonic)
    since: float = 0.0
    """When it last gave a sign of life."""
    busy_since: float = 0.0
    """When it was given what it does now."""
    ready: bool = False
    """Whether it can be given probes."""
    in_trial: bool = False
    probes: tuple[Probe, ...] = ()
    """The probes in flight."""
    last: Probe | None = None
    """The probe that it was given last."""

    @property
    def log_tail(self) -> str:
        """The last lines that it printed."""
        return log_tail(self.log)


Said: TypeAlias = tuple[Worker, FromWorker | Ended]


class Pool:
    """Starts workers and tells what they say and how they end. As a context, it ends them all however it is left."""

    def __init__(
        self, launcher: AbstractLauncher, *, logs: Path, timeouts: Timeouts, retries: Retries | None = None
    ) -> None:
        self.workers: list[Worker] = []
        self._launcher = launcher
        self._logs = logs
        self._timeouts = timeouts
        self._retries = retries or Retries()
        self._lost: Counter[str] = Counter()
        self._inbox: queue.SimpleQueue[tuple[Worker, list[bytes] | None]] = queue.SimpleQueue()
        self._heard: deque[tuple[Worker, FromWorker | Ended | None]] = deque()
        """What was not told yet; None stands for the end of a worker's messages."""
        self._looked = time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def begin(self, slot: Slot, start: Start, *, log: str, memory_limit: int | None = None) -> Worker:
        """Starts a worker that runs a script; its output is added to a log of this name."""
        file = self._logs / log
        worker = Worker(slot=slot, log=file, child=self._launcher.launch(slot, file), memory_limit=memory_limit)
        worker.since = worker.started
        self.workers.append(worker)
        threading.Thread(target=self._receive, args=(worker,), daemon=True, name=f"sweeper-{log}").start()
        self.send(worker, start)
        return worker

    def send(self, worker: Worker, message: ToWorker) -> None:
        """Sends a message."""
        worker.busy_since = worker.since = time.monotonic()
        worker.child.send(encode(message))

    def next_said(self) -> Said | None:
        """What a worker says, or how it has ended; None where nothing happens for a moment."""
        if not self._heard:
            self._listen()
            self._look_at_limits()
        if not self._heard:
            return None
        worker, said = self._heard.popleft()
        return worker, self._gone(worker) if said is None else said

    def end(self, worker: Worker, *, grace_s: float = 0.0) -> Exit:
        """Ends a worker; what it has said and nobody has asked for yet is forgotten."""
        self.workers.remove(worker)
        self._heard = deque(one for one in self._heard if one[0] is not worker)
        return worker.child.close(grace_s=grace_s)

    def close(self) -> None:
        """Ends all workers."""
        for worker in tuple(self.workers):
            self.end(worker)

    def may_try_again(self, what: str, how: Exit) -> bool:
        """Counts that a process was lost while it did something; whether that may be tried once more."""
        self._lost[what] += 1
        return self._lost[what] <= self._retries.allowed(how)

    def succeeded(self, what: str) -> None:
        """Forgets how often something was lost."""
        del self._lost[what]

    def _receive(self, worker: Worker) -> None:
        """Runs in a thread for each worker, so that a launcher need not know how to wait for several at once."""
        try:
            while (lines := worker.child.receive()) is not None:
                self._inbox.put((worker, lines))
        finally:
            self._inbox.put((worker, None))

    def _listen(self) -> None:
        """Takes in all messages that have arrived; waits a moment for the first."""
        watched = any(worker.memory_limit is not None for worker in self.workers)
        with contextlib.suppress(queue.Empty):
            self._hear(*self._inbox.get(timeout=_MEMORY_TICK_S if watched else _TICK_S))
            while True:
                self._hear(*self._inbox.get_nowait())

    def _hear(self, worker: Worker, lines: list[bytes] | None) -> None:
        if worker not in self.workers:
            return
        if lines is None:
            self._heard.append((worker, None))
            return
        worker.since = time.monotonic()
        self._heard.extend((worker, decode_reply(line)) for line in lines)

    def _gone(self, worker: Worker) -> Ended:
        """How a worker ended that says nothing more."""
        how = self.end(worker, grace_s=GRACE_S)
        return Ended(kind=OutcomeKind.OOM if how.for_memory else OutcomeKind.CRASHED, cause=how.words, exit=how)

    def _look_at_limits(self) -> None:
        """Ends workers that have exceeded a limit; those that have said something are heard first."""
        now = time.monotonic()
        stood_still, self._looked = now - self._looked > _STOOD_STILL_S, now
        heard = {worker for worker, _ in self._heard}
        for worker in [worker for worker in self.workers if worker not in heard]:
            over = _over_memory(worker) or (None if stood_still else self._over_time(worker, now))
            if over is not None:
                kind, cause, limit_s = over
                how = self.end(worker)
                self._heard.append((worker, Ended(kind=kind, cause=cause, exit=how, limit_s=limit_s)))

    def _over_time(self, worker: Worker, now: float) -> tuple[OutcomeKind, str, float] | None:
        busy = worker.in_trial or bool(worker.probes)
        if worker.ready and not busy:
            return None
        what = "no end of it" if busy else "the fit call was not reached"
        if not busy:
            limit, since = self._timeouts.start, worker.started
        elif self._timeouts.probe is None:
            limit, since = self._timeouts.silence, worker.since
        else:
            limit, since = self._timeouts.probe * max(1, len(worker.probes)), worker.busy_since
        if now - since <= limit:
            return None
        return OutcomeKind.TIMEOUT, f"{what} within {limit:.0f} s", limit


def _over_memory(worker: Worker) -> tuple[OutcomeKind, str, None] | None:
    """Whether a worker holds too much, which is found before the machine suffers."""
    if worker.memory_limit is None:
        return None
    held = worker.child.held_bytes()
    worker.peak_bytes = max(worker.peak_bytes, held)
    if held <= worker.memory_limit:
        return None
    cause = f"ended at {bytes_text(held)}: over the limit of {bytes_text(worker.memory_limit)}"
    return OutcomeKind.OOM, cause, None
