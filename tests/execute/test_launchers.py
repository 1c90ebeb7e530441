"""What every launcher must do, tried with each there is; and that a sweep's workers do as well through any of them."""

import signal
import time
from pathlib import Path

import psutil
import pytest

from sweeper.execute import Exit, LocalLauncher, Slot
from sweeper.probes import OutcomeKind, Probe
from tests.execute.shell_launcher import ShellLauncher
from tests.execute.worker_scripts import command
from tests.worker.driving import GivenProbes, drive

pytestmark = pytest.mark.slow
HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SLOT = Slot(number=0, device="cpu", environment=(("SWEEPER_TEST", "a b"),))
LAUNCHERS = pytest.mark.parametrize("launcher", [LocalLauncher, ShellLauncher])


class Spoken:
    """A child, asked and answered line by line."""

    def __init__(self, child):
        self.child = child
        self.lines = []

    def ask(self, text):
        self.child.send(f"{text}\n".encode())
        while not self.lines:
            self.lines += self.child.receive()
        pid, _, answer = self.lines.pop(0).decode().partition(" ")
        self.pid = int(pid)
        return answer

    def rest(self):
        """What is said until nothing more can come."""
        return list(iter(self.child.receive, None))


@pytest.fixture(params=[LocalLauncher, ShellLauncher])
def spoken(request, tmp_path):
    return Spoken(request.param(command("plain_worker.py")).launch(SLOT, tmp_path / "logs" / "worker.log"))


def gone(pid):
    """Whether a process is gone within a moment."""
    for _ in range(50):
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.1)
    return False


def test_lines_of_any_length_come_whole_and_in_their_order(spoken):
    texts = ["short", "x" * 3_000_000, "", "last"]
    assert [spoken.ask(f"say {text}") for text in texts] == texts
    spoken.child.close(grace_s=5.0)


def test_a_worker_has_the_environment_of_its_slot(spoken):
    assert spoken.ask("variable SWEEPER_TEST") == "a b"
    spoken.child.close(grace_s=5.0)


def test_what_a_worker_prints_is_in_its_log(spoken, tmp_path):
    spoken.ask("print some words")
    spoken.child.close(grace_s=5.0)
    assert (tmp_path / "logs" / "worker.log").read_text() == "some words\n"


@pytest.mark.parametrize(("order", "status"), [("leave 0", 0), ("leave 3", 3), ("signal 6", -signal.SIGABRT)])
def test_a_worker_that_has_ended_says_nothing_more_and_has_its_status(spoken, order, status):
    spoken.ask("say something")
    spoken.child.send(f"{order}\n".encode())
    assert spoken.rest() == []
    spoken.child.send(b"say something to nobody\n")
    assert spoken.child.close(grace_s=5.0) == Exit(status=status)


def test_a_worker_that_can_be_sent_nothing_more_leaves_by_itself(spoken):
    spoken.ask("say something")
    assert spoken.child.close(grace_s=20.0) == Exit(status=0)
    assert spoken.rest() == []


def test_a_worker_that_hangs_is_killed_with_all_that_it_started(spoken):
    started = int(spoken.ask("start"))
    spoken.child.send(b"hang\n")
    assert spoken.child.close(grace_s=0.1).status == -signal.SIGKILL
    assert spoken.rest() == []
    assert gone(spoken.pid)
    assert gone(started)


@LAUNCHERS
def test_probes_of_a_worker_that_dies_come_to_the_same(launcher, tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    probes = [Probe(optimizer="adam", learning_rate=rate, batch_size=8, seed=0, steps=3) for rate in (1.0, 13.0, 4.0)]
    work = drive(
        GivenProbes(probes, tmp_path / "job", samples_kept=True),
        "train.py",
        launcher=launcher(command("lane_worker.py", "dies")),
    )
    assert {rate: outcome.kind for rate, outcome in work.by_rate.items()} == {
        1.0: OutcomeKind.COMPLETED,
        13.0: OutcomeKind.CRASHED,
        4.0: OutcomeKind.COMPLETED,
    }
    assert work.by_rate[13.0].cause == "the process was ended by signal 6 (SIGABRT)"
    assert len(work.notes) == 1


def test_a_script_is_captured_and_probed_through_a_shell(tmp_path):
    probes = [Probe(optimizer="script", learning_rate=rate, batch_size=16, seed=0, steps=4) for rate in (0.0, 0.1)]
    script = HERE.parent / "worker" / "scripts" / "noisy.py"
    work = drive(GivenProbes(probes, tmp_path / "job"), script, launcher=ShellLauncher())
    assert work.job.fit_site.endswith("noisy.py:37")
    assert {outcome.kind for outcome in work.outcomes.values()} == {OutcomeKind.COMPLETED}
