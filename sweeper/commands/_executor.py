"""Runs probes as processes of a command, one for each; a first one, at rate 0, shows what the program reports."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sweeper.commands._curve import HANDFUL, curve_of_points, how_it_broke
from sweeper.commands._job import WAYS, Seen, command_job, nothing_seen
from sweeper.commands._process import ProbeProcess
from sweeper.commands._sources import CurveFile
from sweeper.commands._template import BATCH_SIZE, OPTIMIZER, RATE, SEED, STEPS, Command, Value
from sweeper.curve import Curve, StopReason
from sweeper.events import Note
from sweeper.execute import (
    AbstractExecutor,
    AbstractTasks,
    Exit,
    Happened,
    Lost,
    Retries,
    Slot,
    Timeouts,
    last_lines,
    log_tail,
)
from sweeper.probes import NULL_RATE, Outcome, OutcomeKind, Probe
from sweeper.protocol import Adopt, Capture, Captured
from sweeper.settings import DEFAULT_STEPS, Settings
from sweeper.space import SCRIPT
from sweeper.text import plural

ALMOST_NULL = 1e-12
"""The rate of null probes of a program that refuses 0: no update of that size shows in a loss."""
_LOOK_S = 0.02
"""Seconds between two looks at the programs."""
_TIMED_S = 1.0
"""Seconds of steps below which their speed is not told: the looks are too far apart for that."""
_SILENT_S = 30.0
"""Seconds without a loss after which the user is told which ways there are to report one."""
_LOOKS = 10
"""Looks after which the caller is asked again, who may want to stop."""


@dataclass(slots=True, kw_only=True)
class _Running:
    """A probe in a process."""

    probe: Probe
    slot: Slot
    process: ProbeProcess
    is_first: bool
    """Whether it is to show what the program reports."""


class CommandExecutor(AbstractExecutor):
    """Runs one process for each probe.

    The first process trains at rate 0, alone, and describes the job. Where the program ends before its first loss, the
    same is tried at a rate of almost 0, which stands for 0 from then on.
    """

    def __init__(
        self, command: Command, settings: Settings, *, slots: tuple[Slot, ...], logs: Path, timeouts: Timeouts
    ) -> None:
        self._command = command
        self._settings = settings
        self._slots = slots if command.curves_apart else slots[:1]
        self._logs = logs
        self._timeouts = timeouts
        self._retries = Retries()
        self._lost: Counter[str] = Counter()
        self._null_rate = NULL_RATE
        self._running: list[_Running] = []
        self._pending: list[Happened] = []
        self._known: Outcome | None = None
        """The outcome of the first process, which is that of a null probe."""
        self._over = False
        self._told = False

    @property
    def over(self) -> bool:
        """Whether no process runs and no task is left."""
        return self._over and not self._running and not self._pending

    def begin(self, order: Capture | Adopt) -> None:
        """Starts the first process, where the job is not known yet."""
        if isinstance(order, Capture):
            self._start(self._first_probe(), self._slots[0], is_first=True)

    def next_event(self) -> Happened | None:
        """What has happened; None when nothing does for a moment."""
        for _ in range(_LOOKS):
            if self._pending:
                return self._pending.pop(0)
            for running in tuple(self._running):
                self._look_at(running)
            if not self._pending:
                time.sleep(_LOOK_S)
        return None

    def hand_out(self, tasks: AbstractTasks) -> None:
        """Starts a process for a task in each free slot."""
        taken = {running.slot.number for running in self._running}
        for slot in (slot for slot in self._slots if slot.number not in taken):
            task = tasks.next_task(None)
            if task is None:
                break
            if self._known is not None and self._known.probe == task.probe:
                self._pending.append(self._known)
            else:
                self._start(task.probe, slot, is_first=False)
        self._over = not self._running and not self._pending

    def drain(self) -> None:
        """Is over when the probes in flight have ended."""
        self._over = True

    def close(self) -> None:
        """Ends all processes at once."""
        self._over = True
        self._pending.clear()
        for running in self._running:
            running.process.ask_to_end()
        for running in self._running:
            running.process.close()
        self._running.clear()

    def _first_probe(self) -> Probe:
        sizes = self._settings.batch_sizes
        size = next((size for size in sizes if isinstance(size, int)), 1) if isinstance(sizes, tuple) else 1
        return Probe(
            optimizer=SCRIPT,
            learning_rate=NULL_RATE,
            batch_size=size,
            seed=0,
            steps=self._settings.length.steps or DEFAULT_STEPS,
        )

    def _start(self, probe: Probe, slot: Slot, *, is_first: bool) -> None:
        values = self._values(probe)
        path = None if self._command.curve is None else Path(self._command.curve.filled(values)[0])
        process = ProbeProcess(
            self._command.template.filled(values),
            environment=dict(slot.environment),
            log=self._logs / f"{probe.id}.log",
            curve=None if path is None else CurveFile(path, self._command.column),
            steps=probe.steps,
        )
        self._running.append(_Running(probe=probe, slot=slot, process=process, is_first=is_first))

    def _values(self, probe: Probe) -> dict[str, Value]:
        """What stands in place of the placeholders; the optimizer of a null probe does not matter."""
        labels = [choice.label for choice in self._settings.optimizers or ()]
        return {
            RATE: float(self._null_rate if probe.is_null else probe.learning_rate),
            BATCH_SIZE: probe.batch_size,
            OPTIMIZER: labels[0] if probe.is_null and labels else probe.optimizer,
            SEED: probe.seed,
            STEPS: probe.steps,
        }

    def _look_at(self, running: _Running) -> None:
        """Takes in what a program has written, and ends it where it has no more to say."""
        process = running.process
        ended = process.ended
        curve, enough = curve_of_points(process.points(ended=ended), steps=running.probe.steps)
        over_time = "" if enough or ended else self._over_time(process)
        if not (enough or ended or over_time):
            if running.is_first:
                self._tell_silence(process)
            return
        exit_ = process.close()
        self._running.remove(running)
        outcome = self._outcome(running, curve, exit_, enough=enough, over_time=over_time)
        if outcome.curve is not None:
            process.log.unlink(missing_ok=True)  # thousands of logs of what went well help nobody
        self._pending += (
            self._first_ended(running, outcome, exit_, losses=curve.steps)
            if running.is_first
            else self._ended(outcome, exit_)
        )

    def _tell_silence(self, process: ProbeProcess) -> None:
        """Says once that a program has not reported a loss for long, since it may never do."""
        silent = process.first_point is None and time.monotonic() - process.began > _SILENT_S
        if silent and not self._told:
            self._told = True
            limit = f"it is given {self._timeouts.start:.0f} s (--start-timeout)"
            self._pending.append(Note(text=f"no loss was reported within {_SILENT_S:.0f} s; {limit}. {WAYS}"))

    def _over_time(self, process: ProbeProcess) -> str:
        """Which limit a program has exceeded, in words; empty where none."""
        now, limits = time.monotonic(), self._timeouts
        if limits.probe is not None and now - process.began > limits.probe:
            return f"ended after {limits.probe:.0f} s"
        if process.first_point is None:
            return f"no loss within {limits.start:.0f} s" if now - process.began > limits.start else ""
        silent = limits.probe is None and now - process.since > limits.silence
        return f"no step for so long: ended after {limits.silence:.0f} s" if silent else ""

    def _outcome(self, running: _Running, curve: Curve, exit_: Exit, *, enough: bool, over_time: str) -> Outcome:
        process = running.process
        seconds = time.monotonic() - process.began
        broken = None if enough or over_time else how_it_broke(curve)
        if enough or broken is not None:
            return Outcome(
                probe=running.probe,
                kind=OutcomeKind.COMPLETED,
                curve=curve if enough else _ended_by(broken, curve),
                seconds=seconds,
                samples_per_second=self._speed(running, curve),
            )
        if not over_time and exit_.status == 0 and curve.steps >= HANDFUL:
            return Outcome(probe=running.probe, kind=OutcomeKind.COMPLETED, curve=curve, seconds=seconds)
        kind, cause = _failure(exit_, curve, over_time)
        return Outcome(probe=running.probe, kind=kind, cause=cause, log_tail=log_tail(process.log), seconds=seconds)

    def _speed(self, running: _Running, curve: Curve) -> float | None:
        """Samples a second since the first loss was seen; None where the batch size or a good part is not known."""
        process = running.process
        seconds = 0.0 if process.first_point is None else time.monotonic() - process.first_point
        steps = curve.steps - process.first_steps
        if not self._command.varies(BATCH_SIZE) or seconds < _TIMED_S or steps < curve.steps / 2:
            return None
        return steps * running.probe.batch_size / seconds

    def _ended(self, outcome: Outcome, exit_: Exit) -> Iterator[Happened]:
        """What follows from the end of a probe: its outcome, or another try where something outside has ended it."""
        if outcome.kind is OutcomeKind.CRASHED and exit_.status < 0:
            self._lost[outcome.probe.id] += 1
            if self._lost[outcome.probe.id] <= self._retries.allowed(exit_):
                yield Lost(probes=(outcome.probe,))
                yield Note(text=f"{outcome.cause} during {outcome.probe.id}; it is tried again")
                return
        refused = outcome.probe.is_null and outcome.kind is OutcomeKind.ERROR and exit_.status > 0
        if refused and self._null_rate == NULL_RATE:
            self._null_rate = ALMOST_NULL  # a resumed run has not seen yet that 0 is refused
            yield Lost(probes=(outcome.probe,))
            return
        yield outcome

    def _first_ended(self, running: _Running, outcome: Outcome, exit_: Exit, *, losses: int) -> Iterator[Happened]:
        """The job, where the first process has shown it; another try at a rate of almost 0, or the findings."""
        if outcome.curve is not None:
            self._known = outcome
            seen = Seen(
                steps=outcome.curve.steps,
                asked=running.probe.steps,
                whole=outcome.curve.stopped_early is None,
                seconds=outcome.seconds,
                validates=bool(outcome.curve.val_loss),
                null_rate=self._null_rate,
            )
            yield Captured(job=command_job(self._command, self._settings, seen))
        elif self._null_rate == NULL_RATE and outcome.kind is OutcomeKind.ERROR and exit_.status > 0:
            self._null_rate = ALMOST_NULL
            self._start(running.probe, running.slot, is_first=True)
        else:
            problem = "" if running.process.curve is None else running.process.curve.problem
            words = self._command.template.filled(self._values(running.probe))
            lines = last_lines(outcome.log_tail, with_traceback=True)
            self._over = True
            yield nothing_seen(words, outcome, lines, problem=problem, log=running.process.log, losses=losses)


def _ended_by(broken: StopReason | None, curve: Curve) -> Curve:
    """The curve of a program that ended because its loss broke."""
    return Curve(
        train_loss=curve.train_loss,
        val_steps=curve.val_steps,
        val_loss=curve.val_loss,
        first_nonfinite_loss=curve.first_nonfinite_loss,
        stopped_early=broken,
    )


def _failure(exit_: Exit, curve: Curve, over_time: str) -> tuple[OutcomeKind, str]:
    """How a program failed that left no curve, and why in words."""
    if over_time:
        return OutcomeKind.TIMEOUT, over_time
    if exit_.for_memory:
        return OutcomeKind.OOM, exit_.words
    if exit_.status < 0:
        return OutcomeKind.CRASHED, exit_.words
    if exit_.status > 0:
        after = f" after {curve.steps} steps" if curve.steps else ""
        return OutcomeKind.ERROR, f"the program ended with exit status {exit_.status}{after}"
    if curve.steps:
        return OutcomeKind.ERROR, (
            f"the program ended after {plural(curve.steps, 'reported step')}; at least {HANDFUL} are needed"
        )
    return OutcomeKind.ERROR, "the program ended without reporting a loss"
