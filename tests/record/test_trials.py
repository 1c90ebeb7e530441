"""Both ways to the trials of a study do the same: by the tables of the database, and by Optuna's own functions."""

import contextlib
import math

import optuna
import pytest
import sqlalchemy

from sweeper.probe import OutcomeKind
from sweeper.record._trial import trial_of
from sweeper.record._trials import StudyTrials, TableTrials, trials_of
from sweeper.verdict import Label
from tests.record.made import SPACE, judged

PROBES = (
    (judged(losses=(2.0, 1.5, 1.0)), 1.2),
    (judged(Label.DIVERGED, rate=0.1, losses=(2.0, 1e30, math.nan)), math.nan),
    (judged(rate=0.01, losses=(), kind=OutcomeKind.CRASHED, cause="signal 11"), None),
    (judged(rate=1e3, optimizer="script", batch_size=4096, seed=99), 0.5),
)


@pytest.fixture
def storage(tmp_path):
    made = optuna.storages.RDBStorage(f"sqlite:///{tmp_path / 'study.db'}")
    yield made
    made.remove_session()
    made.engine.dispose()


def trials(run_id="run1"):
    return [trial_of(one, final_loss=loss, space=SPACE, run_id=run_id) for one, loss in PROBES]


def both(storage):
    tables = optuna.create_study(storage=storage, study_name="tables")
    functions = optuna.create_study(storage=storage, study_name="functions")
    return tables, functions, trials_of(tables, storage), StudyTrials(functions)


def test_both_leave_the_same_trials(storage):
    tables, functions, quick, slow = both(storage)
    assert isinstance(quick, TableTrials)
    added = trials()
    quick.add(added[:3])
    quick.add(added[3:])
    slow.add(added)
    for ours, theirs in zip(tables.trials, functions.trials, strict=True):
        ours._trial_id = theirs._trial_id
        assert ours == theirs
    assert tables.best_trial.number == functions.best_trial.number == 3
    assert tables.trials[0].datetime_start == added[0].datetime_start


def test_both_know_the_same_distributions_and_attributes(storage):
    _, _, *members = both(storage)
    for member in members:
        member.add(trials())
        member.add(trials("run2")[:1])
    first, second = members
    assert first.distributions() == second.distributions()
    assert {name for name, _ in first.distributions()} == {"optimizer", "learning_rate", "batch_size", "seed"}
    for run_id, number in (("run1", 4), ("run2", 1), ("run3", 0)):
        known = [member.attributes("probe", where=("run", run_id)) for member in members]
        assert known[0] == known[1]
        assert len(known[0]) == number


def test_trials_of_other_studies_do_not_count(storage):
    tables, _, quick, slow = both(storage)
    slow.add(trials())
    quick.add(trials())
    assert [trial.number for trial in tables.trials] == [0, 1, 2, 3]


def test_optuna_goes_on_where_the_tables_end(storage):
    tables, _, quick, _ = both(storage)
    quick.add(trials())
    tables.add_trial(trials()[0])
    quick.add(trials()[:1])
    assert [trial.number for trial in tables.get_trials()] == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("change", ["UPDATE version_info SET schema_version = 99", "DROP TABLE trial_values"])
def test_tables_of_another_layout_are_left_to_optuna(storage, change):
    study = optuna.create_study(storage=storage)
    with storage.engine.begin() as connection:
        connection.execute(sqlalchemy.text(change))
    assert isinstance(trials_of(study, storage), StudyTrials)


def test_a_transaction_that_fails_leaves_nothing(storage):
    tables, _, quick, _ = both(storage)
    bad = trials()
    bad[-1]._user_attrs = {"probe": object()}
    with contextlib.suppress(TypeError):
        quick.add(bad)
    assert tables.trials == []
