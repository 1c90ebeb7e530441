"""Tasks of several probes: what becomes of each when their process does not bring them to an end."""

from pathlib import Path

import pytest

from sweeper.execute import LocalLauncher
from sweeper.probes import OutcomeKind, Probe
from tests.execute.worker_scripts import command
from tests.worker.driving import GivenProbes, drive

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
BAD_RATE = 13.0
RATES = (1.0, 2.0, BAD_RATE, 4.0, 5.0)
PROBES = [Probe(optimizer="adam", learning_rate=rate, batch_size=8, seed=0, steps=3) for rate in RATES]


@pytest.fixture
def run(tmp_path, monkeypatch):
    def run(behaviour, *, probe_timeout_s=20.0):
        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        work = GivenProbes(PROBES, tmp_path / "job", samples_kept=True, lanes=4)
        drive(
            work,
            "train.py",
            launcher=LocalLauncher(command("lane_worker.py", behaviour)),
            probe_timeout_s=probe_timeout_s,
        )
        logs = sorted((tmp_path / "logs").iterdir(), key=lambda log: log.stat().st_mtime)
        tasks = [line.split()[1:] for log in logs for line in log.read_text().splitlines() if line.startswith("task")]
        return work, tasks

    return run


def completed(work):
    return {rate for rate, outcome in work.by_rate.items() if outcome.kind is OutcomeKind.COMPLETED}


def test_every_probe_of_a_task_has_its_outcome(run):
    work, tasks = run("well")
    assert tasks == [["1", "2", "13", "4"], ["5"]]
    assert completed(work) == set(RATES)
    assert work.notes == []


def test_of_the_probes_of_a_worker_that_died_only_the_culprit_has_crashed(run):
    work, tasks = run("dies")
    assert completed(work) == {1.0, 2.0, 4.0, 5.0}
    assert work.by_rate[BAD_RATE].kind is OutcomeKind.CRASHED
    assert tasks[0] == ["1", "2", "13", "4"]
    assert all(len(task) == 1 for task in tasks[1:])
    assert "each is tried alone" in work.notes[0]


@pytest.mark.parametrize("behaviour", ["is killed", "has no memory", "splits up", "hangs"])
def test_probes_that_failed_as_one_program_are_tried_alone(run, behaviour):
    work, tasks = run(behaviour, probe_timeout_s=1.0)
    assert completed(work) == set(RATES)
    assert tasks == [["1", "2", "13", "4"], ["1"], ["2"], ["13"], ["4"], ["5"]]


def test_a_probe_with_an_outcome_is_not_tried_again_when_its_worker_dies(run):
    work, tasks = run("ends half way")
    assert completed(work) == set(RATES)
    assert tasks == [["1", "2", "13", "4"], ["2"], ["13"], ["4"], ["5"]]


class InWaves(GivenProbes):
    """Knows of the second wave only when the last probe of the first has its outcome."""

    def __init__(self, waves, folder):
        super().__init__(waves[0], folder, samples_kept=True)
        self.later = list(waves[1])
        self.first = len(waves[0])

    def done(self, outcome):
        super().done(outcome)
        if len(self.outcomes) == self.first:
            self.waiting += self.later


def test_a_worker_without_a_probe_waits_for_what_the_others_may_bring(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    rates = [float(number) for number in range(1, 50)]
    probes = [Probe(optimizer="adam", learning_rate=rate, batch_size=8, seed=0, steps=3) for rate in rates]
    work = InWaves((probes[:31], probes[31:]), tmp_path / "job")
    drive(work, "train.py", launcher=LocalLauncher(command("lane_worker.py", "slow")), probe_timeout_s=20.0, workers=2)
    assert completed(work) == set(rates)
    logs = [
        [line for line in log.read_text().splitlines() if line.startswith("task")]
        for log in (tmp_path / "logs").iterdir()
    ]
    assert len(logs) == 2, "no worker was started a second time"
    assert all(float(lines[-1].split()[-1]) > 31 for lines in logs), "both took part in the second wave"
