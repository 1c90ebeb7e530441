"""The sweep of a captured job: ask the search, hand out probes, record what comes back, judge it, and ask again."""

import time
from collections.abc import Callable

from sweeper.events import AbstractView, JobCaptured, Note, ProbeDone
from sweeper.execute import AbstractExecutor, AbstractTasks, Happened, Lost, StopLevel, Task
from sweeper.findings import Finding
from sweeper.probes import Outcome, OutcomeKind, Probe
from sweeper.protocol import AtFit, Captured, Diagnosed, Failed, Listed
from sweeper.record import RunDirectory, StudyWriter
from sweeper.settings import Settings
from sweeper.sweep._capture import STOPPING, CapturedJob
from sweeper.sweep._estimate import Estimate
from sweeper.sweep._followups import plan_text
from sweeper.sweep._judgements import Judgements, nulls_first
from sweeper.sweep._limits import Budget, TooLarge
from sweeper.sweep._queue import Queue
from sweeper.sweep._stages import Stages
from sweeper.sweep._stop import StopSwitch
from sweeper.sweep._verdicts import fail_alike, final_loss
from sweeper.text import plural
from sweeper.verdict import Judged

_MANY_ROWS = 40
"""Rows up to which a search is asked again after each outcome: it looks at all rows, 0.15 ms for each. With more, it is
asked when as many outcomes have come as a quarter of them; until then the rows of those outcomes wait."""
_SYNC_EVERY_S = 1.0
"""Time between two waits for the disk: with slow probes for each, with quick ones for many together."""
_HEAD = 3
"""Probes at the head of a boundary search among which a worker may prefer one that needs no trace. Few, so that a
budget is spent on what the search puts first: a row alone asks for about as many at a time."""


class Sweep(AbstractTasks):
    """A run whose job is known, with every probe that has an outcome; more come with `run`."""

    def __init__(
        self,
        captured: CapturedJob,
        *,
        directory: RunDirectory,
        settings: Settings,
        view: AbstractView,
        study: StudyWriter,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.job, self.space = captured.job, captured.space
        self.findings: tuple[Finding, ...] = captured.findings
        self.given_up = False
        """Whether no more probes begin, as no worker gets ready or all probes fail alike."""
        self._directory = directory
        self._view = view
        self._study = study
        self._clock = clock
        self._stages = Stages(settings, self.job, self.space, settled=directory.follow_ups())
        self._queue = Queue(head=_HEAD if self._searches else None)
        self._judgements = Judgements(self.job)
        self._budget = Budget(settings, clock)
        self._estimate = Estimate(
            self.job,
            self.space,
            stages=self._stages,
            queue=self._queue,
            judgements=self._judgements,
            budget=self._budget,
            clock=clock,
        )
        self._too_large = TooLarge()
        self._split_from: int | None = None
        """The least batch size at which probes failed as one program; from there on each trains by itself."""
        self._synced = clock()
        self._since_plan = 0
        for outcome in nulls_first(directory.outcomes()):
            self._add(outcome)
        self._keep_follow_ups()
        self._plan()
        finished = tuple(judged for judged in self.judged if not judged.outcome.probe.is_null)
        view.show(JobCaptured(job=self.job, space=self.space, planned=self._estimate.planned, finished=finished))

    @property
    def judged(self) -> tuple[Judged, ...]:
        """Every finished probe of the run; null probes without a verdict."""
        return self._judgements.everything

    @property
    def complete(self) -> bool:
        """Whether every probe of the map and of what follows it has an outcome."""
        return not self._queue and not self._queue.in_flight and not self.given_up

    @property
    def spent(self) -> str:
        """Which limit on time or probes has been reached, in words; empty when none has."""
        return self._budget.spent(self._estimate.begun)

    def run(self, executor: AbstractExecutor, switch: StopSwitch) -> None:
        """Runs probes until there are none left, the user stops it, or no worker can get ready.

        Raises `MachineError` when an outcome cannot be written.
        """
        said = ""
        while not executor.over:
            event = executor.next_event()
            if event is not None:
                self.take(event)
            why = self._why_no_more(switch)
            if why and why != said:
                said = why
                self._view.show(Note(text=why))
            if switch.level is StopLevel.NOW:
                return
            if switch.level is StopLevel.RUN and not self.given_up and not self.spent:
                executor.hand_out(self)
            else:
                executor.drain()

    def _why_no_more(self, switch: StopSwitch) -> str:
        """Why no more probes begin, in words; empty where they do, or where the results will say it."""
        if switch.level is not StopLevel.RUN:
            return STOPPING
        return f"{self.spent}: no more probes begin" if self.spent and self._queue and not self.given_up else ""

    def next_task(self, last: Probe | None) -> Task | None:
        """The first waiting probe; one of the optimizer that the worker has traced already, if there is one.

        Others come with it where the engine trains several as one program.
        """
        if self.given_up or self.spent:
            return None
        probes = self._queue.take(last=last, lanes=self._lanes)
        if not probes:
            return None
        self._budget.begin()
        return Task(probe=probes[0], choice=self._stages.choice(probes[0].optimizer), others=probes[1:])

    def remaining(self) -> int:
        """Probes that wait, or will once others have ended."""
        return len(self._queue) + self._estimate.unplanned

    def seconds_left(self) -> float | None:
        """The time that is left; before probes have ended, from the step that was timed in the capture."""
        left = self._estimate.seconds_left()
        return self._estimate.seconds_left_by_step() if left is None else left

    def take(self, event: Happened) -> None:
        """Takes in what has happened to a worker."""
        match event:
            case Outcome():
                self._done(event)
            case Lost():
                self._lost(event)
            case Failed():
                self.given_up = True
                self.findings = (*self.findings, *event.findings)
            case Note():
                self._view.show(event)
            case AtFit():
                pass  # a further worker, which adopts the job
            case Captured() | Listed() | Diagnosed():
                raise AssertionError(event)

    @property
    def _searches(self) -> bool:
        return self.space.resolution is not None

    def _lanes(self, probe: Probe) -> int:
        """Probes that may begin as one program."""
        if self._split_from is not None and probe.batch_size >= self._split_from:
            return 1
        lanes = self.job.engine.lanes_at(probe.batch_size, own=self.job.batch_size)
        return int(min(lanes, self._budget.probes_left(self._estimate.begun)))

    def _lost(self, lost: Lost) -> None:
        """Has probes wait again, each to train by itself."""
        if lost.together:
            size = lost.probes[0].batch_size
            self._split_from = size if self._split_from is None else min(self._split_from, size)
        self._queue.put_back(lost.probes)

    def _done(self, outcome: Outcome) -> None:
        """Keeps an outcome, for good before anything else happens with it, and asks what comes next."""
        self._queue.ended(outcome.probe)
        self._keep(outcome)
        self._estimate.note(outcome)
        if outcome.curve is None and fail_alike([judged.outcome for judged in self.judged]):
            self.given_up = True
        self._plan_if_stale(outcome)
        if not outcome.probe.is_null:
            self._view.show(
                ProbeDone(
                    judged=self._judgements.of(outcome.probe),
                    done=self._judgements.done,
                    planned=self._estimate.planned,
                    seconds_left=self._estimate.seconds_left(),
                )
            )

    def _keep(self, outcome: Outcome) -> None:
        sync = self._clock() - self._synced >= _SYNC_EVERY_S
        self._directory.save_outcome(outcome, sync=sync)
        if sync:
            self._synced = self._clock()
        self._add(outcome)

    def _add(self, outcome: Outcome) -> None:
        """Takes in what is kept; the study holds the map, whose probes compare with each other."""
        settled = [judged.outcome.probe for judged in self._judgements.add(outcome)]
        mapped = [probe for probe in settled if not probe.is_null and self.space.holds(probe)]
        finished = [self._judgements.of(probe) for probe in mapped]
        self._study.add([(judged, final_loss(judged.outcome)) for judged in finished])
        self._too_large.note(outcome)

    def _plan_if_stale(self, outcome: Outcome) -> None:
        """Plans again if an outcome can change what comes next; until then the row of the outcome waits."""
        self._since_plan += 1
        rows = len(self.space.optimizers) * len(self.space.batch_sizes)
        stale = self._searches and (rows <= _MANY_ROWS or self._since_plan * 4 >= rows)
        if self._searches and not stale:
            self._queue.drop((outcome.probe.optimizer, outcome.probe.batch_size))
        too_large = outcome.kind is OutcomeKind.OOM and outcome.probe.batch_size in self._too_large
        if stale or too_large or not self._queue:
            self._plan()

    def _plan(self) -> None:
        """Fills the queue with what comes next; what is known to be too large has its outcome at once."""
        self._since_plan = 0
        settled = False
        while True:
            judged = self.judged
            wanted = self._stages.next_probes(judged)
            if not wanted and self._stages.settle(judged, in_flight=self._queue.in_flight):
                settled = True
                self._keep_follow_ups()
                continue
            in_flight = {probe.id for probe in self._queue.in_flight}
            too_large = [one for one in wanted if one.batch_size in self._too_large and one.id not in in_flight]
            if not too_large or self.given_up:
                break
            self._leave_out(too_large)
        self._queue.fill(wanted)
        self._estimate.plan(count_now=settled)

    def _keep_follow_ups(self) -> None:
        """Keeps what follows the map, if anything does, and says so."""
        if plans := self._stages.follow_ups:
            self._directory.save_follow_ups(plans)
            for plan in plans:
                self._view.show(Note(text=f"after the map: {plan_text(plan)}"))

    def _leave_out(self, probes: list[Probe]) -> None:
        """Gives probes that are too large their outcome without a try."""
        text = f"{plural(len(probes), 'probe')} at batch size {self._too_large.smallest} and above"
        self._view.show(Note(text=f"{text}: {self._too_large.cause}"))
        for probe in probes:
            self._keep(self._too_large.outcome(probe))
