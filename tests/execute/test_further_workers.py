"""When another worker is started, and when not."""

from pathlib import Path

import pytest

from sweeper.execute import LocalLauncher
from sweeper.probes import OutcomeKind, Probe
from tests.execute.worker_scripts import command
from tests.worker.driving import GivenProbes, drive

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
PROBES = [Probe(optimizer="adam", learning_rate=float(i), batch_size=8, seed=0, steps=3) for i in range(40, 80)]


class Timed(GivenProbes):
    """Work that takes so many seconds for each probe that waits."""

    def __init__(self, folder, *, each):
        super().__init__(PROBES, folder, samples_kept=True)
        self.each = each

    def seconds_left(self):
        return self.each * len(self.waiting)


@pytest.fixture
def logs_of(tmp_path, monkeypatch):
    def logs_of(each, behaviour="slow", first="slow"):
        started = []

        def next_command(commands_fd, replies_fd):
            started.append(behaviour if started else first)
            return command("lane_worker.py", started[-1])(commands_fd, replies_fd)

        monkeypatch.setenv("PYTHONPATH", str(ROOT))
        work = Timed(tmp_path / "job", each=each)
        drive(work, "train.py", launcher=LocalLauncher(next_command), probe_timeout_s=20.0, workers=2)
        assert {outcome.kind for outcome in work.outcomes.values()} == {OutcomeKind.COMPLETED}
        assert len(work.outcomes) == len(PROBES)
        return len(started), work.notes

    return logs_of


def test_a_further_worker_starts_where_much_is_left_to_do(logs_of):
    assert logs_of(each=60.0) == (2, [])


def test_none_starts_where_the_first_is_done_before_it_could_help(logs_of):
    assert logs_of(each=0.0001) == (1, [])


def test_a_slot_in_which_no_worker_gets_ready_is_tried_once(logs_of):
    started, notes = logs_of(each=60.0, behaviour="leaves at once")
    assert started == 2
    assert len(notes) == 1
    assert "a further worker could not start" in notes[0]
