import contextlib
import math
import os
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState

from sweeper.errors import MachineError, UsageError
from sweeper.probes import OutcomeKind
from sweeper.record import Study, check_storage
from sweeper.record._storage import close, connect
from sweeper.space import OptimizerChoice
from sweeper.verdict import Label
from tests.record.made import SPACE, judged, read_by_optuna


@pytest.fixture(scope="module")
def empty_storage(tmp_path_factory):
    file = tmp_path_factory.mktemp("storage") / "empty.db"
    check_storage(f"sqlite:///{file}")
    return file


@pytest.fixture
def url(tmp_path, empty_storage):
    shutil.copy(empty_storage, tmp_path / "study.db")  # making the tables takes longer than most tests
    return f"sqlite:///{tmp_path / 'study.db'}"


@pytest.fixture(params=["journal", "database"])
def at(request, tmp_path):
    return tmp_path / "study.journal" if request.param == "journal" else request.getfixturevalue("url")


@contextlib.contextmanager
def study_at(at, *, name="digits", run_id="run1", space=SPACE):
    with contextlib.closing(Study.open(at=at, name=name, run_id=run_id, space=space)) as study:
        yield study


def only_trial(at):
    with read_by_optuna(at) as study:
        (trial,) = study.trials
    return trial


def test_a_probe_is_a_complete_trial_with_its_axes_verdict_and_curve(at):
    with study_at(at) as study:
        study.add(judged(losses=(2.0, 1.5, 1.0)), 1.2)
    trial = only_trial(at)
    assert trial.state is TrialState.COMPLETE
    assert trial.value == 1.2
    assert trial.params == {"optimizer": "adam", "learning_rate": 1e-3, "batch_size": 16, "seed": 0}
    assert trial.intermediate_values == {1: 2.0, 2: 1.5, 3: 1.0}
    assert trial.user_attrs == {
        "run": "run1",
        "probe": "adam-lr0.001-b16-s0-n20",
        "outcome": "completed",
        "verdict": "healthy",
        "evidence": "the loss fell by half",
        "curve": "probes/adam-lr0.001-b16-s0-n20.json",
        "steps": 3,
        "seconds": 1.5,
    }
    assert round(trial.duration.total_seconds(), 1) == 1.5


def test_a_diverged_probe_is_a_complete_trial_with_a_finite_value(at):
    with study_at(at) as study:
        study.add(judged(Label.DIVERGED, losses=(2.0, 1e30, math.nan)), math.nan)
    trial = only_trial(at)
    assert (trial.state, trial.value) == (TrialState.COMPLETE, 2.0)
    assert trial.intermediate_values == {1: 2.0, 2: 1e30}


@pytest.mark.parametrize("kind", [OutcomeKind.CRASHED, OutcomeKind.OOM, OutcomeKind.TIMEOUT, OutcomeKind.ERROR])
def test_a_probe_that_taught_nothing_is_a_failed_trial_that_says_why(at, kind):
    with study_at(at) as study:
        study.add(judged(losses=(), kind=kind, cause="signal 11"), None)
    trial = only_trial(at)
    assert (trial.state, trial.values) == (TrialState.FAIL, None)
    assert trial.user_attrs["outcome"] == kind
    assert trial.user_attrs["cause"] == "signal 11"
    assert "verdict" not in trial.user_attrs


def test_every_axis_is_in_the_importances_that_optuna_computes(at):
    with study_at(at) as study:
        study.add(judged(), 1.0)
        study.add(judged(Label.DIVERGED, rate=1e-1, optimizer="script", batch_size=64, seed=1), None)
    with read_by_optuna(at) as study:
        shared = optuna.search_space.intersection_search_space(study.trials)
    assert shared.keys() == {"optimizer", "learning_rate", "batch_size", "seed"}


def test_the_probes_of_the_run_are_known_again_when_it_is_resumed(at):
    first, second = judged(), judged(rate=1e-2)
    with study_at(at) as study:
        assert study.known_ids() == frozenset()
        study.add(first, 1.0)
    with study_at(at) as study:
        assert study.known_ids() == {first.outcome.probe.id}
        study.add(second, 1.0)
        assert study.known_ids() == {first.outcome.probe.id, second.outcome.probe.id}


def test_two_runs_in_one_study_do_not_know_each_other(at):
    with study_at(at) as study:
        study.add(judged(), 1.0)
    with study_at(at, run_id="run2") as study:
        assert study.name == "digits"
        assert study.known_ids() == frozenset()
        study.add(judged(), 1.0)
    with read_by_optuna(at) as study:
        assert [trial.user_attrs["run"] for trial in study.trials] == ["run1", "run2"]


def test_rates_sizes_and_seeds_off_the_axes_are_taken(at):
    with study_at(at) as study:
        study.add(judged(), 1.0)
        study.add(judged(rate=1e3, batch_size=4096, seed=99), 1.0)
    with study_at(at) as study:
        assert (study.name, len(study.known_ids())) == ("digits", 2)


def test_another_order_of_the_optimizers_is_the_same_axis(at):
    with study_at(at) as study:
        study.add(judged(), 1.0)
    with study_at(at, space=replace(SPACE, optimizers=SPACE.optimizers[::-1])) as study:
        assert study.name == "digits"


def test_a_longer_optimizer_axis_goes_to_a_study_of_its_own_and_is_found_there_again(at):
    longer = replace(SPACE, optimizers=(*SPACE.optimizers, OptimizerChoice(label="sgd", name="sgd")))
    with study_at(at) as study:
        study.add(judged(), 1.0)
    for known in (0, 1):
        with study_at(at, space=longer) as study:
            assert study.name == "digits-2"
            assert len(study.known_ids()) == known
            study.add(judged(optimizer="sgd"), 1.0)


def test_a_study_that_maximises_is_left_alone(at):
    storage = connect(at)
    optuna.create_study(storage=storage, study_name="digits", direction="maximize")
    close(storage)
    with study_at(at) as study:
        assert study.name == "digits-2"


def test_nothing_is_printed_and_the_verbosity_of_optuna_stays(at, capfd):
    before = optuna.logging.get_verbosity()
    with study_at(at) as study:
        study.add(judged(), 1.0)
    assert optuna.logging.get_verbosity() == before
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("url", ["study.db", "nosuch://me:secret@host/db", "", "postgresql://me:secret@host:port/db"])
def test_what_is_not_the_url_of_a_database_is_a_usage_error(url):
    with pytest.raises(UsageError, match="is not a storage URL") as caught:
        check_storage(url)
    assert "secret" not in str(caught.value)


def test_a_hidden_password_has_to_be_given_again():
    with pytest.raises(UsageError, match=r"Give the whole URL again with --storage"):
        check_storage("postgresql://me:***@host/db")


def test_a_missing_database_package_is_named():
    with pytest.raises(MachineError, match=r"oracledb://me:\*\*\*@host.* needs a package.*oracledb"):
        check_storage("oracle+oracledb://me:secret@host/db")


def test_a_database_that_cannot_be_opened_is_a_machine_error(tmp_path):
    with pytest.raises(MachineError, match=r"cannot open storage sqlite:///.*gone/study.db: unable to open database"):
        check_storage(f"sqlite:///{tmp_path}/gone/study.db")
    (tmp_path / "text.db").write_text("this is not a database, but a text that is long enough\n" * 20)
    with pytest.raises(MachineError, match="file is not a database"):
        check_storage(f"sqlite:///{tmp_path}/text.db")


def test_a_storage_that_can_be_opened_passes(url):
    check_storage(url)


def test_a_storage_that_fails_later_is_a_machine_error_that_says_how_to_go_on(url, tmp_path):
    with study_at(url) as study:
        with contextlib.closing(sqlite3.connect(tmp_path / "study.db")) as other:
            other.execute("DELETE FROM studies")
            other.commit()
        with pytest.raises(MachineError, match=r"cannot add probe adam-.* to study 'digits' at .*sweeper resume"):
            study.add(judged(), 1.0)


def test_a_line_that_a_kill_left_unfinished_goes_with_its_lock(tmp_path):
    file = tmp_path / "study.journal"
    with study_at(file) as study:
        study.add(judged(), 1.0)
        study.add(judged(rate=1e-2), 1.0)
    os.truncate(file, file.stat().st_size - 100)
    (tmp_path / "study.journal.lock").touch()
    with study_at(file) as study:
        assert study.known_ids() == {judged().outcome.probe.id}
        study.add(judged(rate=1e-2), 1.0)
    with read_by_optuna(file) as study:
        assert [trial.params["learning_rate"] for trial in study.trials] == [1e-3, 1e-2]


@pytest.mark.parametrize("text", ["no\njournal\n", "\0" * 100 + "\n{}\n", "1\n", '{"op_code": 4, "study_id": 0}\n'])
def test_a_journal_that_cannot_be_read_begins_again(tmp_path, text):
    file = tmp_path / "study.journal"
    file.write_text(text)
    with study_at(file) as study:
        assert study.known_ids() == frozenset()
        study.add(judged(), 1.0)
    assert only_trial(file).value == 1.0


def test_a_journal_that_cannot_be_opened_is_a_machine_error(tmp_path):
    with pytest.raises(MachineError, match=r"cannot open .*gone/study.journal: .*No such file"):
        connect(tmp_path / "gone" / "study.journal")


def test_a_database_gets_fewer_points_of_a_curve(at):
    with study_at(at) as study:
        study.add(judged(losses=[1.0 / step for step in range(1, 201)]), 1.0)
    points = only_trial(at).intermediate_values
    assert len(points) == (50 if isinstance(at, Path) else 10)
    assert (min(points), max(points)) == (1, 200)
