import contextlib
import sqlite3
import subprocess
import sys
from itertools import count

import pytest

from sweeper.record import Study, StudyWriter, check_storage
from tests.record.made import SPACE, judged, read_by_optuna

PROBES = tuple((judged(seed=seed), 1.0) for seed in range(5))


def writer_to(at, told):
    return StudyWriter(at=at, name="digits", run_id="run1", space=SPACE, tell=told.append)


def close(writer, *, stopped=False):
    waited = []
    writer.close(stopped=lambda: stopped, waits=lambda: waited.append("waits"))
    return waited


@pytest.fixture
def file(tmp_path):
    return tmp_path / "study.journal"


def test_what_is_added_is_in_the_study_once_it_is_closed(file):
    told = []
    writer = writer_to(file, told)
    writer.add(PROBES[:3])
    writer.add(PROBES[3:])
    close(writer)
    with read_by_optuna(file) as study:
        assert [trial.params["seed"] for trial in study.trials] == [0, 1, 2, 3, 4]
    assert told == []


def test_probes_that_the_study_has_are_left_out(file):
    with contextlib.closing(Study.open(at=file, name="digits", run_id="run1", space=SPACE)) as study:
        study.add(*PROBES[1])
    writer = writer_to(file, [])
    writer.add(PROBES[:3])
    writer.add(PROBES[:2])
    close(writer)
    with read_by_optuna(file) as study:
        assert [trial.params["seed"] for trial in study.trials] == [1, 0, 2]


def test_a_storage_that_fails_is_told_of_once(file):
    told = []
    file.mkdir()
    writer = writer_to(file, told)
    for one in PROBES:
        writer.add([one])
    assert close(writer) == []
    assert [text[:11] for text in told] == ["cannot open"]


def test_nobody_who_has_asked_to_stop_waits_for_a_storage(tmp_path):
    url = f"sqlite:///{tmp_path / 'study.db'}"
    check_storage(url)
    told = []
    with contextlib.closing(sqlite3.connect(tmp_path / "study.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        writer = writer_to(url, told)
        writer.add(PROBES)
        assert close(writer, stopped=True) == ["waits"]
        other.execute("ROLLBACK")
    assert told == [f"study 'digits' at {url} does not have every probe yet; `sweeper resume` adds the others"]
    writer._thread.join()
    with read_by_optuna(url) as study:
        assert study.trials == []


def test_a_database_that_is_busy_is_waited_for(tmp_path):
    url = f"sqlite:///{tmp_path / 'study.db'}"
    check_storage(url)
    looks = count()
    with contextlib.closing(sqlite3.connect(tmp_path / "study.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        writer = writer_to(url, [])
        writer.add(PROBES)

        def frees_it_at_the_third_look():
            if next(looks) == 2:
                other.execute("ROLLBACK")
            return False

        writer.close(stopped=frees_it_at_the_third_look, waits=lambda: None)
    with read_by_optuna(url) as study:
        assert len(study.trials) == 5


BOTH_IMPORT = """
import sys
import threading
from pathlib import Path
from sweeper.record import StudyWriter, load_optuna
from sweeper.space import OptimizerChoice, Space

space = Space(
    optimizers=(OptimizerChoice(label="sgd", name="sgd"),),
    learning_rates=(0.1,), batch_sizes=(16,), seeds=(0,), steps=(20,),
)
threading.Thread(target=load_optuna).start()
writer = StudyWriter(at=Path(sys.argv[1]), name="digits", run_id="run1", space=space, tell=print)
writer.close(stopped=lambda: False, waits=lambda: None)
"""


def test_a_study_can_be_opened_while_another_thread_imports_optuna(file):
    done = subprocess.run([sys.executable, "-c", BOTH_IMPORT, file], capture_output=True, text=True, check=True)
    assert done.stdout + done.stderr == ""
    with read_by_optuna(file) as study:
        assert study.trials == []
