"""The batch-size search as a run does it, with workers that train nothing but report what they are told to."""

import json
from pathlib import Path

import pytest

from sweeper.batch_size.driver._findings import findings_of
from sweeper.batch_size.driver._record import MemoryRecord
from sweeper.batch_size.driver._search import MemorySearch
from sweeper.batch_size.values import MemoryLimit
from sweeper.errors import ExitStatus
from sweeper.events import MemorySearched, TrialBegun, TrialDone
from sweeper.execute import LocalLauncher, StopLevel
from sweeper.probes import OutcomeKind
from sweeper.record import RunDirectory
from sweeper.settings import BatchSearch, Settings
from sweeper.sweep import probe, rebuild, resume
from sweeper.sweep._run import start_for
from sweeper.sweep._stop import StopSwitch
from tests.execute.worker_scripts import command
from tests.sweep.made import Watching

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]
MB = 1_000_000


class WatchingTrials(Watching):
    def __init__(self, *, on_trial=None):
        super().__init__()
        self.on_trial = on_trial

    def show(self, event):
        super().show(event)
        if isinstance(event, TrialDone) and self.on_trial is not None:
            self.on_trial()


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    Path("train.py").write_text("")
    return tmp_path


@pytest.fixture
def worker(monkeypatch):
    def behave(behaviour):
        monkeypatch.setattr(
            "sweeper.sweep._run.make_launcher", lambda: LocalLauncher(command("bad_worker.py", behaviour))
        )

    behave("linear 300000000 200000")
    return behave


def settings(**changes):
    asked = {
        "target": "train.py",
        "batch_sizes": BatchSearch.RECOMMENDED,
        "memory_limit_bytes": 1000 * MB,
        "memory_only": True,
        "gpus": "none",
        "out": "run",
    }
    return Settings(**(asked | changes))


def search(run, view, switch, **changes):
    from sweeper.sweep._run import make_launcher, slots_of

    asked = settings(**changes)
    made = MemorySearch(
        directory=run,
        settings=asked,
        view=view,
        slot=slots_of(asked)[0],
        launcher=make_launcher(),
        stop_level=lambda: switch.level,
    )
    made.run(start_for(asked, run.path / "scratch"))
    return made


def test_the_largest_size_that_leaves_the_headroom_is_found_and_everything_is_kept(worker):
    view = WatchingTrials()
    result = probe(settings(), command=("sweeper",), view=view)
    memory = result.results.memory
    assert result.status is ExitStatus.DONE
    assert 2_700 <= memory.largest_that_fits <= 3_000
    assert [trial.batch_size for trial in memory.trials][-1] == memory.largest_that_fits
    assert len(view.of(TrialBegun)) == len(view.of(TrialDone)) == len(memory.trials) <= 5
    assert len(view.of(MemorySearched)) == 1
    assert "largest that fits" in Path("run/report.html").read_text()
    assert rebuild(Path("run")).results.as_json() == json.loads(Path("run/results.json").read_text())


def test_a_search_that_was_stopped_says_what_it_has_and_goes_on_from_there(worker):
    whole = probe(settings(out="whole"), command=(), view=WatchingTrials()).results.memory
    switch = StopSwitch()

    def stop():
        switch.level = StopLevel.DRAIN

    run = RunDirectory.create(Path("run"), RunDirectory.open(Path("whole")).manifest)
    with run.lock():
        stopped = search(run, WatchingTrials(on_trial=stop), switch)
    assert not stopped.complete
    assert [trial.number for trial in stopped.report.trials] == [1]
    began = {file.name: file.stat().st_mtime_ns for file in Path("run/memory").glob("0*.json")}
    resumed = resume(Path("run"), force=True, view=WatchingTrials()).results.memory
    sizes = [(trial.batch_size, trial.outcome) for trial in resumed.trials]
    assert sizes == [(trial.batch_size, trial.outcome) for trial in whole.trials]
    assert all((Path("run/memory") / name).stat().st_mtime_ns == when for name, when in began.items())


def test_stopping_again_and_again_in_one_trial_does_not_make_its_size_too_large(worker):
    run = RunDirectory.create(Path("run"), RunDirectory.open(_made("whole")).manifest)
    switch = StopSwitch()
    switch.level = StopLevel.DRAIN
    with run.lock():
        for _ in range(3):
            assert search(run, WatchingTrials(), switch).report is None
        switch.level = StopLevel.RUN
        found = search(run, WatchingTrials(), switch)
    assert all(trial.passed for trial in found.report.trials)


def _made(name):
    return probe(settings(out=name), command=(), view=WatchingTrials()).directory


def test_a_trial_that_took_the_driver_along_twice_counts_as_out_of_memory(worker):
    run = RunDirectory.create(Path("run"), RunDirectory.open(_made("whole")).manifest)
    switch = StopSwitch()

    def stop():
        switch.level = StopLevel.DRAIN

    with run.lock():
        search(run, WatchingTrials(on_trial=stop), switch)
        for _ in range(2):
            MemoryRecord(run=run.path).begin_trial(2)
        switch.level = StopLevel.RUN
        found = search(run, WatchingTrials(), switch)
    second = found.report.trials[1]
    assert second.measured.kind is OutcomeKind.OOM
    assert "sweeper itself was ended 2 times" in second.measured.cause
    assert found.report.advice.largest_that_fits < second.request.batch_size


def test_a_limit_that_nothing_fits_in_is_a_finding(worker):
    worker("linear 2000000000 1")
    result = probe(settings(), command=(), view=WatchingTrials())
    assert result.status is ExitStatus.NOTHING_TRAINED
    assert [finding.code for finding in result.results.findings] == ["SW012"]
    assert result.results.memory.largest_that_fits is None


def test_a_script_whose_own_size_is_too_large_is_told_so(worker):
    worker("linear 100000000 195000000")
    result = probe(settings(), command=(), view=WatchingTrials())
    assert result.results.memory.largest_that_fits == 4
    assert [finding.code for finding in result.results.findings] == ["SW014"]


def test_an_error_at_every_size_is_the_scripts_and_is_shown(worker):
    worker("fails")
    result = probe(settings(), command=(), view=WatchingTrials())
    (finding,) = result.results.findings
    assert (result.status, finding.code) == (ExitStatus.NOTHING_TRAINED, "SW004")
    assert "ValueError: no" in finding.title
    assert "at half of it" in finding.evidence


def test_a_damaged_trial_is_run_again(worker):
    folder = _made("run")
    (folder / "memory.json").unlink()
    (folder / "memory" / "002.json").write_text("{")
    again = resume(folder, force=True, view=WatchingTrials())
    assert again.results.memory.largest_that_fits > 2_500


def test_other_users_of_a_gpu_are_a_warning(worker):
    from dataclasses import replace

    run = RunDirectory.open(_made("run"))
    report = MemoryRecord(run=run.path).report()
    limit: MemoryLimit = replace(report.limit, others="process 7 (python) uses 3 GB")
    (finding,) = findings_of(replace(report, limit=limit))
    assert (finding.code, finding.severity) == ("SW013", "warning")
