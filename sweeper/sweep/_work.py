"""The sweep's side of an executor: what runs next, what is kept, when it is over."""

import time

from sweeper.errors import MachineError
from sweeper.events import AbstractView, JobCaptured, Note, ProbeDone, Waiting
from sweeper.execute import AbstractWork, StopLevel, Task
from sweeper.findings import Finding
from sweeper.job import JobInfo
from sweeper.probe import Outcome, OutcomeKind, Probe
from sweeper.protocol import Adopt, Capture, Listed
from sweeper.record import RunDirectory, Study
from sweeper.search import AbstractSearch
from sweeper.settings import Settings
from sweeper.space import SCRIPT, OptimizerChoice, Space
from sweeper.sweep._axes import make_space
from sweeper.sweep._listing import capture_order
from sweeper.sweep._stop import StopSwitch
from sweeper.sweep._verdicts import FAILURES_ALIKE, failure_kind, final_loss, judge, pairing, split_nulls
from sweeper.verdict import Judged

_OOM_LIMIT = 2
"""Out-of-memories at one batch size after which it, and larger ones, are not tried again."""
_FEW_PROBES = 3
"""Probes that must have run in this sitting before a time left is said."""


class SweepWork(AbstractWork):
    """Runs the probes that a search wants, and keeps what comes of them."""

    def __init__(
        self,
        *,
        directory: RunDirectory,
        settings: Settings,
        search: AbstractSearch,
        view: AbstractView,
        sample_bytes: int,
        switch: StopSwitch,
        study_url: str,
        study_name: str,
    ) -> None:
        self.findings: tuple[Finding, ...] = ()
        self.job: JobInfo | None = None
        self.space: Space | None = None
        self.given_up = False
        self.disk_error: MachineError | None = None
        self._directory = directory
        self._settings = settings
        self._search = search
        self._view = view
        self._sample_bytes = sample_bytes
        self._switch = switch
        self._study_url, self._study_name = study_url, study_name
        self._study: Study | None = None
        self._in_study: set[str] = set()
        self._outcomes: dict[str, Outcome] = {}
        self._waiting: list[Probe] = []
        self._in_flight: dict[str, Probe] = {}
        self._told_drain = False
        self._began: float | None = None
        self._done_here = 0
        if (known := directory.job()) is not None:
            self._resume(*known)

    def _resume(self, job: JobInfo, space: Space) -> None:
        self._outcomes = {outcome.probe.id: outcome for outcome in self._directory.outcomes()}
        self._know(job, space)

    @property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Every finished probe of the run."""
        return tuple(self._outcomes.values())

    @property
    def complete(self) -> bool:
        """Whether every probe that the search wants has an outcome."""
        return self.space is not None and not self._waiting and not self._in_flight and not self.given_up

    @property
    def planned(self) -> int:
        """Probes of the map that are finished, in flight or waiting; null probes are not counted."""
        probes = [outcome.probe for outcome in self._outcomes.values()]
        return sum(not probe.is_null for probe in (*probes, *self._in_flight.values(), *self._waiting))

    def stop_level(self) -> StopLevel:
        """The person's wish, or an end of our own: nothing can be trained, or nothing can be kept."""
        if self.disk_error is not None:
            return StopLevel.NOW
        level = self._switch.level
        if level is not StopLevel.RUN and not self._told_drain:
            self._told_drain = True
            self.note("stopping: probes in flight finish; press Ctrl-C again to stop at once")
        return StopLevel.DRAIN if self.given_up and level is StopLevel.RUN else level

    def order(self) -> Capture | Adopt:
        """Capture once; adopt from then on."""
        if self.job is not None:
            return Adopt(folder=str(self._directory.job_folder.resolve()))
        self._view.show(Waiting(text="the fit call is reached; taking the samples and tracing the first steps"))
        return capture_order(self._settings, folder=self._directory.job_folder, sample_bytes=self._sample_bytes)

    def captured(self, job: JobInfo, findings: tuple[Finding, ...]) -> None:
        """The job is known: so are the axes."""
        space, job = make_space(self._settings, job)
        self.findings = findings
        self._directory.save_job(job, space)
        self._know(job, space)

    def _know(self, job: JobInfo, space: Space) -> None:
        self.job, self.space = job, space
        self._plan()
        self._open_study(space)
        finished = tuple(self._judged(outcome) for outcome in self.outcomes if not outcome.probe.is_null)
        self._view.show(JobCaptured(job=job, space=space, planned=self.planned, finished=finished))
        self._began = time.monotonic()

    def _plan(self) -> None:
        """Asks the search what comes next, given everything that is finished."""
        assert self.space is not None
        judged = tuple(self._judged(outcome) for outcome in self._outcomes.values())
        self._waiting = [
            probe for probe in self._search.next_probes(self.space, judged) if probe.id not in self._in_flight
        ]

    def _open_study(self, space: Space) -> None:
        self._study = Study.open(url=self._study_url, name=self._study_name, run_id=self._directory.id, space=space)
        self._in_study = set(self._study.known_ids())
        self._fill_study()

    def next_task(self, last: Probe | None) -> Task | None:
        """The first waiting probe; one of the optimizer that the worker has traced already, if there is one."""
        if self.space is None or self.given_up:
            return None
        if not self._waiting and not self._in_flight:
            self._plan()
        if not self._waiting:
            return None
        labels = {choice.label: choice for choice in self.space.optimizers}
        probe = self._pick(last)
        self._waiting.remove(probe)
        self._in_flight[probe.id] = probe
        return Task(probe=probe, choice=labels.get(probe.optimizer, OptimizerChoice(label=SCRIPT, name=SCRIPT)))

    def _pick(self, last: Probe | None) -> Probe:
        if self._waiting[0].is_null:
            return self._waiting[0]
        busy = {probe.optimizer for probe in self._in_flight.values()}
        same = [probe for probe in self._waiting if last is not None and probe.optimizer == last.optimizer]
        free = [probe for probe in self._waiting if probe.optimizer not in busy]
        return (same or free or self._waiting)[0]

    def remaining(self) -> int:
        """Probes that wait."""
        return len(self._waiting)

    def lost(self, probe: Probe) -> None:
        """The probe waits again, first in line."""
        self._in_flight.pop(probe.id, None)
        self._waiting.insert(0, probe)

    def done(self, outcome: Outcome) -> None:
        """Keeps an outcome, for good before anything else happens with it."""
        self._in_flight.pop(outcome.probe.id, None)
        if not self._keep(outcome):
            return
        self._done_here += 1
        self._fill_study()
        if not outcome.probe.is_null:
            self._show(outcome)
        self._give_up_if_hopeless()
        self._skip_too_large(outcome)
        if not self._waiting and not self._in_flight:
            self._plan()

    def _keep(self, outcome: Outcome) -> bool:
        """Whether an outcome could be written; without a place for outcomes the run ends."""
        try:
            self._directory.save_outcome(outcome)
        except MachineError as error:
            self.disk_error = error
            return False
        self._outcomes[outcome.probe.id] = outcome
        return True

    def _show(self, outcome: Outcome) -> None:
        self._view.show(
            ProbeDone(
                judged=self._judged(outcome),
                done=sum(not other.probe.is_null for other in self._outcomes.values()),
                planned=self.planned,
                seconds_left=self._seconds_left(),
            )
        )

    def _seconds_left(self) -> float | None:
        if self._began is None or self._done_here < _FEW_PROBES:
            return None
        waiting = len(self._waiting) + len(self._in_flight)
        return (time.monotonic() - self._began) / self._done_here * waiting

    def _judged(self, outcome: Outcome) -> Judged:
        assert self.job is not None
        return judge(outcome, nulls=split_nulls(self.outcomes)[0], job=self.job)

    def _fill_study(self) -> None:
        """Adds finished probes to the study, each once the null probe that its verdict needs is finished."""
        if self._study is None:
            return
        nulls = {pairing(outcome.probe) for outcome in self._outcomes.values() if outcome.probe.is_null}
        for outcome in self._outcomes.values():
            probe = outcome.probe
            if not probe.is_null and probe.id not in self._in_study and pairing(probe) in nulls:
                try:
                    self._study.add(self._judged(outcome), final_loss=final_loss(outcome))
                except MachineError as error:
                    self.note(str(error))
                    self._study = None
                    return
                self._in_study.add(probe.id)

    def _give_up_if_hopeless(self) -> None:
        """Ends the run when several probes have failed alike and none has trained."""
        finished = self.outcomes
        alike = len({failure_kind(outcome) for outcome in finished}) == 1
        none_trained = not any(outcome.curve is not None for outcome in finished)
        if len(finished) >= FAILURES_ALIKE and none_trained and alike:
            self.given_up = True

    def _skip_too_large(self, outcome: Outcome) -> None:
        """After repeated out-of-memories at one batch size, it and larger ones are settled without a try."""
        if outcome.kind is not OutcomeKind.OOM:
            return
        size = outcome.probe.batch_size
        same = [o for o in self._outcomes.values() if o.kind is OutcomeKind.OOM and o.probe.batch_size == size]
        if len(same) != _OOM_LIMIT or self.given_up:
            return
        cause = f"not tried: batch size {size} ran out of memory in {_OOM_LIMIT} probes"
        too_large = [probe for probe in self._waiting if probe.batch_size >= size]
        self._waiting = [probe for probe in self._waiting if probe.batch_size < size]
        for probe in too_large:
            if not self._keep(Outcome(probe=probe, kind=OutcomeKind.OOM, cause=cause)):
                return
        if too_large:
            self.note(f"{len(too_large)} probes at batch size {size} and above are {cause}")

    def failed(self, findings: tuple[Finding, ...]) -> None:
        """No worker can get ready."""
        self.findings = (*self.findings, *findings)
        self.given_up = True
        for finding in findings:
            if finding.code == "SW011":
                self.disk_error = MachineError(f"{finding.title}: {finding.evidence}. {finding.remedy}")

    def listed(self, reply: Listed) -> None:
        """Not asked for in a sweep."""
        raise AssertionError(reply)

    def note(self, text: str) -> None:
        """Hands a line to the view."""
        self._view.show(Note(text=text))

    def close(self) -> None:
        """Closes the study."""
        if self._study is not None:
            self._study.close()
