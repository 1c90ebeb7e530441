"""A stand-in for `sweeper.sweep`: replays a made-up run to the view and remembers what it was asked."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from sweeper.batch_size.driver._lines import describe_begun, describe_searched, describe_trial
from sweeper.errors import ExitStatus
from sweeper.events import (
    AbstractView,
    JobCaptured,
    MemorySearched,
    Note,
    ProbeDone,
    RunOpened,
    TrialBegun,
    TrialDone,
    Waiting,
)
from sweeper.protocol import FitSite
from sweeper.settings import Settings
from tests.reporting.samples import Sample, usual


@dataclass(kw_only=True)
class FakeLibrary:
    sample: Sample = field(default_factory=usual)
    status: ExitStatus = ExitStatus.DONE
    sites: tuple[FitSite, ...] = ()
    error: Exception | None = None
    directory: Path = Path("runs/digits-1")
    pause_s: float = 0.0
    follow_ups: tuple[str, ...] = ()
    asked: dict[str, Any] = field(default_factory=dict)

    def probe(self, settings: Settings, *, command: tuple[str, ...], view: AbstractView) -> SimpleNamespace:
        self.asked = {"verb": "probe", "settings": settings, "command": command}
        return self._run(view, resumed=False)

    def newest(self) -> Path:
        return Path("runs/newest")

    def resume(
        self,
        directory: Path,
        *,
        force: bool,
        view: AbstractView,
        storage: str | None = None,
        budget_s: float | None = None,
        max_probes: int | None = None,
    ) -> SimpleNamespace:
        limits = {"budget_s": budget_s, "max_probes": max_probes}
        self.asked = {"verb": "resume", "directory": directory, "force": force, "storage": storage, **limits}
        return self._run(view, resumed=True)

    def rebuild(self, directory: Path) -> SimpleNamespace:
        self.asked = {"verb": "rebuild", "directory": directory}
        return self._result()

    def plan(self, settings: Settings, *, view: AbstractView) -> SimpleNamespace:
        self.asked = {"verb": "plan", "settings": settings}
        self._fail_if_asked_to()
        view.show(Waiting(text="starting the script"))
        probes = tuple(judged.outcome.probe for judged in self.sample.judged)
        return SimpleNamespace(
            job=self.sample.job,
            space=self.sample.space,
            probes=probes,
            planned=len(probes),
            follow_ups=self.follow_ups,
            seconds=71.0,
        )

    def fits(self, settings: Settings, *, view: AbstractView) -> SimpleNamespace:
        self.asked = {"verb": "fits", "settings": settings}
        view.show(Waiting(text="starting the script"))
        self._fail_if_asked_to()
        return SimpleNamespace(sites=self.sites, findings=self.sample.findings)

    def _run(self, view: AbstractView, *, resumed: bool) -> SimpleNamespace:
        self._fail_if_asked_to()
        sample = self.sample
        view.show(RunOpened(directory=str(self.directory), resumed=resumed))
        view.show(Waiting(text="starting digits.py"))
        time.sleep(self.pause_s * 10)
        if sample.memory is not None:
            for trial in sample.memory.trials:
                view.show(TrialBegun(text=describe_begun(trial.number, trial.request)))
                time.sleep(self.pause_s)
                view.show(TrialDone(text=describe_trial(trial, sample.memory.limit)))
            view.show(MemorySearched(text=describe_searched(sample.memory)))
        if sample.job is not None and sample.space is not None:
            view.show(JobCaptured(job=sample.job, space=sample.space, planned=sample.run.planned))
            view.show(Note(text="the samples were cut to 512 MiB"))
            done = 0
            for judged in sample.judged:
                time.sleep(self.pause_s)
                done += not judged.outcome.probe.is_null
                left = (sample.run.planned - done) * 0.5
                view.show(ProbeDone(judged=judged, done=done, planned=sample.run.planned, seconds_left=left))
        return self._result()

    def _result(self) -> SimpleNamespace:
        self._fail_if_asked_to()
        return SimpleNamespace(directory=self.directory, results=self.sample.results(), status=self.status)

    def _fail_if_asked_to(self) -> None:
        if self.error is not None:
            raise self.error
