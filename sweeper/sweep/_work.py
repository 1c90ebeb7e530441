"""The sweep's side of an executor: what runs next, what is kept, when it is over."""

import math
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from sweeper.diagnose import without
from sweeper.errors import MachineError
from sweeper.events import AbstractView, JobCaptured, Note, ProbeDone, Waiting
from sweeper.execute import AbstractExecutor, AbstractTasks, Happened, Lost, StopLevel, Task
from sweeper.findings import Finding, Severity
from sweeper.job import JobInfo
from sweeper.probes import Outcome, OutcomeKind, Probe
from sweeper.protocol import Adopt, AtFit, Capture, Captured, Diagnosed, Ending, Failed, Listed
from sweeper.record import RunDirectory, StudyWriter
from sweeper.settings import Settings
from sweeper.space import Space
from sweeper.sweep._agenda import Agenda
from sweeper.sweep._axes import make_space
from sweeper.sweep._followups import wish_text
from sweeper.sweep._judgements import Judgements, nulls_first
from sweeper.sweep._listing import capture_order
from sweeper.sweep._pace import Pace
from sweeper.sweep._queue import Queue
from sweeper.sweep._stop import StopSwitch
from sweeper.sweep._verdicts import FAILURES_ALIKE, failure_kind, final_loss
from sweeper.text import plural, seconds_text
from sweeper.verdict import Judged

_OOM_LIMIT = 2
"""Out-of-memories at one batch size after which it, and larger ones, are not tried again."""
_MANY_ROWS = 40
"""Rows up to which a search is asked again after each outcome: it looks at all rows, 0.15 ms for each. With more, it is
asked when as many outcomes have come as a quarter of them; until then the rows of those outcomes wait."""
_COUNT_EVERY_S = 5.0
"""Time between two estimates of how many probes there will be in all, which take as long as a plan."""
_SAY_EVERY_S = 0.2
"""Time between two estimates of the time that is left."""
_SYNC_EVERY_S = 1.0
"""Time between two waits for the disk: with slow probes for each, with quick ones for many together."""
_HEAD = 3
"""Probes at the head of a boundary search among which a worker may prefer one that needs no trace. Few, so that a
budget is spent on what the search puts first: a row alone asks for about as many at a time."""


class SweepWork(AbstractTasks):
    """Runs the probes that are on the agenda, and keeps what comes of them."""

    def __init__(
        self,
        *,
        directory: RunDirectory,
        settings: Settings,
        view: AbstractView,
        sample_bytes: int,
        switch: StopSwitch,
        study_at: str | Path,
        study_name: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.findings: tuple[Finding, ...] = ()
        self.job: JobInfo | None = None
        self.space: Space | None = None
        self.given_up = False
        self.disk_error: MachineError | None = None
        self._directory = directory
        self._settings = settings
        self._view = view
        self._sample_bytes = sample_bytes
        self._switch = switch
        self._study_at, self._study_name = study_at, study_name
        self._clock = clock
        self._study: StudyWriter | None = None
        self._synced = clock()
        self._queue = Queue(head=None)
        self._in_flight: dict[str, Probe] = {}
        self._total = 0
        self._since_plan = 0
        self._counted = -math.inf
        self._said: tuple[float, float | None] = (-math.inf, None)
        self._told_drain = self._told_spent = self._told_follow_ups = False
        self._began: float | None = None
        self._ooms: Counter[int] = Counter()
        self._alone: set[str] = set()
        self._split_from = math.inf
        self._failures: set[tuple[str, str]] = set()
        self._trained = False
        if (known := directory.job()) is not None:
            self.findings = directory.findings()
            self._know(*known, directory.outcomes())

    @property
    def judged(self) -> tuple[Judged, ...]:
        """Every finished probe of the run; null probes without a verdict."""
        return () if self.job is None else self._judgements.everything

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Every finished probe of the run."""
        return tuple(judged.outcome for judged in self.judged)

    @property
    def complete(self) -> bool:
        """Whether every probe of the map and of what follows it has an outcome."""
        return self.space is not None and not self._queue and not self._in_flight and not self.given_up

    @property
    def spent(self) -> str:
        """Which limit on time or probes has been reached, in words; empty when none has."""
        seconds, probes = self._settings.budget_s, self._settings.max_probes
        if seconds is not None and self._began is not None and self._clock() - self._began >= seconds:
            return f"--budget of {seconds_text(seconds)} is spent"
        begun = self._judgements.done + self._probes_in_flight() if self.job is not None else 0
        return f"--max-probes of {probes:,} is reached" if probes is not None and begun >= probes else ""

    def stop_level(self) -> StopLevel:
        """The person's wish, or an end of our own: nothing can be trained or kept, or the budget is spent."""
        if self.disk_error is not None:
            return StopLevel.NOW
        level = self._switch.level
        if level is not StopLevel.RUN and not self._told_drain:
            self._told_drain = True
            self.note("stopping: probes in flight finish; press Ctrl-C again to stop at once")
        ends = level is StopLevel.RUN and (self.given_up or self._has_spent())
        return StopLevel.DRAIN if ends else level

    def _has_spent(self) -> bool:
        spent = self.spent
        if spent and self._queue and not self._told_spent:
            self._told_spent = True
            self.note(f"{spent}: no more probes begin")
        return bool(spent)

    def run(self, executor: AbstractExecutor) -> None:
        """Runs probes until there are none left, the person stops it, or no worker can get ready."""
        with executor:
            executor.begin(self._order())
            while not executor.over and self.stop_level() is not StopLevel.NOW:
                event = executor.next_event()
                if event is not None:
                    self.take(event)
                if self.stop_level() is not StopLevel.RUN:
                    executor.drain()
                elif self.job is not None:
                    executor.hand_out(self)

    def take(self, event: Happened) -> None:
        """Takes in what has happened."""
        match event:
            case AtFit():
                if self.job is None:
                    text = "the fit call is reached; taking the samples and tracing the first steps"
                    self._view.show(Waiting(text=text))
            case Captured():
                self.captured(event.job, event.findings)
            case Outcome():
                self.done(event)
            case Lost():
                self.lost(event)
            case Failed():
                self.failed(event)
            case Note():
                self._view.show(event)
            case Listed() | Diagnosed():
                raise AssertionError(event)

    def _order(self) -> Capture | Adopt:
        """Capture once; adopt from then on."""
        if self.job is not None:
            return Adopt(folder=str(self._directory.job_folder.resolve()), engine=self.job.engine)
        return capture_order(self._settings, folder=self._directory.job_folder, sample_bytes=self._sample_bytes)

    def captured(self, job: JobInfo, findings: tuple[Finding, ...]) -> None:
        """The job is known: so are the axes."""
        space, job = make_space(self._settings, job)
        self.findings = without(findings, self._settings.ignore)
        self._directory.save_job(job, space, self.findings)
        for finding in self.findings:
            if finding.severity is not Severity.NOTE:
                self.note(f"{finding.code} {finding.severity}: {finding.title}")
        self._know(job, space, ())

    def _know(self, job: JobInfo, space: Space, outcomes: tuple[Outcome, ...]) -> None:
        self.job, self.space = job, space
        self._agenda = Agenda(self._settings, job, space, settled=self._directory.follow_ups())
        self._queue = Queue(head=None if space.resolution is None else _HEAD)
        self._judgements = Judgements(job)
        self._study = StudyWriter(
            at=self._study_at, name=self._study_name, run_id=self._directory.id, space=space, tell=self.note
        )
        for outcome in nulls_first(outcomes):
            self._add(outcome)
        self._plan()
        finished = tuple(judged for judged in self.judged if not judged.outcome.probe.is_null)
        self._view.show(JobCaptured(job=job, space=space, planned=self._planned(), finished=finished))

    def _plan(self) -> None:
        """Asks the agenda what comes next, until none of that is known to be too large."""
        self._since_plan = 0
        wanted = self._agenda.next_probes(self._judgements.everything, in_flight=self._in_flight.values())
        self._settle_follow_ups()
        probes = [probe for probe in wanted if probe.id not in self._in_flight]
        too_large = [probe for probe in probes if self._is_too_large(probe.batch_size)]
        if too_large and not self.given_up:
            if self._settle(too_large):
                self._plan()
            return
        self._queue.fill(probes)
        self._total = self._count()

    def _settle_follow_ups(self) -> None:
        """Keeps what follows the map and says so, once."""
        wishes = self._agenda.follow_ups
        if wishes and not self._told_follow_ups:
            self._told_follow_ups = True
            self._counted = -math.inf
            self._directory.save_follow_ups(wishes)
            for wish in wishes:
                self.note(f"after the map: {wish_text(wish)}")

    def _count(self) -> int:
        """Probes of the whole run, as far as that can be told; null probes are not counted."""
        known = self._judgements.done + self._probes_in_flight() + self._queue.cells
        if not self._queue and self._agenda.follow_ups is not None:
            return known
        if self._clock() - self._counted < _COUNT_EVERY_S:
            return max(known, self._total)
        self._counted = self._clock()
        return max(known, self._agenda.planned(self._judgements.everything))

    def _planned(self) -> int:
        """Probes that will run in all, with the limit on them."""
        return min(self._total, self._settings.max_probes or self._total)

    def _probes_in_flight(self) -> int:
        return sum(not probe.is_null for probe in self._in_flight.values())

    def next_task(self, last: Probe | None) -> Task | None:
        """The first waiting probe; one of the optimizer that the worker has traced already, if there is one.

        Others come with it where the engine trains several as one program.
        """
        if self.space is None or self.given_up or self.spent:
            return None
        probe = self._queue.take(last=last, in_flight=self._in_flight.values())
        if probe is None:
            return None
        if self._began is None:
            self._began = self._clock()
            self._pace = Pace(began=self._began)
        others = self._queue.take_like(probe, most=self._lanes(probe) - 1, alone=self._alone)
        self._in_flight |= {one.id: one for one in (probe, *others)}
        return Task(probe=probe, choice=self._agenda.choice(probe.optimizer), others=others)

    def _lanes(self, probe: Probe) -> int:
        """Probes that may begin as one program."""
        assert self.job is not None
        if probe.id in self._alone or probe.batch_size >= self._split_from:
            return 1
        lanes = self.job.engine.lanes_at(probe.batch_size, own=self.job.batch_size)
        left = self._settings.max_probes
        return lanes if left is None else min(lanes, left - self._judgements.done - self._probes_in_flight())

    def remaining(self) -> int:
        """Probes that wait, or will once others have ended."""
        return len(self._queue) + self._unplanned()

    def _unplanned(self) -> int:
        """Probes that the search is expected to want besides those that wait."""
        return max(0, self._total - self._judgements.done - self._probes_in_flight() - self._queue.cells)

    def lost(self, lost: Lost) -> None:
        """The probes wait again, first in line and each to train by itself.

        From a batch size on at which probes failed together, all train by themselves.
        """
        if lost.together:
            self._split_from = min(self._split_from, lost.probes[0].batch_size)
        for probe in reversed(lost.probes):
            self._in_flight.pop(probe.id, None)
            self._alone.add(probe.id)
            self._queue.put_back(probe)

    def done(self, outcome: Outcome) -> None:
        """Keeps an outcome, for good before anything else happens with it."""
        self._in_flight.pop(outcome.probe.id, None)
        if not self._keep(outcome):
            return
        probe = outcome.probe
        self._pace.note(
            optimizer=probe.optimizer,
            batch_size=probe.batch_size,
            seconds=outcome.seconds,
            now=self._clock(),
            worth=self._agenda.worth(probe),
        )
        self._give_up_if_hopeless()
        self._go_on(outcome)
        if not probe.is_null:
            self._show(outcome)

    def _keep(self, outcome: Outcome) -> bool:
        """Whether an outcome could be written; without a place for outcomes the run ends."""
        sync = self._clock() - self._synced >= _SYNC_EVERY_S
        try:
            self._directory.save_outcome(outcome, sync=sync)
        except MachineError as error:
            self.disk_error = error
            return False
        if sync:
            self._synced = self._clock()
        self._add(outcome)
        return True

    def _add(self, outcome: Outcome) -> None:
        """Takes in what is kept; the study holds the map, whose probes compare with each other."""
        assert self._study is not None
        assert self.space is not None
        settled = [judged.outcome.probe for judged in self._judgements.add(outcome)]
        mapped = [probe for probe in settled if not probe.is_null and self.space.holds(probe)]
        finished = [self._judgements.of(probe) for probe in mapped]
        self._study.add([(judged, final_loss(judged.outcome)) for judged in finished])
        self._ooms[outcome.probe.batch_size] += outcome.kind is OutcomeKind.OOM
        self._failures.add(failure_kind(outcome))
        self._trained = self._trained or outcome.curve is not None

    def _go_on(self, outcome: Outcome) -> None:
        """Asks the search again where the outcome can change its answer."""
        assert self.space is not None
        self._since_plan += 1
        searches = self.space.resolution is not None
        rows = len(self.space.optimizers) * len(self.space.batch_sizes)
        stale = searches and (rows <= _MANY_ROWS or self._since_plan * 4 >= rows)
        if searches and not stale:
            self._queue.drop((outcome.probe.optimizer, outcome.probe.batch_size))
        too_large = outcome.kind is OutcomeKind.OOM and self._is_too_large(outcome.probe.batch_size)
        if stale or too_large or not self._queue:
            self._plan()

    def _show(self, outcome: Outcome) -> None:
        self._view.show(
            ProbeDone(
                judged=self._judgements.of(outcome.probe),
                done=self._judgements.done,
                planned=self._planned(),
                seconds_left=self._said_left(),
            )
        )

    def seconds_left(self) -> float | None:
        """The time that is left; before probes have ended, from the step that was timed in the capture."""
        if self.job is None or self.space is None:
            return None
        left = self._said_left() if self._began is not None else None
        if left is not None or self.job.step_seconds is None:
            return left
        step = self.job.step_seconds / self.job.batch_size
        sizes = self.space.batch_sizes
        typical = sum(self.space.steps_at(size) * max(size, self.job.batch_size) * step for size in sizes) / len(sizes)
        return self.remaining() * typical

    def _said_left(self) -> float | None:
        """The time that is left; worked out now and then, since it looks at every row."""
        if self._clock() - self._said[0] >= _SAY_EVERY_S:
            self._said = self._clock(), self._estimate()
        return self._said[1]

    def _estimate(self) -> float | None:
        assert self.space is not None
        left = self._waiting()
        rows = [(choice.label, size) for choice in self.space.optimizers for size in self.space.batch_sizes]
        each, number = self._unplanned() / len(rows), self._total - self._judgements.done
        each += self._agenda.extra_worth() / len(rows)
        expected = {row: left[row] + each for row in {*left, *rows}}
        seconds = self._pace.seconds_left(expected)
        if seconds is None:
            return None
        if self._settings.max_probes is not None and number:
            seconds *= max(0, self._planned() - self._judgements.done) / number
        if self._settings.budget_s is not None and self._began is not None:
            seconds = min(seconds, max(0.0, self._began + self._settings.budget_s - self._clock()))
        return seconds

    def _waiting(self) -> Counter[tuple[str, int]]:
        """What waits or is in flight in each row, in probes of the map."""
        left: Counter[tuple[str, int]] = Counter()
        if self._agenda.follow_ups is None:
            left.update(self._queue.groups)
            left.update((probe.optimizer, probe.batch_size) for probe in self._in_flight.values())
        else:
            for probe in (*self._queue.probes, *self._in_flight.values()):
                left[probe.optimizer, probe.batch_size] += self._agenda.worth(probe)  # type: ignore[assignment]
        return left

    def _give_up_if_hopeless(self) -> None:
        """Ends the run when several probes have failed alike and none has trained."""
        finished = len(self._judgements.everything)
        if finished >= FAILURES_ALIKE and not self._trained and len(self._failures) == 1:
            self.given_up = True

    def _is_too_large(self, batch_size: int) -> bool:
        """Whether a batch size, or a smaller one, ran out of memory so often that it is not tried again."""
        return any(number >= _OOM_LIMIT and size <= batch_size for size, number in self._ooms.items())

    def _settle(self, too_large: list[Probe]) -> bool:
        """Settles probes without a try; whether that could be written."""
        size = min(size for size, number in self._ooms.items() if number >= _OOM_LIMIT)
        cause = f"not tried: batch size {size} ran out of memory in {_OOM_LIMIT} probes"
        self.note(f"{plural(len(too_large), 'probe')} at batch size {size} and above: {cause}")
        return all(self._keep(Outcome(probe=probe, kind=OutcomeKind.OOM, cause=cause)) for probe in too_large)

    def failed(self, reply: Failed) -> None:
        """No worker can get ready."""
        self.findings = (*self.findings, *reply.findings)
        self.given_up = True
        if reply.ending is Ending.NO_ROOM:
            (finding,) = reply.findings
            self.disk_error = MachineError(f"{finding.title}: {finding.evidence}. {finding.remedy}")

    def note(self, text: str) -> None:
        """Hands a line to the view."""
        self._view.show(Note(text=text))

    def close(self) -> None:
        """Waits until the study has every probe, or the person has asked to stop."""
        if self._study is not None:
            self._study.close(
                stopped=lambda: self._switch.level is not StopLevel.RUN,
                waits=lambda: self._view.show(
                    Waiting(text="adding the last probes to the Optuna study; Ctrl-C leaves them to `sweeper resume`")
                ),
            )
