"""The view for logs and pipes: one line with the time for each thing worth knowing."""

from collections.abc import Callable
from typing import TextIO

from sweeper.cli._board import Board, look_of_judged
from sweeper.events import (
    AbstractView,
    Event,
    JobCaptured,
    MemorySearched,
    Note,
    ProbeDone,
    RunOpened,
    TrialBegun,
    TrialDone,
    Waiting,
)
from sweeper.job import JobInfo
from sweeper.probes import OutcomeKind, Probe
from sweeper.space import Space
from sweeper.text import plural, rate_text, seconds_text

_PROGRESS_LINES = 10
"""Lines of progress in a run; more would only fill a log."""


class PlainView(AbstractView):
    """Writes lines; `clock` returns the time that stands in front of each."""

    def __init__(self, stream: TextIO, *, clock: Callable[[], str]) -> None:
        self._stream = stream
        self._clock = clock
        self._board = Board()
        self._tenths = 0

    def show(self, event: Event) -> None:
        """Writes a line if the event is worth one."""
        self._board.take(event)
        match event:
            case RunOpened():
                self._line(f"{'resuming' if event.resumed else 'run'} {event.directory}")
            case JobCaptured():
                self._line(describe_job(event.job))
                before = f", {len(event.finished)} of them finished before" if event.finished else ""
                self._line(f"{describe_search(event.space, event.planned)}{before}")
                self._tenths = len(event.finished) * _PROGRESS_LINES // max(1, event.planned)
            case ProbeDone():
                self._probe_done(event)
            case TrialBegun() | TrialDone() | MemorySearched() | Waiting() | Note():
                self._line(event.text)

    def _probe_done(self, event: ProbeDone) -> None:
        outcome = event.judged.outcome
        if outcome.kind is not OutcomeKind.COMPLETED:
            self._line(f"{look_of_judged(event.judged).title}: {describe_probe(outcome.probe)}: {outcome.cause}")
        tenths = event.done * _PROGRESS_LINES // max(1, event.planned)
        if tenths > self._tenths:
            self._tenths = tenths
            self._line(self._progress(event))

    def _progress(self, event: ProbeDone) -> str:
        left = f", about {seconds_text(event.seconds_left)} left" if event.seconds_left else ""
        return f"{event.done} of {event.planned} probes{left}: {self._board.summary()}"

    def _line(self, text: str) -> None:
        self._stream.write(f"{self._clock()}  {text}\n")
        self._stream.flush()


def describe_job(job: JobInfo) -> str:
    """The captured job in one line."""
    if job.is_command:
        size = "" if job.batch_size_fixed else f", batch size {job.batch_size} first"
        return f"the command reports its loss{size}{f', {job.most_steps} steps at most' if job.most_steps else ''}"
    optimizer = job.optimizer
    rate = f" at {rate_text(optimizer.learning_rate)}" if optimizer.learning_rate is not None else ""
    samples = "in a loop of the script's own" if job.own_loop else f"{job.train_samples:,} samples"
    return (
        f"{job.fit_site}: {job.model}, {job.parameters:,} parameters, loss {job.loss}, "
        f"{optimizer.name}{rate}, batch size {job.batch_size}, {samples}"
    )


def describe_search(space: Space, planned: int) -> str:
    """How the rates are chosen, and how many probes that takes."""
    ends = f"{rate_text(space.learning_rates[0])} to {rate_text(space.learning_rates[-1])}"
    if space.resolution is None:
        rates = plural(len(space.learning_rates), "rate")
        return f"grid of {rates}, {ends}: {plural(planned, 'probe')} planned"
    return f"boundary search to {space.resolution:g} decades, beginning with {ends}: about {plural(planned, 'probe')}"


def describe_probe(probe: Probe) -> str:
    """A probe in a few words."""
    rate = "no update" if probe.is_null else f"rate {rate_text(probe.learning_rate)}"
    return f"{probe.optimizer}, {rate}, batch size {probe.batch_size}, seed {probe.seed}"
