"""A writer that is killed at random instants: what it had reported as kept is there, and nothing is torn."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing, contextmanager

import pytest
from optuna.trial import TrialState

from sweeper.record import RunDirectory, Study
from tests.record.made import SPACE, manifest, read_by_optuna

pytestmark = pytest.mark.slow

KILLS = 10
LONGEST_LIFE_S = 0.3
"""Between the first thing kept and the kill: many writes."""

BEGINS = """
import os, sys
from itertools import count
from pathlib import Path
from sweeper.record import RunDirectory, Study
from tests.record.made import SPACE, judged, outcome

for _ in sys.stdin:  # every line asks for a writer
    if os.fork() == 0:
        print(os.getpid(), flush=True)
        break
    print("ended", os.waitstatus_to_exitcode(os.wait()[1]), flush=True)
else:
    sys.exit()
"""
"""What all writers import, once; each of them is a process of its own and goes on below."""

WRITES_OUTCOMES = """
run = RunDirectory.open(Path(sys.argv[1]))
with run.lock():
    run.repair()
    done = len(run.outcomes())
    for seed in count(done):
        made = outcome(seed=seed, losses=[1 / 3] * 2000)
        run.save_outcome(made)
        run.add_seconds(1.0)
        print(made.probe.id, flush=True)
"""

ADDS_TRIALS = """
at = sys.argv[1] if "://" in sys.argv[1] else Path(sys.argv[1])
study = Study.open(at=at, name="digits", run_id="run1", space=SPACE)
for seed in count(len(study.known_ids())):
    made = judged(seed=seed, losses=[1 / 3] * 20)
    study.add(made, 0.5)
    print(made.outcome.probe.id, flush=True)
"""


@contextmanager
def writers(script, argument):
    """Starts writers that are killed; each gives the ids that it printed before."""
    command = [sys.executable, "-c", BEGINS + script, str(argument)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def reported_until_killed(life_s):
            print(file=process.stdin, flush=True)
            pid, first = int(process.stdout.readline()), process.stdout.readline()
            time.sleep(life_s)
            os.kill(pid, signal.SIGKILL)
            rest = list(iter(process.stdout.readline, f"ended {-signal.SIGKILL}\n"))
            return {line.strip() for line in (first, *rest)}

        yield reported_until_killed
        process.stdin.close()


@pytest.fixture
def lives():
    chance = random.Random(7)
    return [chance.uniform(0, LONGEST_LIFE_S) for _ in range(KILLS)]


def test_every_reported_outcome_is_there_and_whole(tmp_path, lives):
    run = RunDirectory.create(tmp_path / "run", manifest())
    reported = set()
    with writers(WRITES_OUTCOMES, run.path) as reported_until_killed:
        for life_s in lives:
            reported |= reported_until_killed(life_s)
            kept = [one.probe.id for one in run.outcomes()]
            assert reported <= set(kept)
            assert len(kept) <= len(reported) + KILLS  # one may be kept and not yet reported when the kill comes
            assert all(one.curve.steps == 2000 for one in run.outcomes())
            assert len(reported) - KILLS <= run.seconds <= len(kept)
            with run.lock():
                assert run.repair() == ()
    assert len(reported) > KILLS


@pytest.mark.parametrize("kind", ["journal", "database"])
def test_every_reported_trial_is_there_once_and_whole(tmp_path, lives, kind):
    at = tmp_path / "study.journal" if kind == "journal" else f"sqlite:///{tmp_path / 'study.db'}"
    reported = set()
    with writers(ADDS_TRIALS, at) as reported_until_killed:
        for life_s in lives:
            reported |= reported_until_killed(life_s)
            with closing(Study.open(at=at, name="digits", run_id="run1", space=SPACE)) as study:
                assert reported <= study.known_ids()
    with read_by_optuna(at) as study:
        trials = study.trials
    assert len(trials) == len({trial.user_attrs["probe"] for trial in trials})
    assert [trial.number for trial in trials] == list(range(len(trials)))
    for trial in trials:
        assert trial.state is TrialState.COMPLETE
        assert len(trial.params) == 4
        assert len(trial.intermediate_values) == (20 if kind == "journal" else 10)
    assert len(reported) >= KILLS
