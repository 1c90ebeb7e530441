"""Whole runs without a script: the fit call, probes and memory trials are functions, all else is what a person runs."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from sweeper.batch_size.values import Trial
from sweeper.events import AbstractView, SilentView
from sweeper.execute import FakeExecutor, Task
from sweeper.job import JobInfo
from sweeper.memory import FitFacts
from sweeper.probes import Outcome
from sweeper.settings import Settings
from sweeper.sweep import Run, probe
from sweeper.trial import TrialRequest


@dataclass(frozen=True, kw_only=True)
class Script:
    """What stands in for a script that trains."""

    job: JobInfo
    train: Callable[[Task], Outcome]
    facts: FitFacts | None = None
    """Of the fit call, as a memory trial finds them."""
    trial: Callable[[TrialRequest, int], Trial] | None = None
    """How a memory trial ends, from its request and its number."""


def run(settings: Settings, script: Script, folder: Path, *, view: AbstractView | None = None) -> Run:
    """What `sweeper probe` comes to with such a script, in the run directory `run` of a folder."""
    (folder / "train.py").write_text("")
    settings = dataclasses.replace(settings, target="train.py", out="run", workers=1, gpus="none")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        # The two places at which a run starts processes.
        patch.setattr("sweeper.sweep._run.executor_for", lambda *_, **__: FakeExecutor(script.job, script.train))
        patch.setattr("sweeper.batch_size.driver._search.TrialRunner", lambda *_, **__: _Trials(script))
        # A study takes longer to make than all else here, and nothing in the results comes from it.
        patch.setattr("sweeper.sweep._run.load_optuna", lambda: None)
        patch.setattr("sweeper.sweep._run.StudyWriter", _NoStudy)
        result = probe(settings, command=("sweeper", "probe", "train.py"), view=view or SilentView())
    return dataclasses.replace(result, directory=folder / result.directory)


class _Trials:
    def __init__(self, script):
        self._script = script

    def run(self, start, *, number, decide):
        return self._script.trial(decide(self._script.facts).request, number)


class _NoStudy:
    def __init__(self, **_):
        pass

    def add(self, finished):
        pass

    def close(self, **_):
        pass
