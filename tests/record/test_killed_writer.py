"""A writer that is killed at random instants: what it had reported as kept is there, and nothing is torn."""

import random
import signal
import subprocess
import sys
import time
from contextlib import closing

import pytest
from optuna.trial import TrialState

from sweeper.record import RunDirectory, Study
from tests.record.made import SPACE, manifest, read_by_optuna

pytestmark = pytest.mark.slow

KILLS = 10
LONGEST_LIFE_S = 0.3
"""Between the first thing kept and the kill: many writes."""

WRITES_OUTCOMES = """
import sys
from itertools import count
from pathlib import Path
from sweeper.record import RunDirectory
from tests.record.made import outcome

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
import sys
from itertools import count
from pathlib import Path
from sweeper.record import Study
from tests.record.made import SPACE, judged

at = sys.argv[1] if "://" in sys.argv[1] else Path(sys.argv[1])
study = Study.open(at=at, name="digits", run_id="run1", space=SPACE)
for seed in count(len(study.known_ids())):
    made = judged(seed=seed, losses=[1 / 3] * 20)
    study.add(made, 0.5)
    print(made.outcome.probe.id, flush=True)
"""


def reported_until_killed(script, argument, life_s):
    """The ids that the writer printed before it was killed."""
    with subprocess.Popen([sys.executable, "-c", script, str(argument)], stdout=subprocess.PIPE, text=True) as writer:
        first = writer.stdout.readline()
        time.sleep(life_s)
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read()
    assert writer.returncode == -signal.SIGKILL
    return {line for line in (first + rest).split("\n") if line}


@pytest.fixture
def lives():
    chance = random.Random(7)
    return [chance.uniform(0, LONGEST_LIFE_S) for _ in range(KILLS)]


def test_every_reported_outcome_is_there_and_whole(tmp_path, lives):
    run = RunDirectory.create(tmp_path / "run", manifest())
    reported = set()
    for life_s in lives:
        reported |= reported_until_killed(WRITES_OUTCOMES, run.path, life_s)
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
    for life_s in lives:
        reported |= reported_until_killed(ADDS_TRIALS, at, life_s)
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
